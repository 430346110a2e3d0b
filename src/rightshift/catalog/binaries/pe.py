"""Sections of PE files: programs and libraries of Windows. Who asks for them: `executable.py`."""

import struct
from collections.abc import Iterator

from rightshift.catalog.binaries.section import MalformedExecutable, Section
from rightshift.tree.file import File

SECTIONS = 96
"""As many as Windows loads."""

_ENTRY = struct.Struct("<8sIIII12xI")


def find(file: File, head: bytes, name: bytes) -> Section | None:
    """
    The section of that name, up to 8 bytes. A program of DOS has none.

    Raises: MalformedExecutable.
    Source: PE Format, "COFF File Header", "Section Table".
    """
    for found, virtual_size, _, size, offset in _sections(file, head):
        if found == name:
            if offset + size > file.size:
                raise MalformedExecutable(f"its section {name.decode()} leads outside")
            return Section("pe", offset, min(size, virtual_size or size))
    return None


def _headers(file: File, head: bytes) -> tuple[int, bytes]:
    """Where the COFF header begins, and it; empty for a program of DOS."""
    at = struct.unpack_from("<I", head, 60)[0] if len(head) >= 64 else 0
    coff = file.pread(at, 24)
    return (at, coff) if len(coff) == 24 and coff.startswith(b"PE\0\0") else (0, b"")


def _sections(file: File, head: bytes) -> Iterator[tuple[bytes, int, int, int, int]]:
    """Name, virtual size, address from the image's start, size in the file, place in the file."""
    at, coff = _headers(file, head)
    if not coff:
        return
    count, optional_bytes = struct.unpack_from("<H12xH", coff, 6)
    if count > SECTIONS:
        raise MalformedExecutable(f"it says {count} sections")
    table = file.pread(at + 24 + optional_bytes, count * _ENTRY.size)
    if len(table) < count * _ENTRY.size:
        raise MalformedExecutable("its section table is cut off")
    for name, virtual_size, address, size, offset, _ in _ENTRY.iter_unpack(table):
        yield name.rstrip(b"\0"), virtual_size, address, size, offset


def place(file: File, base: int, address: int) -> int | None:
    """
    Where a virtual address lies in the file. `base` is always 0.

    Raises: MalformedExecutable.
    Source: PE Format, "Optional Header", ImageBase.
    """
    head = file.pread(base, 64)
    at, coff = _headers(file, head)
    optional = file.pread(at + 24, 32) if coff else b""
    if len(optional) < 32:
        raise MalformedExecutable("no optional header")
    wide = struct.unpack_from("<H", optional)[0] == 0x20B
    image = struct.unpack_from("<Q" if wide else "<I", optional, 24 if wide else 28)[0]
    for _, _, start, size, offset in _sections(file, head):
        if start <= address - image < start + size:
            return int(offset + address - image - start)
    return None
