"""Parts of one tree for several readers at once: each folder of the upper levels belongs to one. Walking: `root.py`."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

LEAST_FOLDERS = 24
"""Two levels below the root have at least so many folders, or the tree is not worth a second reader."""
WIDE = 256
"""With so many folders two levels down they are shared out; else those below them, as in the root of a system."""
LOOKED_AT = 4096
EACH = 3

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Share:
    """
    One of `count` shares. Above `depth` all of them go through every folder, but its files are given by one alone.

    A folder at `depth` belongs to one share with all that is below it.
    """

    number: int
    count: int
    depth: int

    def has(self, folder: str) -> bool:
        """Whether a folder at `depth` or above, "" for the root, is this share's."""
        return crc32(folder.encode("utf-8", "surrogateescape")) % self.count == self.number


def shares(root: int, readers: int) -> tuple[Share, ...]:
    """
    How to share out the tree below an open folder between so many readers; nothing for a small tree or one reader.

    There are a few for each, since nobody knows beforehand how large they are.
    """
    if readers < 2:
        return ()
    first = list(_folders(root))
    second = sum(1 for name in first[:WIDE] for _ in _below(root, name))
    if len(first) + second < LEAST_FOLDERS:
        return ()
    depth, count = 2 if second >= WIDE else 3, readers * EACH
    return tuple(Share(number, count, depth) for number in range(count))


def _below(root: int, name: str) -> Iterator[str]:
    try:
        fd = os.open(name, _FOLDER, dir_fd=root)
    except OSError:
        return
    try:
        yield from _folders(fd)
    finally:
        os.close(fd)


def _folders(fd: int) -> Iterator[str]:
    """Names of the folders in one, of the first entries only where there are very many."""
    try:
        with os.scandir(fd) as entries:
            for number, entry in enumerate(entries):
                if number >= LOOKED_AT:
                    return
                if entry.is_dir(follow_symlinks=False):
                    yield entry.name
    except OSError:
        return
