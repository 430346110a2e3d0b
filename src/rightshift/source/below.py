"""Opens files below a folder by steps, so that no link leads out of it. Walking a whole tree: `tree/root`."""

import errno
import os
import stat
from pathlib import Path

from rightshift.errors import SourceError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_FULL = frozenset({errno.EMFILE, errno.ENFILE})


def open_root(path: str | Path) -> int:
    """
    A descriptor of the folder that a person or a configuration named; links on the way to it are theirs.

    Raises:
        SourceError: it is missing, no folder, or may not be read.
    """
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise SourceError(f"The folder {path} can't be read: {reason(error)}") from error


def open_folder(root: int, path: str) -> int:
    """
    A descriptor of a folder below `root`; `path` has its parts joined by "/", each of them a real folder.

    Raises:
        FileNotFoundError: there is none.
        SourceError: a part is a link or no folder, or may not be read.
    """
    return _step(root, path, _FOLDER)


def open_file(root: int, path: str) -> int:
    """
    A descriptor of a regular file below `root`. Links, FIFOs and devices are refused without being opened.

    Raises:
        FileNotFoundError: there is none.
        SourceError: it is no regular file, a folder on the way is a link, or it may not be read.
    """
    folder, _, name = path.rpartition("/")
    parent = open_folder(root, folder)
    try:
        _refuse_special(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode, path)
        fd = os.open(name, _FILE, dir_fd=parent)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise _refused(path, error) from error
    finally:
        os.close(parent)
    try:
        _refuse_special(os.fstat(fd).st_mode, path)
    except SourceError:
        os.close(fd)
        raise
    return fd


def read(root: int, path: str, limit_bytes: int) -> bytes:
    """
    A whole file below `root`.

    Raises:
        FileNotFoundError: there is none.
        SourceError: as `open_file`, or it is larger than `limit_bytes`.
    """
    fd = open_file(root, path)
    try:
        return read_descriptor(fd, path, limit_bytes)
    finally:
        os.close(fd)


def read_descriptor(fd: int, path: str, limit_bytes: int) -> bytes:
    """
    All bytes behind a descriptor of a regular file, from its beginning.

    Raises:
        SourceError: it is larger than `limit_bytes` or can't be read.
    """
    chunks, at = [], 0
    try:
        while chunk := os.pread(fd, min(limit_bytes + 1 - at, 1 << 20), at):
            chunks.append(chunk)
            at += len(chunk)
            if at > limit_bytes:
                raise SourceError(f"{path} is larger than the {limit_bytes} bytes that are read of such a file")
    except OSError as error:
        raise _refused(path, error) from error
    return b"".join(chunks)


def names(root: int, path: str) -> list[str]:
    """
    What lies in a folder below `root`, in alphabetical order.

    Raises:
        FileNotFoundError: there is no such folder.
        SourceError: as `open_folder`.
    """
    fd = open_folder(root, path)
    try:
        return sorted(os.listdir(fd))
    finally:
        os.close(fd)


def reason(error: Exception) -> str:
    """Why the system refused, in its own words and without the path."""
    text = error.strerror if isinstance(error, OSError) else str(error)
    return (text or type(error).__name__).lower()


def _step(root: int, path: str, flags: int) -> int:
    fd = os.dup(root)
    try:
        for part in filter(None, path.split("/")):
            if part in (".", ".."):
                raise SourceError(f"{path} leads out of its folder")
            below = os.open(part, flags, dir_fd=fd)
            os.close(fd)
            fd = below
    except FileNotFoundError:
        os.close(fd)
        raise
    except (OSError, ValueError) as error:
        os.close(fd)
        raise _refused(path, error) from error
    except SourceError:
        os.close(fd)
        raise
    return fd


def _refuse_special(mode: int, path: str) -> None:
    if not stat.S_ISREG(mode):
        kind = "a link" if stat.S_ISLNK(mode) else "no regular file"
        raise SourceError(f"{path} is {kind}", means="It may lead to anything outside and was not opened")


def _refused(path: str, error: Exception) -> SourceError:
    if isinstance(error, OSError) and error.errno in (errno.ELOOP, errno.ENOTDIR):
        return SourceError(f"{path} is a link or lies behind one", means="It may lead outside and was not opened")
    do = "Raise the limit of open files (ulimit -n)" if isinstance(error, OSError) and error.errno in _FULL else ""
    return SourceError(f"{path} can't be read: {reason(error)}", do=do)
