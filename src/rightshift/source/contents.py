"""What lies where in a tar archive that holds an image, packed or not. What it means: `archive.py`."""

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

from rightshift.errors import Malformed, SourceError
from rightshift.source.blobs import Window
from rightshift.tree import inflate, tar
from rightshift.tree.entry import Limits

MEMBERS = 100_000
UNPACKED_BYTES = 64 << 30
RATIO_BYTES = 4 << 30
"""Unpacked bytes from which on a ratio is taken for a bomb's: layers of zeros are real, gigabytes of them are not."""
_KEPT_BYTES = 1 << 20
_KEPT_IN_ALL = 64 << 20
_LINKS = 8
_HEAD = 8
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file in an archive: where its bytes begin once the archive is unpacked, and how many they are."""

    offset: int
    size_bytes: int


class Contents:
    """
    The table of an archive, had by reading its headers once; of files with the same name the last counts.

    A packed archive is unpacked again for each large member, from where the last one ended if that is before it.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self.packed = _compression(fd) != "none"
        self._files: dict[str, Member] = {}
        self._links: dict[str, str] = {}
        self._kept: dict[int, bytes] = {}
        self._heads: dict[int, bytes] = {}
        self._parked: list[tar.Stream] = []
        self._lock = Lock()
        self._index()

    @staticmethod
    def names(fd: int) -> Iterator[str]:
        """
        Names of all members, as they come.

        Raises:
            SourceError: the archive can't be read on from here.
        """
        for member in _walk(_source(fd)):
            yield member.path

    def find(self, path: str) -> Member | None:
        """A regular file by its name; links of the archive are followed within it."""
        for _ in range(_LINKS):
            if path in self._files:
                return self._files[path]
            target = self._links.get(path)
            if target is None:
                return None
            path = posixpath.normpath(target)
        return None

    def read(self, member: Member) -> bytes:
        """All bytes of a member. Raises SourceError."""
        if member.offset in self._kept:
            return self._kept[member.offset]
        stream = self.open(member)
        chunks, left = [], member.size_bytes
        while left and (chunk := stream.read(min(left, 1 << 20))):
            chunks.append(chunk)
            left -= len(chunk)
        stream.close()
        if left:
            raise SourceError("The archive is cut off in the middle of a file")
        return b"".join(chunks)

    def head(self, member: Member) -> bytes:
        """The first bytes of a member, as many as tell how it is packed."""
        return self._heads[member.offset] if self.packed else os.pread(self._fd, _HEAD, member.offset)

    def open(self, member: Member) -> "Window | _Unpacking":
        """A member from front to end."""
        if not self.packed:
            return Window(self._fd, member.offset, member.size_bytes)
        with self._lock:
            fitting = [stream for stream in self._parked if stream.at <= member.offset]
            stream = max(fitting, key=lambda stream: stream.at, default=None)
            if stream is not None:
                self._parked.remove(stream)
        return _Unpacking(self, stream or _unpacked(self._fd), member)

    def park(self, stream: tar.Stream) -> None:
        """Takes back an unpacked stream, for the member behind the place where it is."""
        with self._lock:
            self._parked = [*self._parked, stream][-2:]

    def _index(self) -> None:
        source = _source(self._fd)
        size = os.fstat(self._fd).st_size
        kept = 0
        for member in _walk(source):
            self._files.pop(member.path, None)
            self._links.pop(member.path, None)
            if member.kind == tar.SYMLINK:
                self._links[member.path] = posixpath.join(posixpath.dirname(member.path), member.target)
            elif member.kind == tar.HARD_LINK:
                self._links[member.path] = member.target
            elif member.kind == tar.FILE and not member.sparse:
                self._files[member.path] = Member(member.at, member.size)
                if not self.packed:
                    if member.at + member.size > size:
                        raise SourceError(
                            "The archive is cut off", means=f"{member.path[:200]} is not there to its end"
                        )
                    continue
                keep = member.size <= _KEPT_BYTES and kept + member.size <= _KEPT_IN_ALL
                start = _taken(source, member.size if keep else min(_HEAD, member.size))
                self._heads[member.at] = start[:_HEAD]
                if keep:
                    kept += member.size
                    self._kept[member.at] = start


class _Unpacking:
    """One member of a packed archive."""

    def __init__(self, contents: Contents, stream: tar.Stream, member: Member) -> None:
        self._contents, self._stream = contents, stream
        self._start, self._end = member.offset, member.offset + member.size_bytes

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end. Raises SourceError."""
        try:
            there = self._stream.at >= self._start or self._stream.to(self._start)
            chunk = self._stream.take(max(0, min(size, self._end - self._stream.at))) if there else b""
        except Malformed as error:
            raise SourceError(f"The archive can't be unpacked: {str(error)[:200]}") from error
        if not chunk and size and self._stream.at < self._end:
            raise SourceError("The archive is cut off in the middle of a file")
        return chunk

    def close(self) -> None:
        """Leaves the stream for the next member."""
        self._contents.park(self._stream)


def _taken(source: tar.Stream | tar.Seekable, count: int) -> bytes:
    try:
        return source.take(count)
    except Malformed as error:
        raise SourceError(f"The archive can't be read: {str(error)[:200]}") from error


def _walk(source: tar.Stream | tar.Seekable) -> Iterator[tar.Member]:
    """Members that have a name inside the archive; others are no part of an image."""
    count = 0
    try:
        for member in tar.members(source, _LIMITS):
            count += 1
            if count > MEMBERS:
                raise SourceError(f"The archive has more than {MEMBERS} members")
            if isinstance(member, tar.Member):
                yield member
    except (Malformed, OSError) as error:
        raise SourceError(f"The archive can't be read: {str(error)[:200]}") from error


def _source(fd: int) -> tar.Stream | tar.Seekable:
    if _compression(fd) != "none":
        return _unpacked(fd)
    return tar.Seekable(os.fstat(fd).st_size, lambda at, count: os.pread(fd, count, at))


def _unpacked(fd: int) -> tar.Stream:
    packed = Window(fd, 0, os.fstat(fd).st_size)
    return tar.Stream(inflate.chunks(packed.read, _compression(fd), UNPACKED_BYTES, RATIO_BYTES))


def _compression(fd: int) -> inflate.Compression:
    return inflate.compression(os.pread(fd, 4, 0))
