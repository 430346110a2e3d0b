"""A regular file that can be read at any place: in memory, or behind a descriptor. Finding: `root.py`, `layers.py`."""

import os
from typing import Protocol, runtime_checkable


@runtime_checkable
class File(Protocol):
    """A regular file, open for as long as its reader runs. `path` is below the root and safe to show."""

    @property
    def path(self) -> str: ...
    @property
    def size(self) -> int: ...

    def pread(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; fewer at the end, none behind it. Raises OSError."""


class MemoryFile:
    """A file whose bytes are at hand."""

    __slots__ = ("_content", "path", "size")

    def __init__(self, path: str, content: bytes | memoryview) -> None:
        self.path = path
        self.size = len(content)
        self._content = content

    def pread(self, offset: int, length: int) -> bytes:
        return bytes(self._content[offset : offset + length]) if offset >= 0 else b""


class DescriptorFile:
    """`size` bytes from `base` on behind a descriptor that somebody else closes."""

    __slots__ = ("_base", "_fd", "path", "size")

    def __init__(self, path: str, fd: int, size: int, base: int = 0) -> None:
        self.path = path
        self.size = size
        self._fd = fd
        self._base = base

    def pread(self, offset: int, length: int) -> bytes:
        length = min(length, self.size - offset)
        return os.pread(self._fd, length, self._base + offset) if offset >= 0 and length > 0 else b""


class Within:
    """Part of another file as a file of its own, not copied: a stored entry, a member of an archive."""

    __slots__ = ("_at", "_outer", "path", "size")

    def __init__(self, path: str, outer: File, at: int, size: int) -> None:
        self.path = path
        self.size = max(0, min(size, outer.size - at))
        self._outer = outer
        self._at = at

    def pread(self, offset: int, length: int) -> bytes:
        length = min(length, self.size - offset)
        return self._outer.pread(self._at + offset, length) if offset >= 0 and length > 0 else b""


def write_all(fd: int, content: bytes) -> int:
    """Writes until nothing is left, and gives how much that was: a pipe takes what it has room for. Raises OSError."""
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]
    return len(content)


def read_whole(file: File, limit_bytes: int) -> bytes:
    """The bytes of a file, at most `limit_bytes` of them, also when it grew since it was listed. Raises OSError."""
    chunks, at = [], 0
    while at < min(file.size, limit_bytes) and (chunk := file.pread(at, min(file.size, limit_bytes) - at)):
        chunks.append(chunk)
        at += len(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
