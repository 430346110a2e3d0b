"""`rpmdb.sqlite`, rpm's database since 4.16. What is not in it yet: `sqlite_wal.py`. Others: `bdb.py`, `ndb.py`."""

import struct
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.rpm import header, table
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Owned, Package
from rightshift.tree.file import File


class MalformedRpmSqlite(Malformed):
    """Not an SQLite database with a table of packages."""


def read_file(file: File) -> Iterator[Package | Owned | Gap]:
    """
    The packages, in the order in which they were installed.

    The file's format is read here rather than by SQLite: of a damaged database the good pages count, no schema of
    somebody else is run, and memory holds one package at a time.

    Raises: MalformedRpmSqlite.
    Source: SQLite documentation, "Database File Format", chapters 1.3, 2.1 and 2.6; rpm's lib/backend/sqlite.c.
    """
    return header.packages(_blobs(file), file.size)


def _blobs(file: File) -> Iterator[bytes | Gap]:
    head = file.pread(0, 100)
    if len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
        raise MalformedRpmSqlite("not an SQLite database")
    page_bytes = struct.unpack_from(">H", head, 16)[0]
    page_bytes = 65536 if page_bytes == 1 else page_bytes
    if page_bytes not in table.PAGE_BYTES or page_bytes - head[20] < 480:
        raise MalformedRpmSqlite(f"pages of {page_bytes} bytes")
    pages = table.Pages(file, page_bytes, page_bytes - head[20], file.size)
    root = _root(pages)
    count, claimed = file.size // page_bytes, struct.unpack_from(">I", head, 28)[0]
    if claimed > count:
        yield Gap("", f"it says {claimed} pages and has {count}")
    for payload in table.rows(pages, root):
        yield payload if isinstance(payload, Gap) else blob(payload)


def _root(pages: table.Pages) -> int:
    """The first page of the table of packages, as the schema says, which is a table itself and begins on page 1."""
    for payload in table.rows(pages, 1):
        if isinstance(payload, Gap):
            raise MalformedRpmSqlite(f"its schema: {payload.reason}")
        match table.columns(payload):
            case [b"table", b"Packages", _, int(root), *_]:
                return root
            case _:
                continue
    raise MalformedRpmSqlite("no table of packages")


def blob(payload: bytes) -> bytes | Gap:
    """The header in a row of the table `Packages (hnum, blob)`."""
    try:
        last = table.columns(payload)[-1]
    except table.MalformedTable as error:
        return Gap("", f"a row: {error}")
    return last if isinstance(last, bytes) else Gap("", "a row without a package's header")


FORMAT = Format(
    name="rpm-sqlite",
    ecosystem="rpm",
    title="Red Hat, Fedora, Amazon and others: rpm/rpmdb.sqlite",
    patterns=("rpm/rpmdb.sqlite",),
    limit_bytes=1 << 30,
    read_file=read_file,
)
