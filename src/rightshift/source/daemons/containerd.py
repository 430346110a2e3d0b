"""Images in containerd's store: names in its database, layers as snapshots, or as blobs where those are kept."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rightshift.errors import SourceError
from rightshift.model.inventory import Gap, Layer, Subject
from rightshift.source import below, blobs, digest, manifest
from rightshift.source.daemons import bolt, store
from rightshift.source.daemons.bolt import Bucket
from rightshift.source.daemons.store import Opened, Parts
from rightshift.source.manifest import Descriptor, Image, Part
from rightshift.source.platforms import Platform
from rightshift.source.reference import Reference
from rightshift.tree.material import Blob, DiffDirectory, ImageMaterial

_DATABASE = "io.containerd.metadata.v1.bolt/meta.db"
_SNAPSHOTTER = "io.containerd.snapshotter.v1.overlayfs"
_CONTENT = "io.containerd.content.v1.content/blobs"


def find(asked: Reference, roots: Sequence[Path], wanted: Platform | None, only: bytes = b"") -> ImageMaterial | None:
    """
    An image by name or digest in any namespace (or `only` one), else a container by id; None when there is neither.

    Raises:
        SourceError: a store may not be read, or what stands in it is not sound.
    """
    for root in roots:
        with store.opened(root) as opened:
            if opened is None:
                continue
            found = _find(opened, asked, wanted, only)
            if found:
                return found
            opened.close()
    return None


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the database says of an image, or of a container: then `changes` names the snapshot on top of its image."""

    names: tuple[str, ...]
    target: Descriptor
    changes: bytes = b""


def _find(opened: Opened, asked: Reference, wanted: Platform | None, only: bytes) -> ImageMaterial | None:
    try:
        fd = opened.file(_DATABASE)
    except FileNotFoundError:
        return None
    try:
        entry = bolt.read(fd, lambda root: _entry(root, asked, only))
        if entry is None:
            return None
        found = manifest.resolve(
            entry.target, lambda part, kind: _document(opened, part, manifest.LIMITS[kind]), wanted
        )
        layers, gaps = _layers(opened, fd, found)
        if entry.changes:
            number = _numbers(opened, (entry.changes,)).get(entry.changes, "")
            try:
                layers = (*layers, store.changes(opened.folder(f"{_SNAPSHOTTER}/snapshots/{number}/fs")))
            except FileNotFoundError:
                gaps = (*gaps, Gap("", "the container's own changes are not in containerd's store"))
    except (bolt.MalformedBolt, OSError) as error:
        raise SourceError(f"containerd's database can't be read: {error}") from error
    subject = Subject(
        kind="container" if entry.changes else "image",
        name=asked.text,
        id="" if entry.changes else found.id,
        aliases=() if entry.changes else found.aliases,
        tags=entry.names,
        architecture=found.config.platform.architecture,
        os=found.config.platform.os,
        created=found.config.created,
    )
    return ImageMaterial(subject=subject, layers=layers, gaps=(*found.gaps, *gaps), close=opened.close)


def _entry(root: Bucket, asked: Reference, only: bytes) -> _Entry | None:
    """An image by its name, else by its digest, else a container by its id, from the first namespace that has it."""
    top = root.bucket(b"v1")
    for space in (only,) if only else tuple(top.keys()) if top else ():
        images = top.bucket(space, b"images") if top else None
        if top is None or images is None:
            continue
        for name in _candidates(asked):
            target = images.bucket(name.encode(), b"target")
            if target is not None:
                return _Entry((name,), _descriptor(target))
        found = _by_digest(images, asked) or _container(top, space, images, asked)
        if found:
            return found
    return None


def _candidates(asked: Reference) -> Iterator[str]:
    """Names that an image may have there; the kubelet also calls one by its config's digest."""
    if asked.container.startswith("sha256:"):
        yield asked.container
    if asked.image is None:
        return
    full = f"{asked.image.host}/{asked.image.repository}"
    if asked.image.digest:
        yield f"{full}@{asked.image.digest}"
    else:
        yield f"{full}:{asked.image.tag}"


def _by_digest(images: Bucket, asked: Reference) -> _Entry | None:
    """An image whose name holds another tag or none, but whose digest is the one that was asked for."""
    wanted = asked.image.digest if asked.image and asked.image.digest else ""
    if not wanted and asked.container.startswith("sha256:"):
        wanted = asked.container
    if not wanted:
        return None
    names, found = [], None
    for key in images.keys():  # noqa: SIM118 - a bucket is no mapping
        target = images.bucket(key, b"target")
        if target is not None and target.value(b"digest").decode("utf-8", "replace") == wanted:
            names.append(key.decode("utf-8", "replace"))
            found = _descriptor(target)
    return _Entry(tuple(names), found) if found else None


def _container(top: Bucket, space: bytes, images: Bucket, asked: Reference) -> _Entry | None:
    containers = top.bucket(space, b"containers")
    if containers is None or not store.is_id(asked.container):
        return None
    name = store.begins([key.decode("utf-8", "replace") for key in containers.keys()], asked.container)  # noqa: SIM118
    row = containers.bucket(name.encode()) if name else None
    if row is None:
        return None
    if row.value(b"snapshotter") != b"overlayfs":
        kind = row.value(b"snapshotter").decode("utf-8", "replace")[:40]
        raise SourceError(f"containerd keeps the container {name[:12]} by {kind}, which can't be read")
    target = images.bucket(row.value(b"image"), b"target")
    snapshot = top.bucket(space, b"snapshots", b"overlayfs", row.value(b"snapshotKey"))
    if target is None or snapshot is None:
        raise SourceError(f"containerd no longer has the image or the changes of the container {name[:12]}")
    image = row.value(b"image").decode("utf-8", "replace")
    return _Entry((image,), _descriptor(target), snapshot.value(b"name"))


def _descriptor(target: Bucket) -> Descriptor:
    return Descriptor(
        digest=target.value(b"digest").decode("utf-8", "replace"),
        size=_signed(target.value(b"size")),
        media_type=target.value(b"mediatype").decode("utf-8", "replace"),
    )


def _document(opened: Opened, part: Descriptor, limit_bytes: int) -> bytes:
    proof = digest.parse(part.digest)
    try:
        return below.read(opened.root, f"{_CONTENT}/{proof.algorithm}/{proof.hex}", limit_bytes)
    except FileNotFoundError as error:
        raise SourceError(
            f"containerd's store has no {proof}", means="It keeps another platform only, or lost parts of it"
        ) from error


def _layers(opened: Opened, database: int, found: Image) -> Parts:
    """Each layer as its snapshot, else as its blob: nodes of clusters often keep no blobs."""
    chains = tuple(store.chain_ids(found.config.diff_ids))
    places = _snapshots(opened, database, chains)
    by_diff = dict(zip(found.config.diff_ids, chains, strict=True))
    layers: list[Blob | DiffDirectory] = []
    gaps = []
    for part in found.parts:
        had = _snapshot(opened, part, places.get(by_diff.get(part.layer.diff_id, ""), "")) or _blob(opened, part)
        if had:
            layers.append(had)
        else:
            gaps.append(Gap("", "the layer is not in containerd's store", part.layer.digest))
    return tuple(layers), tuple(gaps)


def _snapshots(opened: Opened, database: int, chains: tuple[str, ...]) -> dict[str, str]:
    """Chain ids to the folders of their snapshots, through both databases."""
    names = bolt.read(database, lambda root: _snapshot_names(root, chains))
    numbers = _numbers(opened, tuple(names.values()))
    return {chain: numbers[name] for chain, name in names.items() if name in numbers}


def _numbers(opened: Opened, names: tuple[bytes, ...]) -> dict[bytes, str]:
    """The snapshotter's names of snapshots to the folders that it keeps them in."""
    try:
        fd = below.open_file(opened.root, f"{_SNAPSHOTTER}/metadata.db")
    except FileNotFoundError:
        return {}
    try:
        return bolt.read(fd, lambda root: _snapshot_numbers(root, names))
    finally:
        os.close(fd)


def _snapshot_names(root: Bucket, chains: tuple[str, ...]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    top = root.bucket(b"v1")
    for space in tuple(top.keys()) if top else ():
        snapshots = top.bucket(space, b"snapshots", b"overlayfs") if top else None
        for chain in chains if snapshots else ():
            row = snapshots.bucket(chain.encode()) if snapshots else None
            if row is not None and chain not in found and row.value(b"name"):
                found[chain] = row.value(b"name")
    return found


def _snapshot_numbers(root: Bucket, names: tuple[bytes, ...]) -> dict[bytes, str]:
    snapshots = root.bucket(b"v1", b"snapshots")
    found: dict[bytes, str] = {}
    for name in names if snapshots else ():
        row = snapshots.bucket(name) if snapshots else None
        if row is not None and row.value(b"id"):
            found[name] = str(_unsigned(row.value(b"id")))
    return found


def _snapshot(opened: Opened, part: Part, number: str) -> DiffDirectory | None:
    if not number:
        return None
    try:
        fd = opened.folder(f"{_SNAPSHOTTER}/snapshots/{number}/fs")
    except FileNotFoundError:
        return None
    layer = Layer("", part.layer.diff_id, part.layer.size_bytes, part.layer.created_by)
    return DiffDirectory(layer=layer, fd=fd)


def _blob(opened: Opened, part: Part) -> Blob | None:
    proof = digest.parse(part.layer.digest)
    try:
        fd = opened.file(f"{_CONTENT}/{proof.algorithm}/{proof.hex}")
    except FileNotFoundError:
        return None
    return blobs.in_file(part, fd, 0, os.fstat(fd).st_size)


def _unsigned(content: bytes) -> int:
    """Source: Go, encoding/binary, Uvarint."""
    number = 0
    for place, byte in enumerate(content[:10]):
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return number
    return 0


def _signed(content: bytes) -> int:
    """Source: Go, encoding/binary, Varint: zigzag."""
    number = _unsigned(content)
    return (number >> 1) ^ -(number & 1)
