"""Members of a tar archive, read from its headers in one pass. In a layer: `layers.py`. Zip archives: `zip.py`."""

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import NamedTuple, Protocol
from zlib import adler32

from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.tree.entry import Limits
from rightshift.tree.names import shown
from rightshift.tree.paths import below_root, is_normal

BLOCK = 512
ZERO = bytes(BLOCK)
HEADER_BYTES = 4 << 20
"""Long names and extended headers are read whole up to this size; 100,000 records are 2 MB."""
LARGEST = 1 << 62
PIECE_BYTES = 256 << 10

FILE, HARD_LINK, SYMLINK, DEVICE, FOLDER, OTHER = "file", "hardlink", "symlink", "device", "dir", "other"
_KINDS = {0: FILE, 48: FILE, 49: HARD_LINK, 50: SYMLINK, 51: DEVICE, 52: DEVICE, 53: FOLDER, 54: DEVICE, 55: FILE}
_SPARSE, _LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL, _PAX_SUN = b"SLKxgX"
_EXTRA = frozenset((_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL, _PAX_SUN))
_FILE = 48
_ENDS = frozenset((0, 32))
"""What stands behind a number that does not fill its field."""
_BLANKS = 8 * 32
"""The checksum's own field counts as blanks."""
_ADLER = 65521
"""adler32 of a block has the sum of its bytes in it, modulo this; summing them in Python takes ten times as long."""


class MalformedTar(Malformed):
    """The archive can't be read on from here: no header where one must be, a size that is none, or cut off."""


class Member(NamedTuple):
    """
    One member. `path` is normal and below the root: no leading slash, no "." or ".."; empty for the root itself.

    `size` are the bytes that follow its header, from `at` in the archive; 0 for all but files. `target` is the text of
    a link as it is written. `sparse` files store their data in pieces, so their body is not what `at` holds.
    """

    path: str
    kind: str
    size: int
    at: int
    target: str
    sparse: bool
    header: bytes

    @property
    def mode(self) -> int:
        """Permission bits; 0 when the header's field is no number."""
        try:
            return _number(self.header[100:108]) & 0o7777
        except ValueError:
            return 0


class Source(Protocol):
    """An archive that is read forward. `at` counts its bytes."""

    @property
    def at(self) -> int: ...

    def take(self, count: int) -> bytes:
        """The next bytes; fewer at the end."""

    def peek(self, count: int) -> bytes:
        """The next bytes, which stay there; fewer at the end."""

    def to(self, at: int) -> bool:
        """Goes forward to a place; false when the archive ends before it."""


class Stream:
    """An archive in chunks that come once."""

    __slots__ = ("_chunk", "_chunks", "_place", "_start")

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._chunk = b""
        self._place = 0
        self._start = 0

    @property
    def at(self) -> int:
        return self._start + self._place

    def take(self, count: int) -> bytes:
        end = self._place + count
        if end <= len(self._chunk):
            found = self._chunk[self._place : end]
            self._place = end
            return found
        return b"".join(self.pieces(count))

    def peek(self, count: int) -> bytes:
        while len(self._chunk) - self._place < count:
            more = next(self._chunks, b"")
            if not more:
                break
            self._start += self._place
            self._chunk, self._place = self._chunk[self._place :] + more, 0
        return self._chunk[self._place : self._place + count]

    def pieces(self, count: int) -> Iterator[bytes]:
        """The next bytes in pieces that are at hand; fewer at the end."""
        while count > 0:
            piece = self._chunk[self._place : self._place + count]
            if piece:
                self._place += len(piece)
                count -= len(piece)
                yield piece
            elif not self._more():
                return

    def to(self, at: int) -> bool:
        while at - self._start > len(self._chunk):
            if not self._more():
                return False
        self._place = at - self._start
        return True

    def _more(self) -> bool:
        self._start += len(self._chunk)
        self._place = 0
        self._chunk = next(self._chunks, b"")
        return bool(self._chunk)


class Seekable:
    """An archive that lies in a file: bodies are stepped over without being read."""

    __slots__ = ("_buffer", "_pread", "_size", "_start", "at")

    WINDOW_BYTES = 16 << 10

    def __init__(self, size: int, pread: Callable[[int, int], bytes]) -> None:
        self.at = 0
        self._size = size
        self._pread = pread
        self._buffer = b""
        self._start = 0

    def take(self, count: int) -> bytes:
        found = self.peek(count)
        self.at += len(found)
        return found

    def peek(self, count: int) -> bytes:
        place = self.at - self._start
        if not 0 <= place <= len(self._buffer) - count:
            self._start, place = self.at, 0
            self._buffer = self._pread(self.at, max(count, self.WINDOW_BYTES))
        return self._buffer[place : place + count]

    def to(self, at: int) -> bool:
        self.at = min(at, self._size)
        return at <= self._size


def members(source: Source, limits: Limits) -> Iterator[Member | Gap]:
    """
    The members in the archive's order. What is asked of the source between two of them is the member's body.

    A global extended header is not applied, as runtimes don't: it is a gap when it would have renamed what follows.

    Raises: MalformedTar where the rest can't be read; what stands before it is good.
    Source: POSIX.1-2024, pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual, "Basic Tar Format"
    and "Storing Sparse Files"; Go's archive/tar, which runtimes unpack layers with.
    """
    fields: dict[str, str] = {}
    ended = False
    take, at, depth = source.take, source.at, limits.depth  # and what follows is spelled out for speed: 2 µs a member
    made = tuple.__new__  # without the named arguments, half the time for what nearly all members are
    while True:
        block = take(BLOCK)
        at += BLOCK
        if len(block) < BLOCK:
            if block:
                raise MalformedTar("cut off in a header")
            return
        if not block[0] and block == ZERO:
            if ended:
                return
            ended = True
            continue
        ended = False
        try:
            total = int(block[148:154], 8) - _BLANKS + (adler32(block[148:156]) & 0xFFFF) - (adler32(block) & 0xFFFF)
            size = int(block[124:135], 8) if total % _ADLER == 0 and block[135] in _ENDS else -1
        except ValueError:
            size = -1
        if size < 0:
            size = _checked(block)
        flag, name = block[156], ""
        if flag == _FILE and not fields and not block[345]:
            end = block.find(0, 0, 100)
            name = str(block[: 100 if end < 0 else end], "utf-8", "backslashreplace")
        if 0 < len(name) <= depth and is_normal(name):
            yield made(Member, (name, FILE, size, at, "", False, block))
        elif flag in _EXTRA:
            yield from _extra(source, flag, size, fields)
            at = source.at
            continue
        else:
            name, at, size = yield from _unusual(source, block, fields, size, limits)
            fields = {}
        if size:
            end = at + size
            at = end + -size % BLOCK
            if not source.to(at) and not source.to(end):
                raise MalformedTar(f"cut off in the body of {name[:1024]}")


def _unusual(
    source: Source, block: bytes, fields: Mapping[str, str], size: int, limits: Limits
) -> Generator[Member | Gap, None, tuple[str, int, int]]:
    """One member of any kind. Returns its name as it is written, where its body begins, and its length."""
    flag = block[156]
    size = _pax_size(fields, size)
    if flag == _SPARSE:
        _skip_sparse_map(source, block)
    at = source.at
    sparse = flag == _SPARSE or "sparse" in fields
    kind = FILE if sparse else _KINDS.get(flag, OTHER)
    name = fields.get("path") or _name(block)
    path = below_root(name)
    if kind == FILE and name.endswith("/"):
        kind = FOLDER
    if kind not in (FILE, OTHER) and size:
        size = size if _has_data(source, size) else 0
        yield Gap(name[:1024], f"a {kind} with data, which was left out")
    if path is None:
        yield Gap(name[:1024], "a name that leads out of the root: left out")
    elif fields.get("broken"):
        yield Gap(name[:1024], "its extended header is damaged: left out")
    elif len(path) > limits.path_bytes or (len(path) > limits.depth and path.count("/") >= limits.depth):
        yield Gap(path[:1024], f"more than {limits.depth} folders deep, or too long a name: left out")
    elif kind == OTHER:
        yield Gap(path, f"a member of unknown type {bytes((flag,))!r}: left out")
    elif not path and kind != FOLDER:
        yield Gap("", f"a {kind} without a name: left out")
    else:
        link = kind in (SYMLINK, HARD_LINK)
        target = (fields.get("linkpath") or _text(block[157:257])) if link else ""
        yield Member(path, kind, size if kind == FILE else 0, at, target, sparse, block)
    return name, at, size


def _checked(block: bytes) -> int:
    """
    The size that a header claims, once its checksum has proved that it is one: numbers in any form that programs write.

    Raises: MalformedTar.
    """
    try:
        stored = _number(block[148:156])
    except ValueError:
        stored = -1
    rest = (adler32(block) & 0xFFFF) - (adler32(block[148:156]) & 0xFFFF)
    if (stored - _BLANKS - rest) % _ADLER and stored != _signed_sum(block):
        raise MalformedTar("a header whose checksum is wrong: the rest was not read")
    try:
        size = _number(block[124:136])
    except ValueError:
        size = -1
    if not 0 <= size <= LARGEST:
        raise MalformedTar(f"{_name(block)[:1024]}: a size that is none: the rest was not read")
    return size


def _signed_sum(block: bytes) -> int:
    """Old programs took bytes as signed."""
    plain = block[:148] + b" " * 8 + block[156:]
    return sum(plain) - 256 * sum(byte > 127 for byte in plain)


def _number(field: bytes) -> int:
    """An octal number, or one of base 256 where the first bit is set. Raises ValueError."""
    if field[0] & 0x80:
        value = int.from_bytes(field, "big")
        bits = len(field) * 8
        return value - (1 << bits) if field[0] & 0x40 else value - (1 << (bits - 1))
    return int(field.replace(b"\0", b" ") if field.strip(b"\0 ") else b"0", 8)


def _text(field: bytes) -> str:
    end = field.find(0)
    return str(field if end < 0 else field[:end], "utf-8", "backslashreplace")


def _name(block: bytes) -> str:
    name = _text(block[:100])
    if block[345] and block[257:263] == b"ustar\0":
        return f"{_text(block[345:500])}/{name}"
    return name


def _extra(source: Source, flag: int, size: int, fields: dict[str, str]) -> Iterator[Gap]:
    """Reads what says more about the next member into `fields`."""
    if size > HEADER_BYTES:
        raise MalformedTar(f"an extended header of {size} bytes; at most {HEADER_BYTES} are read")
    content = source.take(size)
    if len(content) < size or not source.to(source.at + -size % BLOCK):
        raise MalformedTar("cut off in an extended header")
    if flag == _LONG_NAME:
        fields["path"] = _text(content)
    elif flag == _LONG_LINK:
        fields["linkpath"] = _text(content)
    elif flag == _PAX_GLOBAL:
        if any(key in _records(content) for key in ("path", "linkpath", "size", "sparse", "broken")):
            yield Gap("", "a global extended header that would rename or resize what follows: not applied")
    else:
        fields |= _records(content)


def _records(content: bytes) -> dict[str, str]:
    """Records that change name, target or size. `broken` stands for a damaged one, `sparse` for those of GNU tar."""
    found: dict[str, str] = {}
    at = 0
    while at < len(content):
        space = content.find(b" ", at, at + 20)
        length = content[at:space]
        end = at + int(length) if space > at and length.isdigit() else 0
        key, equals, value = content[space + 1 : end - 1].partition(b"=")
        if space < 0 or not space < end <= len(content) or content[end - 1] != 10 or not equals:
            return found | {"broken": "1"}
        at = end
        if key in (b"path", b"linkpath", b"size"):
            if b"\0" in value:
                return found | {"broken": "1"}
            if value:
                found[key.decode()] = shown(value)
        elif key.startswith(b"GNU.sparse."):
            found["sparse"] = "1"
            if key == b"GNU.sparse.name":
                found["name"] = shown(value)
    if "name" in found:
        found["path"] = found.pop("name")
    return found


def _pax_size(fields: Mapping[str, str], size: int) -> int:
    """An extended header's size counts before the header's own."""
    text = fields.get("size")
    if text is None:
        return size
    if not (text.isascii() and text.isdigit() and len(text) < 20) or int(text) > LARGEST:
        raise MalformedTar("a size that is none in an extended header: the rest was not read")
    return int(text)


def _skip_sparse_map(source: Source, block: bytes) -> None:
    more = block[482]
    while more:
        block = source.take(BLOCK)
        if len(block) < BLOCK:
            raise MalformedTar("cut off in the map of a sparse file")
        more = block[504]


def _has_data(source: Source, size: int) -> bool:
    """Whether a link, folder or device is followed by the data that its header claims: writers differ."""
    block = source.peek(BLOCK)
    if len(block) < BLOCK or block == ZERO:
        return len(block) == BLOCK and size > BLOCK
    try:
        _checked(block)
    except MalformedTar:
        return True
    return False
