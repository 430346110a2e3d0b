"""A copy of the programs where the server's user can read them. Which programs: `find.py`."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

from rightshift.console.postgres.account import Account
from rightshift.console.postgres.failure import PostgresError
from rightshift.console.postgres.find import Binaries

_CACHE = Path("/var/cache/rightshift")
"""For root only, where not even the home can be reached, say below /root."""
_LEFT_OUT = ("include", "doc", "man", "__pycache__")


def within_reach(binaries: Binaries, account: Account, folder: Path) -> Binaries:
    """
    The same programs, copied once per version if a folder above them is closed to the account.

    Raises: PostgresError if there is no place to copy them to, or no space.
    """
    users = {(account.uid, account.gid), account.maker}
    if _reachable(binaries.folder, users):
        return binaries
    package = binaries.folder.parent.parent
    if binaries.folder.parts[-2:] != ("pginstall", "bin"):
        raise PostgresError(
            f"The PostgreSQL in {str(binaries.folder)!a} can't be read by the user that runs it",
            do="Install one that everybody can read, or run rightshift as an ordinary user",
        )
    places = [place for place in (folder, _CACHE) if _reachable(_existing(place), users)]
    if not places:
        raise PostgresError(f"No folder can be read by the user id {account.uid} that runs PostgreSQL")
    copied = places[0] / f"server-{binaries.version}"
    if not copied.is_dir():
        _copy(package, copied)
    return replace(binaries, folder=copied / package.name / "pginstall" / "bin")


def _copy(package: Path, to: Path) -> None:
    """The package and, beside it, the libraries that its programs look for there; whole or not at all."""
    part = to.with_name(f"{to.name}.{os.getpid()}.part")
    try:
        part.mkdir(parents=True)
        ignore = shutil.ignore_patterns(*_LEFT_OUT)
        shutil.copytree(package / "pginstall", part / package.name / "pginstall", ignore=ignore)
        if (libraries := package.with_name(package.name + ".libs")).is_dir():
            shutil.copytree(libraries, part / libraries.name)
        for path in (part, *part.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        part.rename(to)
    except OSError as error:
        if not to.is_dir():  # another process was first
            raise PostgresError(f"PostgreSQL can't be copied to {str(to)!a}: {error.strerror}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _existing(path: Path) -> Path:
    """The folder itself, or the first one above it that is there."""
    return next(one for one in (path, *path.parents) if one.exists())


def _reachable(path: Path, users: set[tuple[int, int]]) -> bool:
    """Whether these users may go through all folders down to this one, by the mode bits alone."""
    for one in (path.resolve(), *path.resolve().parents):
        stat = one.stat()
        for uid, gid in users:
            shift = 6 if stat.st_uid == uid else 3 if stat.st_gid == gid else 0
            if not stat.st_mode >> shift & 0o1:
                return False
    return True
