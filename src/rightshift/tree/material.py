"""Something at hand that can be scanned: what `source` gives and `scan` reads. Reading it: `root.py`, `layers.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from rightshift.model.inventory import Gap, Layer, Subject


class Readable(Protocol):
    """Bytes from front to end, as they are stored or sent: still compressed, not yet verified."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end. Raises OSError, or a `RightshiftError` that says what broke off."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """
    One layer as a stream that proves itself by `layer.digest`; `layer.diff_id` is what the image's config claims.

    `local` is a path or descriptor of a regular file with the blob at `offset`, where it lies on this machine: then it
    can be read at any place. `open` works for all; it is called at most once, in the process that made the material.
    """

    layer: Layer
    media_type: str
    open: Callable[[], Readable]
    fd: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffDirectory:
    """One layer as an unpacked directory of a local store, with overlayfs' marks for what it removes."""

    layer: Layer
    fd: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageMaterial:
    """An image: layers from the base up. `gaps` are layers or parts that could not be had."""

    subject: Subject
    layers: tuple[Blob | DiffDirectory, ...]
    gaps: tuple[Gap, ...] = ()
    close: Callable[[], None] = field(default=lambda: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeMaterial:
    """A directory on disk: a checkout, the root of a host or of a container. `fd` is open on it."""

    subject: Subject
    fd: int
    skip: tuple[tuple[str, str], ...] = ()
    """Folders below it that are left out, each with the reason: stores of container runtimes."""
    one_file_system: bool = False
    close: Callable[[], None] = field(default=lambda: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMaterial:
    """A single regular file by itself: a jar, a lock file, a binary, a plain tar or zip of a tree, an SBOM."""

    subject: Subject
    fd: int
    name: str
    size_bytes: int
    close: Callable[[], None] = field(default=lambda: None)


Material = ImageMaterial | TreeMaterial | FileMaterial
