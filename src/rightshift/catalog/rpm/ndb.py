"""`Packages.db`, SUSE's database of rpm: slots that point to blobs. Others: `bdb.py`, `sqlite.py`."""

import struct
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.rpm import header
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Owned, Package
from rightshift.tree.file import File

SLOT_PAGES = 2048
"""Pages of slots, some half a million packages."""

_PAGE, _SLOT, _BLOCK = 4096, 16, 16


class MalformedNdb(Malformed):
    """Not such a database."""


def read_file(file: File) -> Iterator[Package | Owned | Gap]:
    """
    The packages, in the order of their slots.

    Raises: MalformedNdb.
    Source: rpm's lib/backend/ndb/rpmpkg.c.
    """
    return header.packages(_blobs(file), file.size)


def _blobs(file: File) -> Iterator[bytes | Gap]:
    head = file.pread(0, 32)
    if len(head) < 32 or head[:4] != b"RpmP":
        raise MalformedNdb("not an ndb database")
    version, _, pages = struct.unpack_from("<III", head, 4)
    if version != 0:
        raise MalformedNdb(f"version {version} is unknown")
    if not 0 < pages <= SLOT_PAGES:
        raise MalformedNdb(f"{pages} pages of slots")
    slots = file.pread(32, pages * _PAGE - 32)
    if len(slots) < pages * _PAGE - 32:
        yield Gap("", "its slots are cut off")
    bad = 0
    for magic, index, offset, count in struct.iter_unpack("<4sIII", slots[: len(slots) // _SLOT * _SLOT]):
        if magic != b"Slot":
            bad += 1
        elif index and offset:
            yield _blob(file, index, offset * _BLOCK, count * _BLOCK)
    if bad:
        yield Gap("", f"{bad} slots are none")


def _blob(file: File, index: int, offset: int, size: int) -> bytes | Gap:
    head = file.pread(offset, 16)
    if len(head) < 16 or head[:4] != b"BlbS":
        return Gap("", f"package {index} is not where its slot says")
    named, _, length = struct.unpack_from("<III", head, 4)
    if named != index or length > min(size, header.HEADER_BYTES) or offset + 16 + length > file.size:
        return Gap("", f"package {index} is longer than its place")
    return file.pread(offset + 16, length)


FORMAT = Format(
    name="rpm-ndb",
    ecosystem="rpm",
    title="SUSE: rpm/Packages.db",
    patterns=("rpm/Packages.db",),
    limit_bytes=1 << 30,
    read_file=read_file,
)
