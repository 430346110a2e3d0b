"""A compressed stream in chunks, unpacked within bounds. What is in it: `tar.py`. Entries of zip archives: `zip.py`."""

from collections.abc import Callable, Iterator
from typing import Literal, Protocol, cast

from rightshift.errors import Malformed

READ_BYTES = 256 << 10
CHUNK_BYTES = 256 << 10
"""The largest chunk that is given, whatever the ratio; it stays in the second cache while it is hashed and read."""
WINDOW_BYTES = 128 << 20
"""The largest window of a zstd frame, which is memory: what `zstd --long` writes at most by default."""
BLOCK_BYTES = 128 << 10
BLOCKS_AT_ONCE = 2

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
SKIPPABLE = range(0x184D2A50, 0x184D2A60)

Compression = Literal["gzip", "zstd", "none"]


class MalformedStream(Malformed):
    """Not what its first bytes say, or damaged: what came before is good, the rest is lost."""


class CutOff(MalformedStream):
    """The stream ends before its compression says that it is whole."""


class TooLarge(MalformedStream):
    """It unpacks to more than is read: a bomb, or far more than a real layer holds."""


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def compression(head: bytes) -> Compression:
    """What the first four bytes say; a media type says what it likes."""
    if head[:2] == GZIP_MAGIC:
        return "gzip"
    return "zstd" if head[:4] == ZSTD_MAGIC or _is_skippable(head) else "none"


def chunks(read: Callable[[int], bytes], kind: Compression, limit_bytes: int, ratio_bytes: int) -> Iterator[bytes]:
    """
    The unpacked bytes of a stream, in chunks of at most `CHUNK_BYTES`.

    `limit_bytes` bounds what is unpacked; from `ratio_bytes` on also 200 times what was read, which only bombs reach.

    Raises: MalformedStream, and what `read` raises.
    Source: RFC 1952; RFC 8878, 3.1.
    """
    packed = unpacked = 0

    def counted(size: int) -> bytes:
        nonlocal packed
        chunk = read(size)
        packed += len(chunk)
        return chunk

    unpack = {"gzip": _gzip, "zstd": _zstd, "none": _plain}[kind]
    for chunk in unpack(counted):
        unpacked += len(chunk)
        if unpacked > limit_bytes:
            raise TooLarge(f"unpacks to more than {limit_bytes} bytes: the rest was not read")
        if unpacked > ratio_bytes and unpacked > 200 * packed:
            raise TooLarge(f"unpacks to more than 200 times its size and {ratio_bytes} bytes: the rest was not read")
        yield chunk


def _plain(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while chunk := read(READ_BYTES):
        yield chunk


def _gzip(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """All members. Zero bytes behind the last are padding."""
    unpacker, failure = _gzip_unpacker()
    fed = read(READ_BYTES)
    try:
        while True:
            chunk = unpacker.decompress(fed, CHUNK_BYTES)
            fed = b""
            if chunk:
                yield chunk
            if unpacker.eof:
                rest = unpacker.unused_data.lstrip(b"\0")
                while not rest and (more := read(READ_BYTES)):
                    rest = more.lstrip(b"\0")
                if not rest:
                    return
                fed = rest if len(rest) > 1 else rest + read(READ_BYTES)
                if fed[:2] != GZIP_MAGIC:
                    raise MalformedStream("behind the gzip data comes something else")
                unpacker, failure = _gzip_unpacker()
            elif unpacker.needs_input:
                fed = read(READ_BYTES)
                if not fed:
                    raise CutOff("the gzip data is cut off")
    except failure as error:
        raise MalformedStream(f"damaged gzip data: {error}") from error


def _gzip_unpacker() -> tuple[_Unpacker, type[Exception]]:
    """An unpacker of one member, and what it raises for damaged bytes."""
    try:
        from isal import igzip_lib
    except ImportError:
        import zlib

        return _Zlib(), zlib.error
    failure = cast("type[Exception]", igzip_lib.IsalError)  # its stub takes the class for an instance
    return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP), failure


class _Zlib:
    """zlib in the shape of the faster one, which machines without its wheel go without."""

    def __init__(self) -> None:
        import zlib

        self._unpacker = zlib.decompressobj(31)

    @property
    def eof(self) -> bool:
        return self._unpacker.eof

    @property
    def needs_input(self) -> bool:
        return not self._unpacker.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._unpacker.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._unpacker.decompress(self._unpacker.unconsumed_tail + data, max(max_length, 0))


def _zstd(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """
    All frames, skippable ones left out.

    The library is fed a few blocks at a time: a block is at most 128 KiB unpacked, while one read of packed bytes can
    hold thousands that each stand for as much.
    """
    import zstandard

    packed = _Packed(read)
    context = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES)
    try:
        while head := packed.peek(4):
            if _is_skippable(head):
                length = int.from_bytes(packed.take(8)[4:], "little")
                packed.skip(length)
                continue
            unpacker = context.decompressobj(write_size=CHUNK_BYTES)
            for piece in _blocks(packed):
                if chunk := unpacker.decompress(piece):
                    yield chunk
            if not unpacker.eof:
                raise MalformedStream("damaged zstd data: a frame that does not end where its last block does")
    except zstandard.ZstdError as error:
        raise MalformedStream(f"damaged zstd data: {error}") from error


def _is_skippable(head: bytes) -> bool:
    return len(head) >= 4 and int.from_bytes(head[:4], "little") in SKIPPABLE


def _blocks(packed: "_Packed") -> Iterator[bytes]:
    """One frame as its header, then a few whole blocks at a time, the last with the checksum."""
    if packed.peek(4) != ZSTD_MAGIC:
        raise MalformedStream("behind the zstd data comes something else")
    descriptor = packed.peek(5)[4:]
    if not descriptor:
        raise CutOff("the zstd data is cut off")
    flags = descriptor[0]
    single = flags >> 5 & 1
    header = 5 + (not single) + (0, 1, 2, 4)[flags & 3] + ((single, 2, 4, 8)[flags >> 6])
    pieces = [packed.take(header)]
    last = False
    while not last:
        mark = int.from_bytes(packed.peek(3), "little")
        last, kind, size = bool(mark & 1), mark >> 1 & 3, mark >> 3
        if kind == 3 or size > BLOCK_BYTES:
            raise MalformedStream("damaged zstd data: a block of no known kind or size")
        pieces.append(packed.take(3 + (1 if kind == 1 else size)))
        if last and flags & 4:
            pieces.append(packed.take(4))
        if last or len(pieces) >= BLOCKS_AT_ONCE:
            yield b"".join(pieces)
            pieces = []


class _Packed:
    """Packed bytes in the portions that a frame's blocks need."""

    __slots__ = ("_buffer", "_place", "_read")

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._buffer = b""
        self._place = 0

    def peek(self, count: int) -> bytes:
        """The next bytes, which stay there; fewer at the end."""
        while len(self._buffer) - self._place < count and (more := self._read(READ_BYTES)):
            self._buffer, self._place = self._buffer[self._place :] + more, 0
        return self._buffer[self._place : self._place + count]

    def take(self, count: int) -> bytes:
        """Raises CutOff when there are fewer."""
        found = self.peek(count)
        if len(found) < count:
            raise CutOff("the zstd data is cut off")
        self._place += count
        return found

    def skip(self, count: int) -> None:
        while count > 0:
            step = len(self.take(min(count, READ_BYTES)))
            count -= step
