"""rpm's header: the record of one package. The databases it lies in: `sqlite.py`, `ndb.py`, `bdb.py`."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Owned, Package, SourcePackage

ENTRIES = 65_535
"""What rpm itself allows in one header."""

HEADER_BYTES = 64 << 20
"""A kernel's header has some 2 MiB."""

FILES = 1_000_000
"""Files of one package; a kernel's has some 30 thousand."""

TEXT_BYTES = 64 << 10
GAPS = 20
"""Bad parts of one database that are told one by one; further ones are counted."""

_NAME, _VERSION, _RELEASE, _EPOCH = 1000, 1001, 1002, 1003
_LICENSE, _ARCH, _SOURCE_RPM = 1014, 1022, 1044
_DIR_INDEXES, _BASE_NAMES, _DIR_NAMES = 1116, 1117, 1118
_MODULARITY = 5096
_INT32, _STRING, _STRING_ARRAY, _I18N = 4, 6, 8, 9


class MalformedHeader(Malformed):
    """A length or an offset in it leads outside, or it has no name."""


@dataclass(frozen=True, slots=True)
class _Header:
    """`entries` are type, offset in `store`, count, by tag."""

    entries: dict[int, tuple[int, int, int]]
    store: bytes

    def text(self, tag: int) -> str:
        kind, offset, _ = self.entries.get(tag, (0, 0, 0))
        if kind not in (_STRING, _STRING_ARRAY, _I18N):
            return ""
        end = self.store.find(b"\0", offset, offset + TEXT_BYTES)
        if end < 0:
            raise MalformedHeader(f"the text of tag {tag} has no end")
        return self.store[offset:end].decode("utf-8", "replace")

    def numbers(self, tag: int) -> tuple[int, ...]:
        kind, offset, count = self.entries.get(tag, (0, 0, 0))
        if kind != _INT32 or not count:
            return ()
        if offset + 4 * count > len(self.store):
            raise MalformedHeader(f"the numbers of tag {tag} lead outside")
        return struct.unpack_from(f">{count}I", self.store, offset)

    def texts(self, tag: int) -> list[str]:
        kind, offset, count = self.entries.get(tag, (0, 0, 0))
        if kind != _STRING_ARRAY or not count:
            return []
        if count > FILES:
            raise MalformedHeader(f"{count} texts of tag {tag}")
        found = self.store[offset:].split(b"\0", count)
        if len(found) <= count:
            raise MalformedHeader(f"the texts of tag {tag} have no end")
        end = len(self.store) - len(found[count]) - 1
        return self.store[offset:end].decode("utf-8", "replace").split("\0")


def _header(blob: bytes) -> _Header:
    if len(blob) < 8:
        raise MalformedHeader("shorter than its own lengths")
    count, size = struct.unpack_from(">II", blob)
    start = 8 + 16 * count
    if not 0 < count <= ENTRIES or size > HEADER_BYTES or start + size > len(blob):
        raise MalformedHeader(f"it says {count} entries and {size} bytes, and has {len(blob)} bytes")
    numbers = struct.unpack_from(f">{4 * count}I", blob, 8)
    entries = dict(zip(numbers[::4], zip(numbers[1::4], numbers[2::4], numbers[3::4], strict=True), strict=True))
    store = blob[start : start + size]
    if max(numbers[2::4]) > size:
        raise MalformedHeader("an offset leads outside")
    return _Header(entries, store)


def package(blob: bytes) -> tuple[Package, Owned] | None:
    """
    The package of one header and the files it brought; None for a key, which rpm keeps among its packages.

    The epoch stands in the version only if it is not 0.

    Raises: MalformedHeader.
    Source: rpm's documentation, "RPM Package format", and lib/header.c; tags in include/rpm/rpmtag.h.
    """
    header = _header(blob)
    name, version, release = header.text(_NAME), header.text(_VERSION), header.text(_RELEASE)
    if not name or not version:
        raise MalformedHeader("no name or no version")
    if name == "gpg-pubkey":
        return None
    epoch = next(iter(header.numbers(_EPOCH)), 0)
    arch, licence = header.text(_ARCH), header.text(_LICENSE)
    found = Package(
        ecosystem="rpm",
        name=name,
        version=evr(str(epoch), version, release),
        evidence="database",
        arch=arch,
        source=source(header.text(_SOURCE_RPM)),
        modularity=header.text(_MODULARITY),
        licenses=(licence,) if licence else (),
    )
    return found, Owned(name, arch, _files(header))


def packages(blobs: Iterable[bytes | Gap], database_bytes: int) -> Iterator[Package | Owned | Gap]:
    """The packages and files of a database's headers; a bad header and what the database lost are gaps."""
    total = gaps = 0
    for blob in blobs:
        found = blob if isinstance(blob, Gap) else _package_or_gap(blob)
        if isinstance(found, Gap):
            gaps += 1
            if gaps <= GAPS:
                yield found
        elif found:
            yield found[0]
            if found[1].paths:
                yield found[1]
        total += 0 if isinstance(blob, Gap) else len(blob)
        if total > 2 * database_bytes:
            yield Gap("", "its packages together are larger than it is")
            break
    if gaps > GAPS:
        yield Gap("", f"{gaps - GAPS} more parts that could not be read")


def _package_or_gap(blob: bytes) -> tuple[Package, Owned] | Gap | None:
    try:
        return package(blob)
    except MalformedHeader as error:
        return Gap("", f"a package's header: {error}")


def _files(header: _Header) -> tuple[str, ...]:
    names, folders, indexes = header.texts(_BASE_NAMES), header.texts(_DIR_NAMES), header.numbers(_DIR_INDEXES)
    if len(names) != len(indexes) or (indexes and max(indexes) >= len(folders)):
        raise MalformedHeader("names of files and of folders don't fit")
    folders = [folder.lstrip("/") for folder in folders]
    return tuple([folders[index] + name for index, name in zip(indexes, names, strict=True)])


def evr(epoch: str, version: str, release: str) -> str:
    """Epoch, version and release as one text; an epoch of 0 or none is left out."""
    text = f"{version}-{release}" if release else version
    return f"{epoch}:{text}" if epoch not in ("", "0", "(none)") else text


def source(file_name: str) -> SourcePackage | None:
    """What a source rpm's file name says: `util-linux-2.32.1-42.el8_8.src.rpm`."""
    stem = file_name.removesuffix(".rpm").removesuffix(".src").removesuffix(".nosrc")
    name, version, release = stem.rsplit("-", 2) if stem.count("-") >= 2 else ("", "", "")
    return SourcePackage(name, f"{version}-{release}") if name else None
