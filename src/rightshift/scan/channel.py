"""What parent and child say to each other: frames of bounded length through pipes. What both see: `page.py`."""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from rightshift.catalog.walk import Grouped, Reading
from rightshift.model.inventory import Gap
from rightshift.scan.budget import Budget
from rightshift.scan.page import Page
from rightshift.tree.entry import Skipped
from rightshift.tree.file import write_all
from rightshift.tree.shares import Share

FRAME_BYTES = 64 << 20
_LENGTH = struct.Struct("<I")
_BROKEN = 0xFFFFFFFF

T = TypeVar("T")


class BlobPart(msgspec.Struct, frozen=True, array_like=True, tag="blob"):
    """
    One layer that proves itself; `digest` and `diff_id` are what is claimed, empty where nothing is.

    Without a descriptor (-1) its bytes come through the child's stream.
    """

    digest: str
    diff_id: str
    size_bytes: int
    media_type: str
    fd: int = -1
    offset: int = 0


class DiffPart(msgspec.Struct, frozen=True, array_like=True, tag="diff"):
    """One layer as an unpacked folder of a local store."""

    fd: int


class TreePart(msgspec.Struct, frozen=True, array_like=True, tag="tree"):
    """A tree on disk. `skip` has folders below it as the file system writes them, and why each is left out."""

    fd: int
    skip: dict[bytes, bytes]
    one_file_system: bool


class FilePart(msgspec.Struct, frozen=True, array_like=True, tag="file"):
    """A file by itself, with its name as the file system writes it."""

    fd: int
    name: bytes
    size_bytes: int
    is_sbom: bool


Part = BlobPart | DiffPart | TreePart | FilePart


class Order(msgspec.Struct, frozen=True, array_like=True):
    """
    What a child may be asked to read, and how. Descriptors count from 0 in what it was given.

    `avoid` are paths that ended a child before, with the reason.
    """

    parts: list[Part]
    budget: Budget
    avoid: dict[str, str]


class Job(msgspec.Struct, frozen=True, array_like=True):
    """
    A part to read, by its place in the order; of a tree, which is one part, by the number of the share.

    Of a layer with `links` only what they lead to is read again: target path to the paths of links to it. Both are
    paths below the root as that layer writes them.

    Of a tree with a `share` only that is read; files that belong together are named, and read with `together`.
    """

    number: int
    links: dict[str, list[str]] = {}
    share: Share | None = None
    together: list[str] = []


class Outcome(msgspec.Struct, frozen=True, array_like=True):
    """What a layer or a tree proved to be once it was read. Empty where nothing was to be proved."""

    digest: str = ""
    size_bytes: int = 0
    diff_id: str = ""
    changes: bytes = b""
    interrupted: bool = False
    """A file was given up for the time it took, or avoided since it ended a child before."""


class Batch(msgspec.Struct, frozen=True, array_like=True, tag="batch"):
    """Results in the order in which they were had."""

    readings: list[Reading]
    gaps: list[Gap]
    skipped: list[Skipped]
    grouped: list[Grouped] = []


class Done(msgspec.Struct, frozen=True, array_like=True, tag="done"):
    """The end of one part, which `number` names."""

    number: int
    outcome: Outcome


class Failed(msgspec.Struct, frozen=True, array_like=True, tag="failed"):
    """One part can't be used at all; the reason is for the user."""

    number: int
    reason: str


class Walls(msgspec.Struct, frozen=True, array_like=True, tag="walls"):
    """Which walls stand around the child, and which the kernel lacks."""

    walls: list[str]
    missing: list[str]


Message = Batch | Done | Failed | Walls


@dataclass(frozen=True, slots=True)
class Ends:
    """A child's ends: what to read comes through `orders`, bytes through `stream`, and `results` go out."""

    page: Page
    orders: int
    stream: int
    results: int


def send(fd: int, message: Message) -> None:
    """Writes one message; blocks until the other side has room."""
    write_frame(fd, msgspec.msgpack.encode(message))


def send_order(fd: int, order: Order | Job) -> None:
    """Parent: what this child is for, once; then one part to read after the other."""
    write_frame(fd, msgspec.msgpack.encode(order))


def next_order(fd: int) -> Order | None:
    """Child: what it is for; None when the parent is gone."""
    return _next(fd, Order)


def next_job(fd: int) -> Job | None:
    """Child: waits for the next part to read; None when the parent has no more or is gone."""
    return _next(fd, Job)


def _next(fd: int, kind: type[T]) -> T | None:
    try:
        (length,) = _LENGTH.unpack(_read_exactly(fd, _LENGTH.size))
        content = _read_exactly(fd, length)
    except OSError:
        return None
    return msgspec.msgpack.decode(content, type=kind)


_decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(Message)


def decoded(frame: bytes) -> Message:
    """A message of a child, checked against its shape: it may have been taken over. Raises msgspec.MsgspecError."""
    try:
        message: Message = _decoder.decode(frame)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error
    return message


def write_frame(fd: int, content: bytes) -> None:
    """Writes one frame whole."""
    write_all(fd, _LENGTH.pack(len(content)))
    write_all(fd, content)


def write_broken(fd: int) -> None:
    """Says that the stream ends here although it isn't whole."""
    os.write(fd, _LENGTH.pack(_BROKEN))


class Frames:
    """Cuts what comes through a pipe into frames, however it arrives."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, content: bytes) -> Iterator[bytes]:
        """The frames that are whole by now. Raises ValueError for a longer one than there may be."""
        self._buffer += content
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if length > FRAME_BYTES:
                raise ValueError("a frame longer than allowed")
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                return
            frame = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            yield frame


class FramedStream:
    """Child: bytes that the parent passes on, as something to read from front to end; an empty frame ends them."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._left = 0
        self._ended = False

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end. Raises OSError when the stream broke off."""
        if self._ended:
            return b""
        if not self._left:
            (self._left,) = _LENGTH.unpack(_read_exactly(self._fd, _LENGTH.size))
            if self._left == _BROKEN:
                self._ended = True
                raise OSError("the stream broke off")
            if not self._left:
                self._ended = True
                return b""
        chunk = os.read(self._fd, min(size, self._left))
        if not chunk:
            raise OSError("the stream broke off")
        self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        """Reads to the end, so that the next stream begins at its beginning."""
        while self.read(1 << 20):
            pass


def _read_exactly(fd: int, count: int) -> bytes:
    content = b""
    while len(content) < count:
        chunk = os.read(fd, count - len(content))
        if not chunk:
            raise OSError("the stream broke off")
        content += chunk
    return content
