"""What a tree gives its reader, and what the reader says it wants."""

from collections.abc import Callable
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
    """Also give files that begin like an ELF, PE or Mach-O file: see `executable.py`."""

    def __call__(self, path: str) -> int: ...

    def sieve(self, folder: str) -> Callable[[str], bool]:
        """
        Says of a name in that folder whether it could be wanted: what it refuses is wanted under no circumstances.

        `folder` is below the root, with a slash at its end unless empty. Asked once a folder, so that most names of a
        tree cost one short call.
        """


def wants_no_other(wants: Wants, path: str) -> bool:
    """
    Whether a wanted path is wanted by its own name and its folder's, as a database is.

    Something else than a file there is a loss. Where the name alone is wanted, or any name of a kind, a folder of that
    name is just a folder.
    """
    folder, slash, name = path.rpartition("/")
    return not wants(name) and not wants(f"{folder}{slash}~{name}")


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
