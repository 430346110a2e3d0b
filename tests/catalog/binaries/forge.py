"""Executables made small and by hand, with given sections; each is loaded at `ADDRESS` plus its place in the file."""

import struct
from collections.abc import Mapping

ADDRESS = 0x400000


def elf(sections: Mapping[str, bytes], *, wide: bool = True, order: str = "<") -> bytes:
    """An ELF file with one segment over all of it."""
    head_bytes, entry = (64, 64) if wide else (52, 40)
    names = b"\0" + b"".join(name.encode() + b"\0" for name in (*sections, ".shstrtab"))
    segment_bytes = 56 if wide else 32
    body, entries, at = b"", [b"\0" * entry], head_bytes + segment_bytes
    for name, content in (*sections.items(), (".shstrtab", names)):
        body += b"\0" * (-(at + len(body)) % 16)
        place = at + len(body)
        name_at = names.index(b"\0" + name.encode() + b"\0") + 1
        layout = "IIQQQQIIQQ" if wide else "IIIIIIIIII"
        entries.append(struct.pack(order + layout, name_at, 1, 0, ADDRESS + place, place, len(content), 0, 0, 1, 0))
        body += content
    table_at = at + len(body)
    size = table_at + entry * len(entries)
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + b"\0" * 9
    rest = (head_bytes, segment_bytes, 1, entry, len(entries), len(entries) - 1)
    layout = "HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"
    head = ident + struct.pack(order + layout, 2, 62, 1, 0, head_bytes, table_at, 0, *rest)
    if wide:
        segment = struct.pack(order + "IIQQQQQQ", 1, 6, 0, ADDRESS, ADDRESS, size, size, 4096)
    else:
        segment = struct.pack(order + "IIIIIIII", 1, 0, ADDRESS, ADDRESS, size, size, 6, 4096)
    return head + segment + body + b"".join(entries)


def pe(sections: Mapping[str, bytes], *, wide: bool = True) -> bytes:
    """A PE file, mapped as it lies in the file."""
    optional = struct.pack("<H22xQ8x", 0x20B, ADDRESS) if wide else struct.pack("<H26xI8x", 0x10B, ADDRESS)
    head = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x8664, len(sections), 0, 0, 0, len(optional), 2)
    at = len(head) + len(coff) + len(optional) + 40 * len(sections)
    table, body = b"", b""
    for name, content in sections.items():
        body += b"\0" * (-(at + len(body)) % 16)
        place = at + len(body)
        table += struct.pack("<8sIIII12xI", name.encode(), len(content), place, len(content), place, 0xC0000040)
        body += content
    return head + coff + optional + table + body


def macho(sections: Mapping[str, bytes], *, wide: bool = True, order: str = "<") -> bytes:
    """A Mach-O image with all sections in one segment."""
    head_bytes, segment_bytes, section_bytes = (32, 72, 80) if wide else (28, 56, 68)
    at = head_bytes + segment_bytes + section_bytes * len(sections)
    table, body = b"", b""
    for name, content in sections.items():
        body += b"\0" * (-(at + len(body)) % 16)
        place = at + len(body)
        layout = "16s16sQQI28x" if wide else "16s16sIII24x"
        table += struct.pack(order + layout, name.encode(), b"__DATA", ADDRESS + place, len(content), place)
        body += content
    size = at + len(body)
    length = segment_bytes + len(table)
    layout = "II16sQQQQIIII" if wide else "II16sIIIIIIII"
    kind = 0x19 if wide else 1
    segment = struct.pack(order + layout, kind, length, b"__DATA", ADDRESS, size, 0, size, 7, 3, len(sections), 0)
    magic = 0xFEEDFACF if wide else 0xFEEDFACE
    head = struct.pack(order + "IIIIIII", magic, 7, 3, 2, 1, length, 0) + (b"\0" * 4 if wide else b"")
    return head + segment + table + body


def fat(*images: bytes) -> bytes:
    """Several images in one file."""
    content = struct.pack(">II", 0xCAFEBABE, len(images))
    at, bodies = len(content) + 20 * len(images), b""
    for image in images:
        bodies += b"\0" * (-(at + len(bodies)) % 16)
        content += struct.pack(">IIIII", 7, 3, at + len(bodies), len(image), 4)
        bodies += image
    return content + bodies
