"""Sections of ELF files: programs and libraries of Linux. Who asks for them: `executable.py`."""

import struct
from dataclasses import dataclass

from rightshift.catalog.binaries.section import MalformedExecutable, Section
from rightshift.tree.file import File

NAMES_BYTES = 4 << 20
"""Of the table of section names; a large program has some 500 bytes."""

_NO_BITS, _LOAD, _INDEX_ELSEWHERE = 8, 1, 0xFFFF


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the tables of one class and byte order are packed. Positions in `header` and entries: see System V ABI."""

    header: struct.Struct
    section: struct.Struct
    segment: struct.Struct


_LAYOUTS = {
    (bits, order): _Layout(
        struct.Struct(order + ("16xHHIIIIIHHHHHH" if bits == 1 else "16xHHIQQQIHHHHHH")),
        struct.Struct(order + ("IIIIIIIIII" if bits == 1 else "IIQQQQIIQQ")),
        struct.Struct(order + ("IIIIIIII" if bits == 1 else "IIQQQQQQ")),
    )
    for bits in (1, 2)
    for order in "<>"
}


def _layout(head: bytes) -> _Layout:
    layout = _LAYOUTS.get((head[4], {1: "<", 2: ">"}.get(head[5], ""))) if len(head) >= 6 else None
    if not layout or len(head) < layout.header.size:
        raise MalformedExecutable("an ELF header that is cut off, or of an unknown class")
    return layout


def find(file: File, head: bytes, name: bytes) -> Section | None:
    """
    The section of that name. A file without a section table has none.

    Raises: MalformedExecutable.
    Source: System V ABI, chapter 4, "ELF Header", "Sections".
    """
    layout = _layout(head)
    *_, at, _, _, _, _, entry, count, names_index = layout.header.unpack_from(head)
    if not at:
        return None
    if entry != layout.section.size:
        raise MalformedExecutable(f"section entries of {entry} bytes")
    if not count or names_index == _INDEX_ELSEWHERE:
        first = _section(file, layout, at, 0)
        count, names_index = count or first[5], first[6] if names_index == _INDEX_ELSEWHERE else names_index
    if not names_index < count or at + count * entry > file.size:
        raise MalformedExecutable(f"it says {count} sections and names in number {names_index}")
    names_at = _section(file, layout, at, names_index)
    names = file.pread(names_at[4], min(names_at[5], NAMES_BYTES))
    if name + b"\0" not in names:
        return None
    return _named(file, layout, file.pread(at, count * entry), names, name)


def _section(file: File, layout: _Layout, at: int, index: int) -> tuple[int, ...]:
    entry = file.pread(at + index * layout.section.size, layout.section.size)
    if len(entry) < layout.section.size:
        raise MalformedExecutable("its section table is cut off")
    return layout.section.unpack(entry)


def _named(file: File, layout: _Layout, table: bytes, names: bytes, name: bytes) -> Section | None:
    for name_at, kind, _, _, offset, size, *_ in layout.section.iter_unpack(table):
        if kind != _NO_BITS and names.startswith(name + b"\0", name_at):
            if offset + size > file.size:
                raise MalformedExecutable(f"its section {name.decode()} leads outside")
            return Section("elf", offset, size)
    return None


def place(file: File, base: int, address: int) -> int | None:
    """
    Where a virtual address lies in the file. `base` is always 0.

    Raises: MalformedExecutable.
    Source: System V ABI, chapter 5, "Program Header".
    """
    head = file.pread(base, 64)
    layout = _layout(head)
    _, _, _, _, at, _, _, _, entry, count, *_ = layout.header.unpack_from(head)
    if entry != layout.segment.size:
        raise MalformedExecutable(f"program header entries of {entry} bytes")
    table = file.pread(at, count * entry)
    for fields in layout.segment.iter_unpack(table[: len(table) // entry * entry]):
        if layout.segment.size == 32:
            kind, offset, start, _, size, *_ = fields
        else:
            kind, _, offset, start, _, size, *_ = fields
        if kind == _LOAD and start <= address < start + size:
            return int(offset + address - start)
    return None
