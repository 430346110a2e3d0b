"""A new data folder with the console's role and database in it. Its tables are made by `store/migrations`."""

import ctypes
import errno
import os
import shutil
import stat
from pathlib import Path

from rightshift.console.postgres import process
from rightshift.console.postgres.account import Account
from rightshift.console.postgres.failure import PostgresError
from rightshift.console.postgres.find import Binaries
from rightshift.console.postgres.folder import Held
from rightshift.console.postgres.settings import ADMIN, DATABASE, ROLE

_FIRST = f"""\
CREATE ROLE {ROLE} LOGIN;
CREATE DATABASE {DATABASE} OWNER {ROLE};
"""
_BUILTIN_LOCALE_SINCE = 17


def create(held: Held, binaries: Binaries, account: Account) -> None:
    """
    The data folder of this version, whole or not at all; killed half-way, it is made anew.

    Raises: PostgresError.
    """
    make(held, binaries, account)
    finish(held, binaries.major)


def make(held: Held, binaries: Binaries, account: Account) -> None:
    """
    A data folder beside the place where one is looked for. `finish` moves it there.

    Raises: PostgresError.
    """
    part = held.folder.making(binaries.major)
    try:
        cleared(part)
        part.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(part, *account.maker)
        _fill(f"{held.seen}/{part.name}", held, binaries, account)
        if os.geteuid() == 0:
            own(part, account)
    except OSError as error:
        raise PostgresError(f"{str(part)!a} can't be made: {error.strerror}", do=advice(error)) from error


def finish(held: Held, major: int) -> None:
    """
    What was made is on the disk and in its place.

    Raises: PostgresError.
    """
    part = held.folder.making(major)
    try:
        _on_disk(part)
        part.rename(held.folder.data(major))
        _on_disk(held.folder.path)
    except OSError as error:
        raise PostgresError(f"{str(part)!a} can't be kept: {error.strerror}", do=advice(error)) from error


def _fill(data: str, held: Held, binaries: Binaries, account: Account) -> None:
    locale = ["--no-locale"]  # as C.UTF-8, but for the letters outside ASCII
    if binaries.major >= _BUILTIN_LOCALE_SINCE:
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    words = ["-D", data, "-U", ADMIN, "-E", "UTF8", *locale, "-k", "-N", "-A", "reject", "--no-instructions"]
    process.run([str(binaries.program("initdb")), *words], account.maker, held)
    single = [str(binaries.program("postgres")), "--single", "-D", data, "-c", "log_checkpoints=off", "template1"]
    process.run(single, account.maker, held, typed=_FIRST)


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


def _on_disk(tree: Path) -> None:
    """Everything of the file system that this folder is on is on the disk. Raises: OSError."""
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
