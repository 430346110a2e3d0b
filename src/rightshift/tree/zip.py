"""Zip archives by their central directory, read at any place of a file. Tar: `tar.py`. What a jar says: `catalog/`."""

import zlib
from collections.abc import Callable, Iterator
from struct import Struct
from typing import NamedTuple

from rightshift.errors import Malformed
from rightshift.tree.budget import Budget, OverBudget
from rightshift.tree.file import File, MemoryFile, Within

END_MAGIC, END64_MAGIC, LOCATOR_MAGIC = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
CENTRAL_MAGIC, LOCAL_MAGIC = 0x02014B50, b"PK\x03\x04"
_END = Struct("<8xHHLLH")
_END64 = Struct("<24xQQQQ")
_LOCATOR = Struct("<8xQ4x")
_LENGTHS = Struct("<L24xHHH")
_CENTRAL = Struct("<8xHH4xLLLHHH8xL")
_LOCAL = Struct("<26xHH")
CENTRAL_BYTES = 46
STORED, DEFLATED = 0, 8
ENCRYPTED = 1
ZIP64 = 1
ALL_ONES = 0xFFFFFFFF

DIRECTORY_BYTES = 256 << 20
"""A central directory is read whole; 1,000,000 names of ordinary length are 130 MB."""
CHUNK_BYTES = 256 << 10


class MalformedZip(Malformed):
    """Not a zip archive, cut off, or an entry that is not what the directory says."""


class Entry(NamedTuple):
    """
    One line of the central directory. `name` is what is written there: it may hold "..", and leads nowhere.

    Sizes are claims until `read` has proved them.
    """

    name: str
    method: int
    flags: int
    crc: int
    packed_bytes: int
    unpacked_bytes: int
    local: int
    """Where its local header begins in the file."""


class Zip:
    """
    The directory of one archive. Bytes before the archive, such as a starter script, are skipped.

    `flaw` says what is wrong with the directory although entries were found, empty when nothing is; it is known when
    `entries` has ended. Whoever reads the entries makes a gap of it.

    Raises: MalformedZip when no directory is found; OverBudget; OSError.
    Source: APPNOTE.TXT, ".ZIP File Format Specification", 4.3.6 to 4.3.16, 4.5.3.
    """

    def __init__(self, file: File, budget: Budget | None = None, *, depth: int = 0) -> None:
        self.file = file
        self.budget = budget or Budget()
        self.depth = depth
        self.flaw = ""
        at, self._claimed = _find_directory(file)
        start, size, self._shift = at
        if size > DIRECTORY_BYTES:
            raise MalformedZip(f"a central directory of {size} bytes; at most {DIRECTORY_BYTES} are read")
        self._directory = file.pread(start, size)

    def entries(self, wanted: Callable[[str], bool] | None = None) -> Iterator[Entry]:
        """
        The entries in the directory's order, or those whose name is `wanted`. Names can come twice.

        Never raises: what is wrong is in `flaw` afterwards.
        """
        directory, at, count = self._directory, 0, 0
        lengths, end = _LENGTHS.unpack_from, len(directory) - CENTRAL_BYTES
        allowed = self.budget.entries_left
        try:
            while at <= end and count < allowed:
                magic, name_length, extra_length, comment_length = lengths(directory, at)
                if magic != CENTRAL_MAGIC:
                    break
                count += 1
                behind = at + CENTRAL_BYTES + name_length
                name = str(directory[at + CENTRAL_BYTES : behind], "utf-8", "backslashreplace")
                if wanted is None or wanted(name):
                    yield self._entry(name, at, behind, extra_length)
                at = behind + extra_length + comment_length
        finally:
            self.budget.entries_left -= count
        if count >= allowed and at <= end:
            self.flaw = f"more than {allowed} entries, in it and in what is nested in it: the rest is left out"
        elif at != len(self._directory) or count & 0xFFFF != self._claimed & 0xFFFF:
            self.flaw = f"the directory says {self._claimed} entries and holds {count}"

    def _entry(self, name: str, at: int, extra_at: int, extra_length: int) -> Entry:
        flags, method, crc, packed, unpacked, _, _, _, local = _CENTRAL.unpack_from(self._directory, at)
        if ALL_ONES in (packed, unpacked, local):
            extra = self._directory[extra_at : extra_at + extra_length]
            unpacked, packed, local = _wide(extra, unpacked, packed, local)
        return Entry(name, method, flags, crc, packed, unpacked, local + self._shift)

    def read(self, entry: Entry, limit_bytes: int) -> bytes:
        """
        The bytes of one entry, checked by its CRC.

        Raises: MalformedZip; OverBudget when it holds more than `limit_bytes` or than the budget has left; OSError.
        """
        start = self._data(entry)
        if entry.method == STORED:
            if entry.packed_bytes > limit_bytes:
                raise OverBudget(f"{entry.name}: larger than {limit_bytes} bytes")
            self.budget.take_bytes(min(entry.packed_bytes, self.file.size))
            content = self.file.pread(start, entry.packed_bytes)
        else:
            content = self._inflate(entry, start, limit_bytes)
        if zlib.crc32(content) != entry.crc:
            raise MalformedZip(f"{entry.name}: the bytes do not match their CRC")
        return content

    def open(self, entry: Entry, limit_bytes: int) -> File:
        """
        One entry as a file, for archives in archives: a stored one is not copied, and its CRC not checked.

        Raises: MalformedZip; OverBudget when it inflates to more than `limit_bytes` or the budget; OSError.
        """
        path = f"{self.file.path}!/{entry.name}"
        if entry.method == STORED:
            return Within(path, self.file, self._data(entry), entry.packed_bytes)
        return MemoryFile(path, self.read(entry, limit_bytes))

    def nested(self, entry: Entry, limit_bytes: int) -> "Zip":
        """An archive inside this one, out of the same budget. Raises: as `open`, and OverBudget when too deep."""
        if self.depth >= self.budget.depth:
            raise OverBudget(f"{entry.name}: archives lie more than {self.budget.depth} deep in each other")
        return Zip(self.open(entry, limit_bytes), self.budget, depth=self.depth + 1)

    def _data(self, entry: Entry) -> int:
        """Where the packed bytes begin."""
        if entry.flags & ENCRYPTED:
            raise MalformedZip(f"{entry.name}: encrypted")
        if entry.method not in (STORED, DEFLATED):
            raise MalformedZip(f"{entry.name}: compression method {entry.method} is not known")
        header = self.file.pread(entry.local, 30) if 0 <= entry.local < self.file.size else b""
        if len(header) < 30 or header[:4] != LOCAL_MAGIC:
            raise MalformedZip(f"{entry.name}: not where the directory says")
        name_length, extra_length = _LOCAL.unpack(header)
        return entry.local + 30 + int(name_length) + int(extra_length)

    def _inflate(self, entry: Entry, at: int, limit_bytes: int) -> bytes:
        unpacker, chunks, total = zlib.decompressobj(-15), [], 0
        allowed = min(limit_bytes, self.budget.bytes_left)
        left = entry.packed_bytes
        try:
            while not unpacker.eof:
                packed = unpacker.unconsumed_tail
                if not packed:
                    packed = self.file.pread(at, min(left, CHUNK_BYTES)) if left > 0 else b""
                    at, left = at + len(packed), left - len(packed)
                chunk = unpacker.decompress(packed, allowed + 1 - total)
                if not packed and not chunk:
                    raise MalformedZip(f"{entry.name}: cut off")
                chunks.append(chunk)
                if (total := total + len(chunk)) > allowed:
                    raise OverBudget(f"{entry.name}: unpacks to more than {allowed} bytes")
        except zlib.error as error:
            raise MalformedZip(f"{entry.name}: {error}") from error
        finally:
            self.budget.bytes_left -= min(total, self.budget.bytes_left)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _find_directory(file: File) -> tuple[tuple[int, int, int], int]:
    """Where the directory begins, its size, what is to be added to its offsets; and how many entries it claims."""
    tail_at = max(0, file.size - 22 - 0xFFFF)
    tail = file.pread(tail_at, file.size - tail_at)
    found = tail.rfind(END_MAGIC, 0, max(0, len(tail) - 18))
    if found < 0:
        raise MalformedZip("no end of a zip directory: not a zip archive, or cut off")
    _, claimed, size, offset, _ = _END.unpack_from(tail, found)
    end = tail_at + found
    locator = file.pread(end - 20, 20) if end >= 20 else b""
    if locator[:4] == LOCATOR_MAGIC and 0xFFFF in (claimed, size & 0xFFFF, offset & 0xFFFF):
        wide = _end64(file, end, *_LOCATOR.unpack(locator))
        if wide is not None:
            claimed, size, offset, end = wide
    if size > end:
        raise MalformedZip("a central directory that is larger than the file")
    return (end - size, size, end - size - offset), claimed


def _end64(file: File, locator_end: int, claimed_at: int) -> tuple[int, int, int, int] | None:
    """The wide end record: entries, size, offset, and where it lies itself: before its locator, or where that says."""
    for at in (locator_end - 20 - 56, claimed_at):
        record = file.pread(at, 56) if 0 <= at < file.size else b""
        if len(record) == 56 and record[:4] == END64_MAGIC:
            _, claimed, size, offset = _END64.unpack(record)
            return claimed, size, offset, at
    return None


def _wide(extra: bytes, unpacked: int, packed: int, local: int) -> tuple[int, int, int]:
    """The three numbers, with those that did not fit in 32 bits taken from the zip64 field, as far as it goes."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = int.from_bytes(extra[at : at + 2], "little"), int.from_bytes(extra[at + 2 : at + 4], "little")
        field, at = extra[at + 4 : at + 4 + length], at + 4 + length
        if kind == ZIP64:
            numbers = iter([int.from_bytes(field[i : i + 8], "little") for i in range(0, len(field) - 7, 8)])
            found = [next(numbers, n) if n == ALL_ONES else n for n in (unpacked, packed, local)]
            return found[0], found[1], found[2]
    return unpacked, packed, local
