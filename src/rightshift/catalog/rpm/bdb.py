"""`Packages`, the Berkeley DB hash of rpm before 4.16. Later databases: `sqlite.py`, `ndb.py`."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from rightshift.catalog.format import Format
from rightshift.catalog.rpm import header
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Owned, Package
from rightshift.tree.file import File

_HASH_MAGIC = 0x00061561
_PAGE_HEAD = 26
_HASH_UNSORTED, _OVERFLOW, _HASH_META, _HASH = 2, 7, 8, 13
_KEY_DATA, _OFF_PAGE = 1, 3


class MalformedBdb(Malformed):
    """Not such a database."""


@dataclass(frozen=True, slots=True)
class _Database:
    file: File
    order: str
    page_bytes: int
    pages: int
    """Pages that the file really has."""
    taken: set[int] = field(default_factory=set)
    """Pages that belong to a value: each to one only, so all values together are read in the file's length."""

    def page(self, number: int) -> bytes:
        return self.file.pread(number * self.page_bytes, self.page_bytes)


def read_file(file: File) -> Iterator[Package | Owned | Gap]:
    """
    The packages, in the order of the hash's pages.

    Raises: MalformedBdb.
    Source: Berkeley DB, src/dbinc/db_page.h ("HASH PAGE LAYOUT", "OVERFLOW PAGE LAYOUT"); both byte orders.
    """
    return header.packages(_blobs(file), file.size)


def _blobs(file: File) -> Iterator[bytes | Gap]:
    head = file.pread(0, 72)
    order = next((o for o in "<>" if len(head) == 72 and struct.unpack_from(o + "I", head, 12)[0] == _HASH_MAGIC), "")
    if not order or head[25] != _HASH_META:
        raise MalformedBdb("not a Berkeley DB hash")
    page_bytes, last = struct.unpack_from(order + "I", head, 20)[0], struct.unpack_from(order + "I", head, 32)[0]
    if page_bytes not in {512 << shift for shift in range(8)}:
        raise MalformedBdb(f"pages of {page_bytes} bytes")
    database = _Database(file, order, page_bytes, file.size // page_bytes)
    if last >= database.pages:
        yield Gap("", f"it says {last + 1} pages and has {database.pages}")
    for number in range(1, min(last + 1, database.pages)):
        if len(kind := file.pread(number * page_bytes + 25, 1)) == 1 and kind[0] in (_HASH_UNSORTED, _HASH):
            yield from _values(database, database.page(number))


def _values(database: _Database, page: bytes) -> Iterator[bytes | Gap]:
    """What the keys of one page stand for. The first key is rpm's own counter, told by its value's four bytes."""
    count = struct.unpack_from(database.order + "H", page, 20)[0]
    if _PAGE_HEAD + 2 * count > len(page) or count % 2:
        yield Gap("", "a page with more entries than it holds")
        return
    offsets = struct.unpack_from(f"{database.order}{count}H", page, _PAGE_HEAD)
    room = len(page)
    for at in range(1, count, 2):
        start, end = offsets[at], offsets[at - 1]
        if start >= len(page):
            yield Gap("", "an entry beyond its page")
        elif page[start] == _OFF_PAGE and start + 12 <= len(page):
            yield _overflow(database, *struct.unpack_from(database.order + "II", page, start + 4))
        elif page[start] == _KEY_DATA and end - start > 16:
            room -= end - start
            if room < 0:
                yield Gap("", "entries that lie over each other")
                return
            yield page[start + 1 : end]


def _overflow(database: _Database, number: int, length: int) -> bytes | Gap:
    """A value over several pages."""
    if length > min(header.HEADER_BYTES, database.file.size):
        return Gap("", f"a package of {length} bytes")
    chunks: list[bytes] = []
    had = 0
    while had < length:
        page = database.page(number) if 0 < number < database.pages else b""
        if len(page) < database.page_bytes or page[25] != _OVERFLOW:
            return Gap("", "a package whose pages lead nowhere")
        following, _, used = struct.unpack_from(database.order + "IHH", page, 16)
        if not 0 < used <= database.page_bytes - _PAGE_HEAD or number in database.taken:
            return Gap("", "a package whose pages are used twice")
        database.taken.add(number)
        chunks.append(page[_PAGE_HEAD : _PAGE_HEAD + used])
        had += used
        number = following
    return b"".join(chunks)[:length]


FORMAT = Format(
    name="rpm-bdb",
    ecosystem="rpm",
    title="Red Hat and others before rpm 4.16: rpm/Packages",
    patterns=("rpm/Packages",),
    limit_bytes=1 << 30,
    read_file=read_file,
)
