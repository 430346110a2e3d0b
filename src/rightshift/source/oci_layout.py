"""Images in an OCI layout: a folder here, the inside of an archive by the same steps in `archive.py`."""

import os
from typing import Protocol

from rightshift.errors import SourceError
from rightshift.model.inventory import Gap, Subject
from rightshift.source import below, blobs, digest, manifest
from rightshift.source.manifest import Descriptor, Image, Part
from rightshift.source.platforms import Platform
from rightshift.tree.material import Blob, ImageMaterial

INDEX = "index.json"


class Layout(Protocol):
    """The files of a layout by their paths, wherever they lie."""

    def read(self, path: str, limit_bytes: int) -> bytes:
        """A whole file. Raises SourceError; FileNotFoundError when there is none."""

    def blob(self, part: Part, path: str) -> Blob:
        """A layer as a blob of the size that its descriptor says. Raises as `read`."""

    def close(self) -> None:
        """Gives back what is open."""


def open_layout(path: str, name: str, entry: str, wanted: Platform | None) -> ImageMaterial:
    """
    An image in the layout at `path`; `entry` is its name, its tag or its digest there, empty when there is one.

    Raises:
        SourceError: it is no layout, has no such image, or a document in it is not what its digest says.
    """
    return image(_Folder(below.open_root(path)), name, entry, wanted)


def image(layout: Layout, name: str, entry: str, wanted: Platform | None) -> ImageMaterial:
    """
    An image in any layout, which is closed with the material or when there is none.

    Raises:
        SourceError: as `open_layout`.
    """
    try:
        top = pick(_index(layout, name), entry, wanted, name)
        found = manifest.resolve(top, lambda part, kind: _document(layout, part, manifest.LIMITS[kind]), wanted)
        layers, gaps = _layers(layout, found)
    except BaseException:
        layout.close()
        raise
    return ImageMaterial(subject=subject(found, name), layers=layers, gaps=(*found.gaps, *gaps), close=layout.close)


def pick(entries: list[Descriptor], entry: str, wanted: Platform | None, name: str) -> Descriptor:
    """
    The entry of a layout's index that is meant.

    Raises:
        SourceError: none is, or several might be.
    """
    named = entries
    if entry:
        named = [found for found in entries if entry == found.digest or _is_called(found, entry)]
        if not named:
            raise SourceError(f"{name}: there is no image “{entry[:120]}” in it", means=_listed(entries))
    elif len({found.names for found in entries if found.names}) > 1:
        raise SourceError(
            f"{name} holds several images", means=_listed(entries), do="Write the name or digest after it: path:NAME"
        )
    if len(named) == 1:
        return named[0]
    return manifest.choose(named, wanted, name)


def subject(found: Image, name: str, tags: tuple[str, ...] = ()) -> Subject:
    """What an image's documents say of it; `tags` where its names stand elsewhere."""
    return Subject(
        kind="image",
        name=name,
        id=found.id,
        aliases=found.aliases,
        tags=tags or found.names,
        architecture=found.config.platform.architecture,
        os=found.config.platform.os,
        created=found.config.created,
    )


def blob_path(name: str) -> str:
    """
    Where a layout keeps the blob of a digest.

    Source: OCI image specification, image-layout.md, "Blobs".

    Raises:
        SourceError: it is no digest.
    """
    proof = digest.parse(name)
    return f"blobs/{proof.algorithm}/{proof.hex}"


def _index(layout: Layout, name: str) -> list[Descriptor]:
    try:
        content = layout.read(INDEX, manifest.MANIFEST_BYTES)
    except FileNotFoundError as error:
        raise SourceError(f"{name} is no OCI layout: it has no {INDEX}") from error
    return manifest.index(content, INDEX)


def _document(layout: Layout, descriptor: Descriptor, limit_bytes: int) -> bytes:
    path = blob_path(descriptor.digest)
    try:
        return layout.read(path, limit_bytes)
    except FileNotFoundError as error:
        raise SourceError(f"{path} is missing", means="The index names it, but the layout does not hold it") from error


def _layers(layout: Layout, found: Image) -> tuple[tuple[Blob, ...], tuple[Gap, ...]]:
    layers, gaps = [], []
    for part in found.parts:
        try:
            layers.append(layout.blob(part, blob_path(part.layer.digest)))
        except FileNotFoundError:
            gaps.append(Gap("", "the layer is not there", part.layer.digest))
    if gaps and not layers:
        raise SourceError("None of the image's layers is there", means="Nothing could be scanned")
    return tuple(layers), tuple(gaps)


def _is_called(found: Descriptor, entry: str) -> bool:
    return any(name == entry or name.endswith((f":{entry}", f"/{entry}")) for name in found.names)


def _listed(entries: list[Descriptor]) -> str:
    names = sorted({name for found in entries for name in found.names} or {found.digest for found in entries})
    return "It has: " + ", ".join(name[:120] for name in names[:20]) if names else "It has none"


class _Folder:
    """A layout that is a folder. Everything in it is a real folder or a regular file; links are refused."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._open: list[int] = []
        self._closed = False

    def read(self, path: str, limit_bytes: int) -> bytes:
        return below.read(self._root, path, limit_bytes)

    def blob(self, part: Part, path: str) -> Blob:
        fd = below.open_file(self._root, path)
        self._open.append(fd)
        size = os.fstat(fd).st_size
        if size != part.layer.size_bytes:
            raise SourceError(f"{path} has {size} bytes, and its descriptor says {part.layer.size_bytes}")
        return blobs.in_file(part, fd, 0, size)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            blobs.closing([self._root, *self._open])()
