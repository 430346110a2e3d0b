"""A new data folder with the console's role and database in it. Its tables are made by `store/migrations`."""

import errno
import os
import shutil
import stat
from pathlib import Path

from rightshift.console.postgres import process
from rightshift.console.postgres.account import Account
from rightshift.console.postgres.failure import PostgresError
from rightshift.console.postgres.find import Binaries
from rightshift.console.postgres.folder import Folder
from rightshift.console.postgres.settings import ADMIN, DATABASE, ROLE

_FIRST = f"""\
CREATE ROLE {ROLE} LOGIN;
GRANT SET ON PARAMETER session_replication_role TO {ROLE};
CREATE DATABASE {DATABASE} OWNER {ROLE};
"""
# Restoring sets that parameter, so that rows may come before those they refer to.
_BUILTIN_LOCALE_SINCE = 17


def create(folder: Folder, folder_fd: int, binaries: Binaries, account: Account) -> Path:
    """
    Makes the data folder of this version, whole or not at all; killed half-way, it is made anew.

    Raises: PostgresError.
    """
    part = folder.making(binaries.major)
    try:
        cleared(part)
        part.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(part, *account.maker)
        _fill(f"{process.seen(folder_fd)}/{part.name}", folder_fd, binaries, account)
        if os.geteuid() == 0:
            own(part, account)
        settled(part)
        part.rename(data := folder.data(binaries.major))
        settled(data.parent)
    except OSError as error:
        raise PostgresError(f"{str(part)!a} can't be made: {error.strerror}", do=advice(error)) from error
    return data


def _fill(data: str, folder_fd: int, binaries: Binaries, account: Account) -> None:
    locale = ["--no-locale"]  # as C.UTF-8, but for the letters outside ASCII
    if binaries.major >= _BUILTIN_LOCALE_SINCE:
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    words = ["-D", data, "-U", ADMIN, "-E", "UTF8", *locale, "-k", "-N", "-A", "reject", "--no-instructions"]
    process.run([str(binaries.program("initdb")), *words], account.maker, folder_fd)
    single = [str(binaries.program("postgres")), "--single", "-D", data, "-c", "log_checkpoints=off", "template1"]
    process.run(single, account.maker, folder_fd, typed=_FIRST)


def own(tree: Path, account: Account) -> None:
    """
    Gives a tree to the account. It was writable for somebody else: no link is followed, nothing special is given.

    Raises: PostgresError, OSError.
    """
    for _, folders, files, fd in os.fwalk(tree):
        os.fchown(fd, account.uid, account.gid)
        for name in (*folders, *files):
            found = os.stat(name, dir_fd=fd, follow_symlinks=False)
            if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
                os.chown(name, account.uid, account.gid, dir_fd=fd, follow_symlinks=False)
            elif not stat.S_ISDIR(found.st_mode):
                raise PostgresError(f"{str(tree)!a} holds something that PostgreSQL does not make: {name!a}")


def cleared(tree: Path) -> None:
    """Takes away what is left of something that was not finished. Raises: OSError."""
    if tree.is_symlink() or tree.is_file():
        tree.unlink()
    elif tree.exists():
        shutil.rmtree(tree)


def settled(tree: Path) -> None:
    """Everything of the file system that this folder is on is on the disk. Raises: OSError."""
    import ctypes

    fd = os.open(tree, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.syncfs(fd):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(fd)


def advice(error: OSError) -> str:
    """What to do about it, where that is known."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return "Free some space, or set RIGHTSHIFT_HOME to a folder that has some" if full else ""
