"""Rows of a table in an SQLite file, page by page. Which table, and what rows mean: `sqlite.py`, `sqlite_wal.py`."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.tree.file import File

DEPTH = 20
"""Levels of a tree of pages; 20 are more than a file system holds."""

ROW_BYTES = 64 << 20
COLUMNS = 100

PAGE_BYTES = frozenset(512 << shift for shift in range(8))

LEAF = 13
"""Kind of the pages that hold rows."""

_INTERIOR = 5


class MalformedTable(Malformed):
    """A page, a row or a number in it leads nowhere."""


@dataclass(frozen=True, slots=True)
class Pages:
    """
    The pages of a database, counted from 1.

    `usable` is what a page holds without the bytes that extensions reserve; `size_bytes` what all pages hold.
    `places` are offsets by page where pages lie scattered, as in a log; else they lie one behind the other.
    """

    file: File
    page_bytes: int
    usable: int
    size_bytes: int
    places: Mapping[int, int] | None = None
    taken: set[int] = field(default_factory=set)
    """Pages that belong to a long row: each to one only, so all rows together are read in the file's length."""

    def page(self, number: int) -> bytes:
        """Raises: MalformedTable if there is no such page, or it is cut off."""
        at = self.places.get(number) if self.places is not None else (number - 1) * self.page_bytes
        page = self.file.pread(at, self.page_bytes) if at is not None and at >= 0 else b""
        if len(page) < self.page_bytes:
            raise MalformedTable(f"there is no page {number}")
        return page


def rows(pages: Pages, root: int) -> Iterator[bytes | Gap]:
    """
    Payloads of a table's rows from left to right. A page is read once, whatever points to it; bad ones are gaps.

    Source: SQLite documentation, "Database File Format", chapters 1.5, 1.6 and 2.1.
    """
    seen = {root}
    stack = [(root, 0)]
    while stack:
        number, depth = stack.pop()
        try:
            page = pages.page(number)
            kind, cells, right = cells_of(page, 100 if number == 1 else 0)
        except MalformedTable as error:
            yield Gap("", str(error))
            continue
        if kind == LEAF:
            yield from leaf(pages, page, cells)
            continue
        children = [struct.unpack_from(">I", page, cell)[0] for cell in cells if cell + 4 <= len(page)] + [right]
        there = [child for child in children if 0 < child <= pages.size_bytes // pages.page_bytes]
        fresh = [child for child in dict.fromkeys(there) if child not in seen]
        if len(there) < len(children):
            yield Gap("", f"{len(children) - len(there)} pages that are not there")
        if len(fresh) < len(there) or depth >= DEPTH:
            yield Gap("", "pages that lead in circles")
        if depth < DEPTH:
            seen.update(fresh)
            stack += [(child, depth + 1) for child in reversed(fresh)]


def cells_of(page: bytes, start: int) -> tuple[int, tuple[int, ...], int]:
    """Kind of a page, where its cells begin, and the rightmost page below it. `start` is 100 on the first page."""
    kind, _, count = struct.unpack_from(">BHH", page, start)
    if kind not in (_INTERIOR, LEAF):
        raise MalformedTable(f"a page of kind {kind} in a table")
    at = start + (12 if kind == _INTERIOR else 8)
    if at + 2 * count > len(page):
        raise MalformedTable("a page with more cells than it holds")
    right = struct.unpack_from(">I", page, start + 8)[0] if kind == _INTERIOR else 0
    return kind, struct.unpack_from(f">{count}H", page, at), right


def leaf(pages: Pages, page: bytes, cells: tuple[int, ...]) -> Iterator[bytes | Gap]:
    """Payloads of the rows that one page holds, as far as they are there; together they begin in one page."""
    room = pages.usable
    for cell in cells:
        try:
            length, at = _varint(page, cell)
            _, at = _varint(page, at)
            local = _local(pages, length)
            room -= local
            if room < 0:
                yield Gap("", "rows that lie over each other")
                return
            yield _payload(pages, page, at, length, local)
        except MalformedTable as error:
            yield Gap("", f"a row: {error}")


def _local(pages: Pages, length: int) -> int:
    """How much of a row lies in its first page."""
    if length > min(ROW_BYTES, pages.size_bytes):
        raise MalformedTable(f"a row of {length} bytes")
    most, least = pages.usable - 35, (pages.usable - 12) * 32 // 255 - 23
    if length <= most:
        return length
    local = least + (length - least) % (pages.usable - 4)
    return local if local <= most else least


def _payload(pages: Pages, page: bytes, at: int, length: int, local: int) -> bytes:
    if at + local + (4 if local < length else 0) > pages.usable:
        raise MalformedTable("it leads out of its page")
    if local == length:
        return page[at : at + local]
    first = struct.unpack_from(">I", page, at + local)[0]
    return b"".join((page[at : at + local], *_overflow(pages, first, length - local)))


def _overflow(pages: Pages, number: int, length: int) -> Iterator[bytes]:
    """What further pages hold of a long row."""
    while length > 0:
        page = pages.page(number)
        if number in pages.taken:
            raise MalformedTable(f"page {number} is of two rows")
        pages.taken.add(number)
        yield page[4 : 4 + min(length, pages.usable - 4)]
        length -= pages.usable - 4
        number = struct.unpack_from(">I", page)[0]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for count in range(9):
        if at >= len(data):
            raise MalformedTable("a number leads out of its page")
        byte = data[at]
        at += 1
        if count == 8:
            return value << 8 | byte, at
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, at


_NUMBER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


def columns(payload: bytes) -> list[bytes | int | None]:
    """The values of a record; texts and blobs as bytes, floats as None. Of what is cut off nothing."""
    size, at = _varint(payload, 0)
    values: list[bytes | int | None] = []
    content = size
    while at < min(size, len(payload)) and len(values) < COLUMNS:
        kind, at = _varint(payload, at)
        length = _NUMBER_BYTES.get(kind, 8 if kind == 7 else (kind - 12) // 2 if kind >= 12 else 0)
        value = payload[content : content + length]
        content += length
        if kind >= 12:
            values.append(value)
        elif kind in _NUMBER_BYTES:
            values.append(int.from_bytes(value, "big", signed=True))
        else:
            values.append(kind - 8 if kind in (8, 9) else None)
    return values or [None]
