"""A section of an executable. Finding one: `executable.py`."""

from dataclasses import dataclass
from typing import Literal

from rightshift.errors import Malformed
from rightshift.tree.file import File


class MalformedExecutable(Malformed):
    """A table of it lies outside the file, or says what can't be."""


@dataclass(frozen=True, slots=True)
class Section:
    """Where a section lies in the file, in bytes. `base` is where its image begins: not 0 in a fat Mach-O."""

    kind: Literal["elf", "pe", "macho"]
    offset: int
    size: int
    base: int = 0

    def read(self, file: File, limit_bytes: int) -> bytes:
        """At most `limit_bytes` from its start."""
        return file.pread(self.offset, min(self.size, limit_bytes))
