"""`rpmdb.sqlite-wal`: changes that were left beside the database. The database itself: `sqlite.py`."""

import struct
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.rpm import header, sqlite, table
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Owned, Package
from rightshift.tree.file import File

_MAGIC = (0x377F0682, 0x377F0683)
_HEAD, _FRAME_HEAD = 32, 24


class MalformedRpmLog(Malformed):
    """Not a write-ahead log of SQLite."""


def read_file(file: File) -> Iterator[Package | Owned | Gap]:
    """
    The packages whose rows lie wholly in the log, and a gap: which ones were removed can't be told from it.

    rpm leaves an empty log, or none. One with changes is left when rpm was killed, or when it runs right now.

    Raises: MalformedRpmLog.
    Source: SQLite documentation, "WAL-mode File Format".
    """
    if file.size == 0:
        return
    head = file.pread(0, _HEAD)
    if len(head) < _HEAD or struct.unpack_from(">I", head)[0] not in _MAGIC:
        raise MalformedRpmLog("not a write-ahead log")
    page_bytes, _, *salts = struct.unpack_from(">IIII", head, 8)
    if page_bytes not in table.PAGE_BYTES:
        raise MalformedRpmLog(f"pages of {page_bytes} bytes")
    places = _committed(file, page_bytes, tuple(salts))
    if places:
        yield Gap("", f"{len(places)} changed pages are not in the database yet: packages may be missing or be gone")
        pages = table.Pages(file, page_bytes, page_bytes, file.size, places)
        yield from _new(header.packages(_blobs(pages, places), file.size))


def _committed(file: File, page_bytes: int, salts: tuple[int, ...]) -> dict[int, int]:
    """Where the newest whole state of each page lies. Frames of an older log have other salts."""
    places: dict[int, int] = {}
    pending: dict[int, int] = {}
    for at in range(_HEAD, file.size - _FRAME_HEAD - page_bytes + 1, _FRAME_HEAD + page_bytes):
        number, size_after_commit, *found = struct.unpack(">IIII", file.pread(at, 16).ljust(16, b"\0"))
        if tuple(found) != salts:
            break
        pending[number] = at + _FRAME_HEAD
        if size_after_commit:
            places.update(pending)
            pending.clear()
    return places


def _blobs(pages: table.Pages, places: dict[int, int]) -> Iterator[bytes]:
    """Headers in the pages of the log that hold rows. Rows that begin or end elsewhere can't be had."""
    for number in sorted(places):
        if number == 1:
            continue
        try:
            page = pages.page(number)
            kind, cells, _ = table.cells_of(page, 0)
        except Malformed:  # an index or a part of a long row
            continue
        if kind == table.LEAF:
            rows = [row for row in table.leaf(pages, page, cells) if not isinstance(row, Gap)]
            yield from (blob for row in rows if isinstance(blob := sqlite.blob(row), bytes))


def _new(found: Iterator[Package | Owned | Gap]) -> Iterator[Package | Owned]:
    """Rows of other tables look like bad headers: they are none of the packages."""
    return (item for item in found if not isinstance(item, Gap))


FORMAT = Format(
    name="rpm-sqlite-wal",
    ecosystem="rpm",
    title="Red Hat, Fedora, Amazon and others: rpm/rpmdb.sqlite-wal",
    patterns=("rpm/rpmdb.sqlite-wal",),
    limit_bytes=1 << 30,
    read_file=read_file,
)
