"""The declaration of one file format: where it lies and how it is read. Found by being there: see `index.py`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rightshift.model.inventory import Gap
from rightshift.model.package import Distro, Owned, Package
from rightshift.tree.file import File

Found = Package | Owned | Distro | Gap
"""What a reader yields. A `Gap` with an empty path means the file that is read; the good parts beside it count."""


def directory(path: str) -> str:
    """Files of one folder belong together."""
    return path.rpartition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """
    One file format that names packages. Exactly one of the three readers is given.

    `patterns` say which paths are wanted: names joined by "/", matched from the end of the path, part by part, with
    `*` for any run of characters inside one part: `Cargo.lock`, `*.jar`, `lib/dpkg/status`, `*.dist-info/METADATA`.
    A file is offered to each format that has a pattern for it. `executables` asks for ELF, PE and Mach-O files instead.
    Files over `limit_bytes` are not read, unless `partly`, and become a gap.
    """

    name: str
    """Stands in documents and lists: `cargo-lock`."""
    ecosystem: str
    """purl type of what it mostly yields; empty for what is read whichever ecosystems are asked for."""
    title: str
    """One line for the list of formats in the docs, with the files' names."""
    patterns: tuple[str, ...] = ()
    executables: bool = False
    limit_bytes: int
    partly: bool = False
    """The first `limit_bytes` of a larger file are of use: `read` gets them, and the rest is a gap."""
    read: Callable[[bytes], Iterable[Found]] | None = None
    """For a file that is read whole."""
    read_file: Callable[[File], Iterable[Found]] | None = None
    """For what is looked into (archives, databases, executables), or where the path says something."""
    read_group: Callable[[Mapping[str, bytes]], Iterable[Found]] | None = None
    """For files that only mean something together: path to content, in path order."""
    group: Callable[[str], str] = directory
    """Which files belong together: those for whose paths it gives the same text."""
