"""What the tests of this folder want of a tree, and what a tree gave, as plain values."""

from collections.abc import Callable, Iterable, Mapping

from rightshift.model.inventory import Gap
from rightshift.tree.entry import Body, Skipped
from rightshift.tree.file import read_whole


class Ends:
    """Wants paths that end in one of these, at a border between names; a leading "*" is any start of the last name."""

    def __init__(self, *ends: str, limit_bytes: int = 1 << 20, executables: bool = False) -> None:
        self.ends = ends
        self.limit_bytes = limit_bytes
        self.executables = executables

    def __call__(self, path: str) -> int:
        return self.limit_bytes if any(self._has(path, end) for end in self.ends) else 0

    def sieve(self, folder: str) -> Callable[[str], bool]:
        return lambda name: bool(self(folder + name))

    @staticmethod
    def _has(path: str, end: str) -> bool:
        return path.endswith(end[1:]) if end.startswith("*") else f"/{path}".endswith(f"/{end}")


def bodies(items: Iterable[object]) -> dict[str, bytes]:
    """Content by path, read while the file is open; of a path that comes twice the later one."""
    return {item.path: read_whole(item.file, 1 << 30) for item in items if isinstance(item, Body)}


def sorted_out(items: Iterable[object]) -> tuple[dict[str, bytes], dict[str, str], dict[str, str]]:
    """Bodies, gaps and skipped folders, each by path."""
    found: dict[str, bytes] = {}
    gaps: dict[str, str] = {}
    skipped: dict[str, str] = {}
    for item in items:
        if isinstance(item, Body):
            assert item.path == item.file.path
            found[item.path] = read_whole(item.file, 1 << 30)
        elif isinstance(item, Gap):
            gaps[item.path] = item.reason
        else:
            assert isinstance(item, Skipped)
            skipped[item.path] = item.reason
    return found, gaps, skipped


ELF = b"\x7fELF" + bytes(8000)

Files = Mapping[str, bytes]
