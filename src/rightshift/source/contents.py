"""What lies where in a tar archive that holds an image, packed or not. What it means: `archive.py`."""

import io
import os
import posixpath
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

from rightshift.errors import SourceError
from rightshift.source import magic
from rightshift.source.blobs import Window

MEMBERS = 100_000
UNPACKED_BYTES = 64 << 30
_KEPT_BYTES = 1 << 20
_KEPT_IN_ALL = 64 << 20
_HEADER_BYTES = 1 << 20
_LINKS = 8
_HEAD = 8
_WINDOW_BYTES = 128 << 20


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


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
        self.packed = bool(_packing(fd))
        self._files: dict[str, Member] = {}
        self._links: dict[str, str] = {}
        self._kept: dict[int, bytes] = {}
        self._heads: dict[int, bytes] = {}
        self._parked: list[tuple[int, _Stream]] = []
        self._lock = Lock()
        self._index()

    @staticmethod
    def names(fd: int) -> Iterator[str]:
        """
        Names of all members, as they come.

        Raises:
            SourceError: the archive can't be read on from here.
        """
        for _, info in _walk(fd):
            yield posixpath.normpath(info.name)

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
            fitting = [parked for parked in self._parked if parked[0] <= member.offset]
            at, stream = max(fitting, key=lambda parked: parked[0], default=(0, None))
            if stream is None:
                stream = _unpacked(self._fd)
            else:
                self._parked.remove((at, stream))
        return _Unpacking(self, stream, at, member)

    def park(self, at: int, stream: _Stream) -> None:
        """Takes back an unpacked stream at a place, for the member behind it."""
        with self._lock:
            self._parked = [*self._parked, (at, stream)][-2:]

    def _index(self) -> None:
        size = os.fstat(self._fd).st_size
        kept = 0
        for archive, info in _walk(self._fd):
            name = posixpath.normpath(info.name)
            self._files.pop(name, None)
            self._links.pop(name, None)
            if info.issym():
                self._links[name] = posixpath.join(posixpath.dirname(name), info.linkname)
            elif info.islnk():
                self._links[name] = info.linkname
            elif info.isreg():
                member = self._files[name] = Member(info.offset_data, info.size)
                if not self.packed:
                    if member.offset + member.size_bytes > size:
                        raise SourceError("The archive is cut off", means=f"{name[:200]} is not there to its end")
                    continue
                keep = info.size <= _KEPT_BYTES and kept + info.size <= _KEPT_IN_ALL
                file = archive.extractfile(info)
                start = file.read(info.size if keep else _HEAD) if file else b""
                self._heads[member.offset] = start[:_HEAD]
                if keep:
                    kept += info.size
                    self._kept[member.offset] = start


class _Unpacking:
    """One member of a packed archive."""

    def __init__(self, contents: Contents, stream: _Stream, at: int, member: Member) -> None:
        self._contents, self._stream, self._at = contents, stream, at
        self._start, self._end = member.offset, member.offset + member.size_bytes

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end. Raises SourceError."""
        while self._at < self._start:
            self._take(min(self._start - self._at, 1 << 20))
        return self._take(min(size, self._end - self._at)) if self._at < self._end else b""

    def close(self) -> None:
        """Leaves the stream for the next member."""
        self._contents.park(self._at, self._stream)

    def _take(self, size: int) -> bytes:
        chunk = _guarded(self._stream, size)
        if not chunk:
            raise SourceError("The archive is cut off in the middle of a file")
        self._at += len(chunk)
        return chunk


class _Bounded(io.RawIOBase):
    """A stream for `tarfile` that refuses to give more at once than a header may have, and more than there may be."""

    def __init__(self, stream: _Stream, file: "_Seekable | None") -> None:
        super().__init__()
        self._stream, self._file, self._left = stream, file, UNPACKED_BYTES

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= _HEADER_BYTES:
            raise SourceError("The archive has a header that is too large")
        chunk = _guarded(self._stream, size)
        self._left -= len(chunk)
        if self._left < 0:
            raise SourceError(f"The archive unpacks to more than {UNPACKED_BYTES} bytes")
        return chunk

    def seek(self, offset: int, whence: int = 0, /) -> int:
        assert self._file is not None
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        assert self._file is not None
        return self._file.tell()


class _Seekable:
    """A file by its descriptor, with a place of its own."""

    def __init__(self, fd: int) -> None:
        self._fd, self._at = fd, 0

    def read(self, size: int, /) -> bytes:
        chunk = os.pread(self._fd, size, self._at)
        self._at += len(chunk)
        return chunk

    def seek(self, offset: int, whence: int) -> int:
        self._at = offset if whence == 0 else self._at + offset
        return self._at

    def tell(self) -> int:
        return self._at


def _walk(fd: int) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    file = None if _packing(fd) else _Seekable(fd)
    stream = _Bounded(file or _unpacked(fd), file)
    try:
        with tarfile.open(fileobj=stream, mode="r:" if file else "r|") as archive:
            for count, info in enumerate(archive):
                if count >= MEMBERS:
                    raise SourceError(f"The archive has more than {MEMBERS} members")
                archive.members = []  # type: ignore[attr-defined]
                yield archive, info
    except (tarfile.TarError, OSError, ValueError, EOFError, OverflowError, MemoryError) as error:
        raise SourceError(f"The archive can't be read: {str(error)[:120] or type(error).__name__}") from error


def _packing(fd: int) -> str:
    return magic.packing(os.pread(fd, 4, 0))


def _unpacked(fd: int) -> _Stream:
    source = io.BufferedReader(_Raw(fd), 1 << 18)
    if _packing(fd) == "zstd":
        import zstandard

        return zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES).stream_reader(source, read_across_frames=True)
    from isal import igzip

    file: _Stream = igzip.IGzipFile(fileobj=source)  # type: ignore[no-untyped-call]
    return file


class _Raw(io.RawIOBase):
    def __init__(self, fd: int) -> None:
        super().__init__()
        self._fd, self._at = fd, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # type: ignore[override]
        count = os.preadv(self._fd, [buffer], self._at)
        self._at += count
        return count


def _guarded(stream: _Stream, size: int) -> bytes:
    """Raises SourceError for whatever a damaged archive makes its unpacker say."""
    try:
        return stream.read(size)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise SourceError(f"The archive can't be unpacked: {str(error)[:120]}") from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] in ("zstandard", "isal"):
            raise SourceError(f"The archive can't be unpacked: {str(error)[:120]}") from error
        raise
