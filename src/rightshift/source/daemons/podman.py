"""Images and containers in the stores of podman, buildah and CRI-O (containers/storage with overlay)."""

import base64
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rightshift.errors import SourceError
from rightshift.model.inventory import Gap, Layer, Subject
from rightshift.source import below, digest, manifest
from rightshift.source.daemons import store
from rightshift.source.daemons.store import Opened
from rightshift.source.documents import open_regular
from rightshift.source.manifest import Config
from rightshift.source.reference import Reference
from rightshift.tree.material import DiffDirectory, ImageMaterial

_SYSTEM = Path("/var/lib/containers/storage")
_PLAIN_KEY = re.compile(r"[a-z0-9.-]+")

Row = Mapping[str, object]


def find(asked: Reference, roots: Sequence[Path] | None) -> ImageMaterial | None:
    """
    An image by name or id, else a container by name or id; None when no store has either.

    Raises:
        SourceError: a store may not be read, or what stands in it is not sound.
    """
    for root in places(os.environ) if roots is None else roots:
        with store.opened(root) as opened:
            if opened is None:
                continue
            found = _image(opened, asked) or _container(opened, asked)
            if found:
                return found
            opened.close()
    return None


def places(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """
    This user's store, the system's, and further ones that storage.conf names.

    Source: containers-storage.conf(5), graphroot and additionalimagestores.
    """
    home = Path(environment.get("HOME") or "/nonexistent")
    data = Path(environment.get("XDG_DATA_HOME") or home / ".local/share")
    found = [data / "containers/storage", _SYSTEM]
    for conf in (Path("/etc/containers/storage.conf"), home / ".config/containers/storage.conf"):
        settings = _storage(conf)
        options = settings.get("options")
        more = options.get("additionalimagestores") if isinstance(options, dict) else ()
        named = (settings.get("graphroot"), *(more if isinstance(more, list) else ()))
        found += [Path(path) for path in named if isinstance(path, str) and path.startswith("/")]
    return tuple(dict.fromkeys(found))


def _storage(conf: Path) -> Row:
    import tomllib

    if not conf.is_file():
        return {}
    fd = open_regular(conf)
    try:
        content = tomllib.loads(below.read_descriptor(fd, str(conf), 1 << 20).decode())
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{conf} can't be read: {str(error)[:120]}", do="Correct the file") from error
    finally:
        os.close(fd)
    found = content.get("storage")
    return found if isinstance(found, dict) else {}


def _image(opened: Opened, asked: Reference) -> ImageMaterial | None:
    rows = _rows(opened, "overlay-images/images.json")
    found = next((row for row in rows if _is_meant(row, asked)), None)
    if found is None and asked.container and store.is_id(asked.container):
        begun = store.begins([_text(row, "id") for row in rows], asked.container)
        found = next((row for row in rows if begun and _text(row, "id") == begun), None)
    if found is None:
        return None
    made = _config(opened, found)
    layers, gaps = _layers(opened, _text(found, "layer"), made)
    subject = Subject(
        kind="image",
        name=asked.text,
        id=f"sha256:{_text(found, 'id')}",
        aliases=tuple(sorted(_digests(found))),
        tags=tuple(_texts(found, "names")),
        architecture=made.platform.architecture,
        os=made.platform.os,
        created=made.created,
    )
    return ImageMaterial(subject=subject, layers=layers, gaps=gaps, close=opened.close)


def _is_meant(row: Row, asked: Reference) -> bool:
    image = asked.image
    if image is None:
        return False
    names = _texts(row, "names")
    full = f"{image.host}/{image.repository}"
    short = f"localhost/{store.familiar(image)}"
    if image.digest:
        of_it = any(name.startswith((f"{full}:", f"{full}@")) for name in (*names, *_texts(row, "names-history")))
        return of_it and image.digest in _digests(row)
    return f"{full}:{image.tag}" in names or f"{short}:{image.tag}" in names


def _digests(row: Row) -> set[str]:
    """Digests of the image's manifests."""
    data = row.get("big-data-digests")
    named = data if isinstance(data, dict) else {}
    manifests = {value for key, value in named.items() if str(key).startswith("manifest") and isinstance(value, str)}
    return manifests | ({_text(row, "digest")} if _text(row, "digest") else set())


def _config(opened: Opened, row: Row) -> Config:
    """The config lies beside the manifest, under a name that stands for its digest."""
    name = _text(row, "id")
    proof = digest.parse(f"sha256:{name}")
    key = str(proof)
    file = key if _PLAIN_KEY.fullmatch(key) else "=" + base64.b64encode(key.encode()).decode()
    try:
        content = below.read(opened.root, f"overlay-images/{proof.hex}/{file}", manifest.CONFIG_BYTES)
    except FileNotFoundError as error:
        raise SourceError(f"The store has no config of the image {name[:12]}") from error
    if not proof.holds(content):
        raise SourceError(f"The config of the image {name[:12]} in the store is not what its digest says")
    return manifest.config(content)


def _layers(opened: Opened, top: str, made: Config) -> tuple[tuple[DiffDirectory, ...], tuple[Gap, ...]]:
    rows = {_text(row, "id"): row for row in _rows(opened, "overlay-layers/layers.json")}
    chain = list(_chain(rows, top))[::-1]
    if len(chain) != len(made.diff_ids):
        lost = f"the config names {len(made.diff_ids)} layers and the store has {len(chain)}"
        return _directories(opened, tuple((row, Layer("", _text(row, "diff-digest"))) for row in chain), Gap("", lost))
    return _directories(opened, tuple(zip(chain, store.described(made), strict=True)))


def _directories(
    opened: Opened, rows: tuple[tuple[Row, Layer], ...], *known: Gap
) -> tuple[tuple[DiffDirectory, ...], tuple[Gap, ...]]:
    layers, gaps = [], list(known)
    for row, layer in rows:
        if _text(row, "diff-digest") not in ("", layer.diff_id):
            raise SourceError(f"The store holds another layer than {layer.diff_id}")
        size = row.get("diff-size")
        named = Layer("", layer.diff_id, size if isinstance(size, int) and size > 0 else 0, layer.created_by)
        try:
            fd = opened.folder(f"overlay/{store.safe(_text(row, 'id'), 'a layer')}/diff")
        except FileNotFoundError:
            gaps.append(Gap("", "the layer is not in the store", layer.diff_id))
            continue
        layers.append(DiffDirectory(layer=named, fd=fd))
    return tuple(layers), tuple(gaps)


def _chain(rows: Mapping[str, Row], top: str) -> Iterator[Row]:
    """Layers from the top down; as many as an image may have, so a circle ends too."""
    name = top
    for _ in range(manifest.DESCRIPTORS):
        if not name:
            return
        if name not in rows:
            raise SourceError(f"The store has no layer {name[:12]}")
        yield rows[name]
        name = _text(rows[name], "parent")
    raise SourceError(f"The layers of the store below {top[:12]} lie in a circle")


def _container(opened: Opened, asked: Reference) -> ImageMaterial | None:
    if not asked.container:
        return None
    rows = _rows(opened, "overlay-containers/containers.json")
    rows += _rows(opened, "overlay-containers/volatile-containers.json")
    found = next((row for row in rows if asked.container in _texts(row, "names")), None)
    if found is None and store.is_id(asked.container):
        begun = store.begins([_text(row, "id") for row in rows], asked.container)
        found = next((row for row in rows if begun and _text(row, "id") == begun), None)
    if found is None:
        return None
    images = _rows(opened, "overlay-images/images.json")
    image = next((row for row in images if _text(row, "id") == _text(found, "image")), None)
    if image is None:
        raise SourceError(f"The store no longer has the image of the container {asked.container}")
    made = _config(opened, image)
    layers, gaps = _layers(opened, _text(image, "layer"), made)
    try:
        fd = opened.folder(f"overlay/{store.safe(_text(found, 'layer'), 'a layer')}/diff")
        layers = (*layers, store.changes(fd))
    except FileNotFoundError:
        gaps = (*gaps, Gap("", "the container's own changes are not in the store"))
    subject = Subject(
        kind="container",
        name=asked.text,
        tags=tuple(_texts(image, "names")),
        architecture=made.platform.architecture,
        os=made.platform.os,
        created=made.created,
    )
    return ImageMaterial(subject=subject, layers=layers, gaps=gaps, close=opened.close)


def _rows(opened: Opened, path: str) -> list[Row]:
    content = opened.json(path)
    return [row for row in content if isinstance(row, dict)] if isinstance(content, list) else []


def _text(row: Row, key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""


def _texts(row: Row, key: str) -> list[str]:
    value = row.get(key)
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
