"""Sections of Mach-O files: programs and libraries of macOS, fat ones too. Who asks for them: `executable.py`."""

import struct
from collections.abc import Iterator

from rightshift.catalog.binaries.section import MalformedExecutable, Section
from rightshift.tree.file import File

IMAGES = 16
"""Architectures in a fat file. A Java class begins like one, with 45 (its version) or more."""

COMMANDS_BYTES = 4 << 20
SECTIONS = 4096

_MAGIC = {
    b"\xfe\xed\xfa\xce": (">", False),
    b"\xfe\xed\xfa\xcf": (">", True),
    b"\xce\xfa\xed\xfe": ("<", False),
    b"\xcf\xfa\xed\xfe": ("<", True),
}
_FAT = {b"\xca\xfe\xba\xbe": struct.Struct(">8xII4x"), b"\xca\xfe\xba\xbf": struct.Struct(">8xQQ8x")}
_SEGMENT = {False: 0x1, True: 0x19}


def find(file: File, head: bytes, name: bytes) -> Section | None:
    """
    The section of that name in the first image that has one; None too for what is no Mach-O.

    Raises: MalformedExecutable.
    Source: Apple's mach-o/loader.h and mach-o/fat.h.
    """
    for base in _images(file, head):
        for order, wide, segment in _segments(file, base):
            for found, _, size, offset in _sections(order, wide, segment):
                if found == name:
                    if base + offset + size > file.size:
                        raise MalformedExecutable(f"its section {name.decode()} leads outside")
                    return Section("macho", base + offset, size, base)
    return None


def _images(file: File, head: bytes) -> list[int]:
    """Where images begin."""
    if head[:4] in _MAGIC:
        return [0]
    entry = _FAT.get(head[:4])
    if not entry or len(head) < 8:
        return []
    count = struct.unpack_from(">I", head, 4)[0]
    if count > IMAGES:
        return []
    table = file.pread(8, count * entry.size)
    if len(table) < count * entry.size:
        raise MalformedExecutable("its table of images is cut off")
    return [offset for offset, _ in entry.iter_unpack(table)]


def _segments(file: File, base: int) -> Iterator[tuple[str, bool, bytes]]:
    """Byte order, whether it is of 64 bits, and the load command, for each segment of an image."""
    head = file.pread(base, 32)
    order, wide = _MAGIC.get(head[:4], ("", False))
    if not order or len(head) < 28:
        raise MalformedExecutable("an image that is none")
    count, size = struct.unpack_from(order + "II", head, 16)
    if size > COMMANDS_BYTES:
        raise MalformedExecutable(f"load commands of {size} bytes")
    commands = file.pread(base + (32 if wide else 28), size)
    at = 0
    for _ in range(count):
        if at + 8 > len(commands):
            raise MalformedExecutable("its load commands are cut off")
        kind, length = struct.unpack_from(order + "II", commands, at)
        if length < 8:
            raise MalformedExecutable(f"a load command of {length} bytes")
        if kind == _SEGMENT[wide]:
            yield order, wide, commands[at : at + length]
        at += length


def _sections(order: str, wide: bool, segment: bytes) -> Iterator[tuple[bytes, int, int, int]]:
    """Name, address, size in bytes, place in the image."""
    start, entry = (72, struct.Struct(order + "16s16xQQI28x")) if wide else (56, struct.Struct(order + "16s16xIII24x"))
    if len(segment) < start:
        raise MalformedExecutable("a segment that is cut off")
    count = struct.unpack_from(order + "I", segment, start - 8)[0]
    if count > SECTIONS or start + count * entry.size > len(segment):
        raise MalformedExecutable(f"a segment that says {count} sections")
    for name, address, size, offset in entry.iter_unpack(segment[start : start + count * entry.size]):
        yield name.rstrip(b"\0"), address, size, offset


def place(file: File, base: int, address: int) -> int | None:
    """
    Where a virtual address of the image that begins at `base` lies in the file.

    Raises: MalformedExecutable.
    """
    for order, wide, segment in _segments(file, base):
        if len(segment) < (72 if wide else 56):
            raise MalformedExecutable("a segment that is cut off")
        start, _, offset, size = struct.unpack_from(order + ("QQQQ" if wide else "IIII"), segment, 24)
        if start <= address < start + size:
            return int(base + offset + address - start)
    return None
