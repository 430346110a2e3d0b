"""Where a named section lies in ELF, PE and Mach-O files, and what is refused."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.binaries import executable
from rightshift.catalog.binaries.section import MalformedExecutable
from rightshift.tree.file import MemoryFile
from tests.catalog.binaries import forge

SECTIONS = {".text": b"code" * 20, ".found": b"what is looked for", ".other": b"x" * 30}
KINDS = {
    "elf64": forge.elf(SECTIONS),
    "elf32": forge.elf(SECTIONS, wide=False),
    "elf64 big": forge.elf(SECTIONS, order=">"),
    "elf32 big": forge.elf(SECTIONS, wide=False, order=">"),
    "pe64": forge.pe(SECTIONS),
    "pe32": forge.pe(SECTIONS, wide=False),
    "macho64": forge.macho(SECTIONS),
    "macho32": forge.macho(SECTIONS, wide=False),
    "macho64 big": forge.macho(SECTIONS, order=">"),
    "fat": forge.fat(forge.macho({".text": b"code"}), forge.macho(SECTIONS)),
}


@pytest.mark.parametrize("content", KINDS.values(), ids=KINDS)
def test_the_section_of_that_name_and_where_its_address_leads(content: bytes) -> None:
    file = MemoryFile("a", content)
    section = executable.find(file, ".found", ".found", ".found")
    assert section
    assert section.read(file, 1000) == SECTIONS[".found"]
    assert section.read(file, 4) == b"what"
    address = forge.ADDRESS + section.offset - section.base
    assert executable.place(file, section, address) == section.offset
    assert executable.place(file, section, 1) is None


@pytest.mark.parametrize("content", KINDS.values(), ids=KINDS)
def test_a_name_that_is_none_or_only_the_end_of_one_is_not_found(content: bytes) -> None:
    assert executable.find(MemoryFile("a", content), ".absent", ".absent", ".absent") is None
    assert executable.find(MemoryFile("a", content), "found", "found", "found") is None


@pytest.mark.parametrize(
    "content", [b"", b"MZ", b"MZ" + b"\0" * 100, b"#!/bin/sh\n", b"\xca\xfe\xba\xbe\0\0\0\x34" + b"\0" * 90]
)
def test_what_is_no_executable_has_no_sections(content: bytes) -> None:
    assert executable.find(MemoryFile("a", content), ".found", ".found", ".found") is None


ELF = KINDS["elf64"]
LIES = {
    "cut in its header": ELF[:40],
    "class 7": ELF[:4] + b"\7" + ELF[5:],
    "byte order 9": ELF[:5] + b"\x09" + ELF[6:],
    "other byte order": ELF[:5] + b"\2" + ELF[6:],
    "65,535 sections": ELF[:60] + b"\xff\xff" + ELF[62:],
    "names in section 60,000": ELF[:62] + struct.pack("<H", 60_000),
    "section table far away": ELF[:40] + b"\xff" * 8 + ELF[48:],
    "cut in its section table": ELF[:-10],
    "PE with 60,000 sections": KINDS["pe64"][:70] + b"\x60\xea" + KINDS["pe64"][72:],
    "PE cut off": KINDS["pe64"][:-40],
    "Mach-O with commands of 2^32-1 bytes": KINDS["macho64"][:20] + b"\xff" * 4 + KINDS["macho64"][24:],
    "Mach-O with a command of no bytes": KINDS["macho64"][:36] + b"\0" * 4 + KINDS["macho64"][40:],
    "Mach-O cut off": KINDS["macho64"][:90],
    "fat cut off": KINDS["fat"][:30],
}


@pytest.mark.parametrize("content", LIES.values(), ids=LIES)
def test_what_lies_is_malformed(content: bytes) -> None:
    with pytest.raises(MalformedExecutable):
        executable.find(MemoryFile("a", content), ".found", ".other", ".found")


@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=16), st.floats(0, 1), st.integers(0, 1 << 64))
def test_no_bytes_raise_anything_else(kind: str, content: bytes, share: float, address: int) -> None:
    at = int(share * share * len(KINDS[kind]))
    file = MemoryFile("a", KINDS[kind][:at] + content + KINDS[kind][at + len(content) :])
    with suppress(MalformedExecutable):
        section = executable.find(file, ".found", ".found", ".found")
        if section:
            executable.place(file, section, address)
