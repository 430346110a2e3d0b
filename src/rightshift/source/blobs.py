"""Layers that lie in regular files on this machine, as blobs. Those of a registry: `registries/client`."""

import os
from collections.abc import Callable, Iterable

from rightshift.source.manifest import Part
from rightshift.tree.material import Blob


class Window:
    """`size_bytes` bytes of a file from `offset` on, read from front to end; somebody else closes the descriptor."""

    __slots__ = ("_at", "_end", "_fd")

    def __init__(self, fd: int, offset: int, size_bytes: int) -> None:
        self._fd, self._at, self._end = fd, offset, offset + size_bytes

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end. Raises OSError."""
        chunk = os.pread(self._fd, max(0, min(size, self._end - self._at)), self._at)
        self._at += len(chunk)
        return chunk

    def close(self) -> None:
        """Nothing to give back."""


def in_file(part: Part, fd: int, offset: int, size_bytes: int) -> Blob:
    """A layer whose blob lies behind a descriptor that stays open as long as the material."""
    return Blob(
        layer=part.layer,
        media_type=part.media_type,
        open=lambda: Window(fd, offset, size_bytes),
        fd=fd,
        offset=offset,
    )


def closing(descriptors: Iterable[int]) -> Callable[[], None]:
    """A function that closes these descriptors, however often it is called."""
    left = list(descriptors)

    def close() -> None:
        while left:
            os.close(left.pop())

    return close
