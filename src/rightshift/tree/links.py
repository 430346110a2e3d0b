"""Where a symlink below a directory leads; nothing outside is touched. Links in images: `whiteouts.py`."""

import errno
import os
import stat
from dataclasses import dataclass

LINKS = 40
"""As many as the kernel follows in one path."""
PARTS = 4096
DEPTH = 256
"""Folders that are open at once while one link is followed."""

_STEP = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file, open; whoever asked for it closes it. `path` is the real one below the root."""

    fd: int
    path: str


def open_file(root: int, path: str) -> Found | None:
    """
    The regular file that a path leads to, with `root` as the root of all links; None when it is something else.

    Each part is opened below its folder without following links, and links are read as text. So "..", absolute links,
    links of procfs and folders that change meanwhile stay inside, without openat2.

    Raises: OSError when it leads to nothing inside, runs in a circle, or may not be read.
    """
    todo = path.split("/")[::-1]
    folders: list[tuple[int, str]] = []
    links = steps = 0
    try:
        while todo:
            name = todo.pop()
            if (steps := steps + 1) > PARTS:
                raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
            if name in ("", "."):
                continue
            if name == "..":
                if folders:
                    os.close(folders.pop()[0])
                continue
            here = folders[-1][0] if folders else root
            mode = os.stat(name, dir_fd=here, follow_symlinks=False).st_mode
            if stat.S_ISLNK(mode):
                if (links := links + 1) > LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
                target = os.readlink(name, dir_fd=here)
                if target.startswith("/"):
                    _close(folders)
                todo += target.split("/")[::-1]
            elif stat.S_ISDIR(mode):
                if len(folders) >= DEPTH:
                    raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
                folders.append((os.open(name, _STEP, dir_fd=here), name))
            elif any(part not in ("", ".") for part in todo):
                raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            elif not stat.S_ISREG(mode):
                return None
            else:
                return _open(here, name, "/".join([*(folder for _, folder in folders), name]))
        return None
    finally:
        _close(folders)


def _open(folder: int, name: str, path: str) -> Found | None:
    fd = os.open(name, _FILE, dir_fd=folder)
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return Found(fd, path)
    os.close(fd)
    return None


def _close(folders: list[tuple[int, str]]) -> None:
    while folders:
        os.close(folders.pop()[0])
