"""What a tree gives its reader, and what the reader says it wants."""

from dataclasses import dataclass
from typing import Protocol

from rightshift.tree.file import File


@dataclass(frozen=True, slots=True)
class Body:
    """A file that the reader wanted. `file` is good until the next item is asked for. `mode` holds permission bits."""

    path: str
    mode: int
    file: File


class Wants(Protocol):
    """
    Says by path alone whether a file's body is asked for; called once for each regular file, so it is fast.

    `path` is below the root, parts joined by "/", no leading slash. The answer is the largest size in bytes that is
    wanted whole: 0 means not wanted. Executables that no path names are asked for through `executables`.
    """

    executables: bool
    """Also give files of 4 KiB and more that begin like an ELF, PE or Mach-O file: see `executable.py`."""

    def __call__(self, path: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Skipped:
    """A folder that was left out on purpose: another file system, or the store of a container runtime. Not a loss."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where reading a tree stops, and says so with a gap. Counts are for one tree or one layer."""

    entries: int = 10_000_000
    depth: int = 4_096
    path_bytes: int = 64 << 10
    unpacked_bytes: int = 64 << 30
