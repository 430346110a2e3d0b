"""The body of a request, unpacked in pieces and bounded at each: what came, what it unpacks to, and their ratio."""

import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import zstandard

from rightshift.errors import RightshiftError

MIB = 1 << 20
RATIO = 200
"""What JSON of ours packs to at most is a tenth of this; only what is made to fill memory goes beyond."""
RATIO_FROM = 8 * MIB
WINDOW_BYTES = 8 * MIB
"""Of zstd. RFC 8878, section 3.1.1.1.2, asks decoders for this much and no more."""
_BITE = 256
"""Of zstd at once: a block of zeros has 4 bytes and unpacks to 128 KiB, so this is at most 8 MiB."""
_PIECE = 16 << 10
"""At once, so that what it unpacks to holds nobody up for long."""


class BodyError(RightshiftError):
    """A body that is not taken; `status` is the answer's."""

    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status = status


@dataclass(frozen=True, slots=True)
class Limits:
    """In bytes: as it comes, and unpacked."""

    sent: int
    unpacked: int


@dataclass(slots=True)
class Room:
    """What the bodies under way in this process may take in all, unpacked."""

    most: int
    taken: int = 0

    @contextmanager
    def share(self) -> "Iterator[Share]":
        """Room for one body, given back at the end."""
        share = Share(self)
        try:
            yield share
        finally:
            self.taken -= share.taken


@dataclass(slots=True)
class Share:
    """The room that one body takes."""

    room: Room
    taken: int = 0

    def grow(self, size: int) -> None:
        """By so many bytes. Raises: BodyError (429)."""
        if self.room.taken + size > self.room.most:
            raise BodyError(429, "Too much is under way at once; send it again")
        self.room.taken += size
        self.taken += size


async def read(pieces: AsyncIterator[bytes], encoding: str, limits: Limits, share: Share) -> bytes:
    """
    The whole body, unpacked.

    Source: RFC 9110, section 8.4; RFC 8878. Raises: BodyError (415 for another encoding or several, 413 for what is too
    large, 400 for what can't be unpacked or is cut off, 429 where others take the room).
    """
    unpack = _unpacker(encoding.strip().lower())
    found, sent = BytesIO(), 0
    async for piece in pieces:
        for start in range(0, len(piece), _PIECE):
            part = piece[start : start + _PIECE]
            sent += len(part)
            if sent > limits.sent:
                raise BodyError(413, f"The body is larger than {limits.sent} bytes")
            # bounds each piece too: few bytes of a bomb unpack to gigabytes
            room = min(limits.unpacked, max(RATIO_FROM, RATIO * sent)) - found.tell()
            content = unpack.add(part, room)
            share.grow(len(content))
            found.write(content)
    unpack.end()
    return found.getvalue()


@dataclass(slots=True)
class _Unpacker:
    add: Callable[[bytes, int], bytes]
    """A piece and how many bytes there is room for."""
    end: Callable[[], None]


def _unpacker(encoding: str) -> _Unpacker:
    match encoding:
        case "" | "identity":
            return _Unpacker(_as_it_is, lambda: None)
        case "gzip" | "x-gzip":
            return _gzip()
        case "zstd":
            return _zstd()
    raise BodyError(415, "The body is packed in a way that is not known here: send zstd, gzip or none")


def _too_large() -> BodyError:
    return BodyError(413, "The body unpacks to more than is allowed, or to far more than a document would")


def _as_it_is(piece: bytes, room: int) -> bytes:
    if len(piece) > room:
        raise _too_large()
    return piece


def _gzip() -> _Unpacker:
    inflating = zlib.decompressobj(wbits=31)

    def add(piece: bytes, room: int) -> bytes:
        if inflating.eof:
            raise BodyError(400, "There is more behind the end of the packed body")
        try:
            content = inflating.decompress(piece, room + 1)
        except zlib.error as error:
            raise BodyError(400, "The body can't be unpacked") from error
        if len(content) > room:
            raise _too_large()
        if inflating.unused_data:
            raise BodyError(400, "There is more behind the end of the packed body")
        return content

    def end() -> None:
        if not inflating.eof:
            raise BodyError(400, "The packed body is cut off")

    return _Unpacker(add, end)


def _zstd() -> _Unpacker:
    decompressing = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES).decompressobj()

    def add(piece: bytes, room: int) -> bytes:
        if decompressing.eof:
            raise BodyError(400, "There is more behind the end of the packed body")
        found = bytearray()
        for start in range(0, len(piece), _BITE):
            try:
                found += decompressing.decompress(piece[start : start + _BITE])
            except zstandard.ZstdError as error:
                raise BodyError(400, "The body can't be unpacked") from error
            if len(found) > room:
                raise _too_large()
        if decompressing.unused_data:
            raise BodyError(400, "There is more behind the end of the packed body")
        return bytes(found)

    def end() -> None:
        if not decompressing.eof:
            raise BodyError(400, "The packed body is cut off")

    return _Unpacker(add, end)
