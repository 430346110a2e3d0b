"""Images and containers in Docker's own store (overlay2), and in containerd's where Docker keeps them there."""

from collections.abc import Sequence
from pathlib import Path

from rightshift.errors import SourceError
from rightshift.model.inventory import Gap, Layer, Subject
from rightshift.source import below, digest, manifest
from rightshift.source.daemons import store
from rightshift.source.daemons.store import Opened
from rightshift.source.manifest import Config
from rightshift.source.platforms import Platform
from rightshift.source.reference import Reference
from rightshift.tree.material import DiffDirectory, ImageMaterial, TreeMaterial

_IMAGES = "image/overlay2"
_NAMESPACE = b"moby"


def find(
    asked: Reference, roots: Sequence[Path], containerd_roots: Sequence[Path], wanted: Platform | None
) -> ImageMaterial | TreeMaterial | None:
    """
    An image by name or id, else a container by name or id; None when Docker has neither here.

    Raises:
        SourceError: a store may not be read, or what stands in it is not sound.
    """
    for root in roots:
        with store.opened(root) as opened:
            if opened is None:
                continue
            found = _image(opened, asked) or _container(opened, asked)
            if found:
                return found
            opened.close()
    from rightshift.source.daemons import containerd

    places = (*(root / "containerd/daemon" for root in roots), *containerd_roots)
    return containerd.find(asked, places, wanted, only=_NAMESPACE)


def _image(opened: Opened, asked: Reference) -> ImageMaterial | None:
    names = _names(opened)
    found = ""
    if asked.image:
        name = store.familiar(asked.image)
        key = f"{name}@{asked.image.digest}" if asked.image.digest else f"{name}:{asked.image.tag}"
        found = names.get(key, "")
    if not found and asked.container and store.is_id(asked.container):
        hexes = opened.names(f"{_IMAGES}/imagedb/content/sha256")
        begun = store.begins(hexes, asked.container)
        found = f"sha256:{begun}" if begun else ""
    if not found:
        return None
    made, layers, gaps = _layers(opened, found)
    of_it = sorted(name for name, proof in names.items() if proof == found)
    subject = Subject(
        kind="image",
        name=asked.text,
        id=found,
        aliases=tuple(dict.fromkeys(name.partition("@")[2] for name in of_it if "@" in name)),
        tags=tuple(name for name in of_it if "@" not in name),
        architecture=made.platform.architecture,
        os=made.platform.os,
        created=made.created,
    )
    return ImageMaterial(subject=subject, layers=layers, gaps=gaps, close=opened.close)


def _names(opened: Opened) -> dict[str, str]:
    """Every name that Docker knows an image by, `name:tag` or `name@digest`, to the digest of its config."""
    content = opened.json(f"{_IMAGES}/repositories.json")
    repositories = content.get("Repositories") if isinstance(content, dict) else None
    found: dict[str, str] = {}
    for names in repositories.values() if isinstance(repositories, dict) else ():
        for name, proof in names.items() if isinstance(names, dict) else ():
            if isinstance(proof, str):
                found[str(name)] = proof
    return found


def _layers(opened: Opened, image: str) -> tuple[Config, tuple[DiffDirectory, ...], tuple[Gap, ...]]:
    proof = digest.parse(image)
    try:
        path = f"{_IMAGES}/imagedb/content/{proof.algorithm}/{proof.hex}"
        content = below.read(opened.root, path, manifest.CONFIG_BYTES)
    except FileNotFoundError as error:
        raise SourceError(f"Docker's store no longer has the config of {image}") from error
    if not proof.holds(content):
        raise SourceError(f"The config of {image} in Docker's store is not what its digest says")
    made = manifest.config(content)
    layers, gaps = [], []
    for layer, chain in zip(store.described(made), store.chain_ids(made.diff_ids), strict=True):
        try:
            layers.append(_layer(opened, layer, chain))
        except FileNotFoundError:
            gaps.append(Gap("", "the layer is not in Docker's store", layer.diff_id))
    return made, tuple(layers), tuple(gaps)


def _layer(opened: Opened, layer: Layer, chain: str) -> DiffDirectory:
    """Raises FileNotFoundError when it is not there."""
    place = f"{_IMAGES}/layerdb/sha256/{digest.parse(chain).hex}"
    name = opened.text(f"{place}/cache-id")
    if not name or opened.text(f"{place}/diff") != layer.diff_id:
        raise FileNotFoundError(place)
    size = opened.text(f"{place}/size")
    fd = opened.folder(f"overlay2/{store.safe(name, 'a layer')}/diff")
    known = int(size) if size.isascii() and size.isdigit() and len(size) < 19 else 0
    return DiffDirectory(layer=Layer("", layer.diff_id, known, layer.created_by), fd=fd)


def _container(opened: Opened, asked: Reference) -> ImageMaterial | TreeMaterial | None:
    if not asked.container:
        return None
    ids = [name for name in opened.names("containers") if store.is_id(name)]
    found = store.begins(ids, asked.container) if store.is_id(asked.container) else ""
    for name in () if found else ids:
        settings = opened.json(f"containers/{name}/config.v2.json", manifest.CONFIG_BYTES)
        if isinstance(settings, dict) and str(settings.get("Name", "")).lstrip("/") == asked.container:
            found = name
            break
    return _opened_container(opened, asked, found) if found else None


def _opened_container(opened: Opened, asked: Reference, name: str) -> ImageMaterial | TreeMaterial:
    settings = opened.json(f"containers/{name}/config.v2.json", manifest.CONFIG_BYTES)
    if not isinstance(settings, dict):
        raise SourceError(f"Docker's store has no settings of the container {name[:12]}")
    driver = settings.get("Driver")
    if driver != "overlay2":
        return _running(opened, asked, name, settings)
    made, layers, gaps = _layers(opened, str(settings.get("Image")))
    mount = opened.text(f"{_IMAGES}/layerdb/mounts/{name}/mount-id")
    try:
        top: tuple[DiffDirectory, ...] = (
            store.changes(opened.folder(f"overlay2/{store.safe(mount, 'a layer')}/diff")),
        )
    except FileNotFoundError:
        top, gaps = (), (*gaps, Gap("", "the container's own changes are not in Docker's store"))
    image = settings.get("Config")
    tag = str(image.get("Image") or "") if isinstance(image, dict) else ""
    subject = Subject(
        kind="container",
        name=asked.text,
        tags=(tag,) if tag else (),
        architecture=made.platform.architecture,
        os=made.platform.os,
        created=made.created,
    )
    return ImageMaterial(subject=subject, layers=(*layers, *top), gaps=gaps, close=opened.close)


def _running(opened: Opened, asked: Reference, name: str, settings: dict[str, object]) -> TreeMaterial:
    """A container of another storage driver: its root as its own processes see it, while it runs."""
    state = settings.get("State")
    pid = state.get("Pid") if isinstance(state, dict) else 0
    if not isinstance(pid, int) or pid <= 0:
        raise SourceError(
            f"The container {name[:12]} does not run, and Docker keeps it by {str(settings.get('Driver'))[:40]}",
            do="Start it, or scan its image from an archive: docker save",
        )
    opened.close()
    from rightshift.source import running

    return running.open_container(pid, name, asked.text)
