"""Finds one named section of an executable, whatever its format. The formats: `elf.py`, `pe.py`, `macho.py`."""

from rightshift.catalog.binaries import elf, macho, pe
from rightshift.catalog.binaries.section import Section
from rightshift.tree.file import File


def find(file: File, name_elf: str, name_pe: str = "", name_macho: str = "") -> Section | None:
    """
    The first section of that name for the file's format; None if there is none, or the file is no executable.

    Costs three short reads where there is none, so each reader of executables asks for itself.

    Raises: MalformedExecutable if the tables that lead to it lie.
    """
    head = file.pread(0, 64)
    if head.startswith(b"\x7fELF"):
        return elf.find(file, head, name_elf.encode()) if name_elf else None
    if head.startswith(b"MZ"):
        return pe.find(file, head, name_pe.encode()) if name_pe else None
    return macho.find(file, head, name_macho.encode()) if name_macho else None


def place(file: File, section: Section, address: int) -> int | None:
    """
    Where in the file a virtual address of the section's image lies; None if it is not in the file.

    Raises: MalformedExecutable.
    """
    formats = {"elf": elf.place, "pe": pe.place, "macho": macho.place}
    return formats[section.kind](file, section.base, address)
