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

    Raises: OSError when it leads to nothing inside, runs in a circle, or may not be read.
    """
    folders: list[tuple[int, str]] = []
    try:
        end = _follow(root, path, folders)
        if end is None or not stat.S_ISREG(end[1]):
            return None
        here = folders[-1][0] if folders else root
        return _open(here, end[0], "/".join([*(folder for _, folder in folders), end[0]]))
    finally:
        _close(folders)


def real_folder(root: int, path: str) -> str | None:
    """
    Where the folder that a path leads to really lies below the root; None when it is no folder.

    Raises: OSError when it leads to nothing inside, runs in a circle, or may not be looked into.
    """
    folders: list[tuple[int, str]] = []
    try:
        return "/".join(name for _, name in folders) if _follow(root, path, folders) is None else None
    finally:
        _close(folders)


def _follow(root: int, path: str, folders: list[tuple[int, str]]) -> tuple[str, int] | None:
    """
    Opens one folder after the other into `folders`; gives name and mode of what is no folder at the end.

    Each part is opened below its folder without following links, and links are read as text. So "..", absolute links,
    links of procfs and folders that change meanwhile stay inside, without openat2.
    """
    todo = path.split("/")[::-1]
    links = steps = 0
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
        else:
            return name, mode
    return None


def _open(folder: int, name: str, path: str) -> Found | None:
    fd = os.open(name, _FILE, dir_fd=folder)
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return Found(fd, path)
    os.close(fd)
    return None


def _close(folders: list[tuple[int, str]]) -> None:
    while folders:
        os.close(folders.pop()[0])
