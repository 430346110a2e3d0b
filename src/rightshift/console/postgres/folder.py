"""What lies in the server's folder, and who uses it now. The folder of everything: `config.Config.home`."""

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from rightshift.console.postgres.failure import AlreadyRunning, PostgresError
from rightshift.console.postgres.settings import DATABASE, ROLE

SOCKET = ".s.PGSQL.5432"
SOCKET_PATH_BYTES = 107
"""Source: unix(7), "Address format": `sun_path` has 108 bytes, the last of them zero."""
_RECORD_BYTES = 4 << 10
_LINKS = "rightshift-"
_GONE_S = 15.0
_PROBED_S = 0.5
"""How long a mere look of another process at the lock may take."""


@dataclass(frozen=True, slots=True)
class Folder:
    """`RIGHTSHIFT_HOME/postgres`: a data folder per major version, the files we give to the server, its log."""

    path: Path

    def data(self, major: int) -> Path:
        """The data of this version, whole whenever it is there."""
        return self.path / str(major)

    def making(self, major: int) -> Path:
        """Data that is being made; worth nothing."""
        return self.path / f"{major}.part"

    def left(self, major: int) -> Path:
        """The data of an older version after its content went into a newer one."""
        return self.path / f"{major}.old"

    def programs(self, version: str) -> Path:
        """A copy of the programs of this version."""
        return self.path / f"server-{version}"

    @property
    def majors(self) -> tuple[int, ...]:
        """Of which versions there is data, oldest first."""
        names = (entry.name for entry in os.scandir(self.path) if entry.is_dir(follow_symlinks=False))
        return tuple(sorted(int(name) for name in names if name.isascii() and name.isdigit()))

    @property
    def lock(self) -> Path:
        """Held by every process of a running server."""
        return self.path / "lock"

    @property
    def record(self) -> Path:
        """Where the server that runs can be reached, or the last one that did."""
        return self.path / "server.json"

    @property
    def log(self) -> Path:
        """The newest of what the server says."""
        return self.path / "postgres.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A server that was started: who did, and where it listens. A process is its id and when it began."""

    supervisor: tuple[int, int]
    postmaster: tuple[int, int]
    stops_with_parent: bool
    sockets: str
    """The folder of the socket, or a shorter name for it."""
    version: str

    def url(self, database: str = DATABASE, role: str = ROLE) -> str:
        """For libpq; whoever is not our user is refused by the server whatever he says."""
        return url(self.sockets, database, role)


def url(sockets: str, database: str, role: str) -> str:
    """How libpq names a database behind the socket in this folder."""
    return f"postgresql://{quote(role, safe='')}@/{quote(database, safe='')}?host={quote(sockets, safe='')}"


def of(home: Path) -> Folder:
    """The server's folder of a home, as it is."""
    return Folder(home / "postgres")


def running(home: Path) -> Record | None:
    """
    The server that runs in this home, whoever started it.

    Raises: PostgresError when that can't be looked at.
    """
    folder = of(home)
    try:
        fd = os.open(folder.lock, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PostgresError(
            f"{str(folder.path)!a} can't be looked into: {error.strerror}", do="Run it as the user who runs the console"
        ) from error
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        record = read(folder)
        return record if record and alive(record.postmaster) else None
    finally:
        os.close(fd)
    return None


def url_of_running(home: Path, database: str = DATABASE) -> str | None:
    """
    How to connect to the server that runs in this home; None where none does.

    Raises: PostgresError as `running`.
    """
    record = running(home)
    return record.url(database) if record else None


@dataclass(frozen=True, slots=True)
class Held:
    """The folder while nobody else may use it. Who inherits both descriptors sees it, and keeps it held."""

    folder: Folder
    folder_fd: int
    lock_fd: int

    @property
    def fds(self) -> tuple[int, int]:
        """What a program of the server inherits."""
        return self.folder_fd, self.lock_fd

    @property
    def seen(self) -> str:
        """
        How a program that inherits the descriptors names the folder.

        The server's user can't pass the folders above it where these are ours alone, as below /root; through a
        descriptor it needs not.
        Source: proc_pid_fd(5): following such a name asks for no permission on the path.
        """
        return f"/proc/self/fd/{self.folder_fd}"


@contextmanager
def held(folder: Folder) -> Iterator[Held]:
    """
    Keeps everybody else out; afterwards those who inherited the lock do. One that stops just now is waited for.

    Raises: AlreadyRunning, PostgresError.
    """
    lock_fd = _locked(folder)
    try:
        folder_fd = os.open(folder.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield Held(folder, folder_fd, lock_fd)
        finally:
            os.close(folder_fd)
    finally:
        os.close(lock_fd)


def _locked(folder: Folder) -> int:
    try:
        fd = os.open(folder.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise PostgresError(f"{str(folder.lock)!a} can't be opened: {error.strerror}") from error
    began = time.monotonic()
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            record = read(folder)
            if time.monotonic() - began < (_GONE_S if record is None or _stopping(record) else _PROBED_S):
                time.sleep(0.02)
                continue
            os.close(fd)
            raise _refusal(folder, record) from None
        return fd


def read(folder: Folder) -> Record | None:
    """What was written when a server was last started; None where that can't be read."""
    try:
        fd = os.open(folder.record, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(fd, "rb") as file:
            said = json.loads(file.read(_RECORD_BYTES))
        return Record(
            supervisor=(int(said["supervisor"][0]), int(said["supervisor"][1])),
            postmaster=(int(said["postmaster"][0]), int(said["postmaster"][1])),
            stops_with_parent=bool(said["stops_with_parent"]),
            sockets=str(said["sockets"]),
            version=str(said["version"]),
        )
    except (OSError, ValueError, LookupError, TypeError):
        return None


def write(folder: Folder, record: Record) -> None:
    """Replaces the last one. Raises: OSError."""
    put(folder.record, json.dumps(asdict(record)), 0o600)


def put(path: Path, text: str, mode: int, gid: int = -1) -> None:
    """A file whose content is either the old or the new one. Nothing is written where it is the same already."""
    try:
        if path.read_text() == text:
            return
    except (OSError, ValueError):
        pass  # not there, or not as we wrote it
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text)
        part.chmod(mode)
        if gid >= 0:
            os.chown(part, -1, gid)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def sockets(data: Path) -> str:
    """A name of the data folder that is short enough for a socket in it; a link where its own is not."""
    own = os.path.abspath(data)  # noqa: PTH100 (resolving would follow links)
    if _fits(own):
        return own
    runtime = os.environ.get("XDG_RUNTIME_DIR", "/run" if os.geteuid() == 0 else "")
    place = Path(runtime if runtime and os.access(runtime, os.W_OK) else tempfile.gettempdir())
    for link in place.glob(f"{_LINKS}*/s"):  # of one that was killed
        if _is_link_of_ours(link, own):
            return str(link)
    folder = Path(tempfile.mkdtemp(prefix=_LINKS, dir=place))
    (folder / "s").symlink_to(own)
    return str(folder / "s")


def forget(sockets: str, data: Path) -> None:
    """Takes the link away that `sockets` may have made."""
    link = Path(sockets)
    if _is_link_of_ours(link, os.path.abspath(data)):  # noqa: PTH100
        shutil.rmtree(link.parent, ignore_errors=True)


def process(pid: int) -> tuple[int, int]:
    """A process so that nobody else with its id is taken for it; (0, 0) where there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0, 0
    state, *fields = stat.rpartition(")")[2].split()
    return (0, 0) if state in "ZX" else (pid, int(fields[18]))


def alive(which: tuple[int, int]) -> bool:
    """Whether that process, and not another one with its id, still runs."""
    return which[0] > 0 and process(which[0]) == which


def _stopping(record: Record) -> bool:
    return not alive(record.postmaster) or (record.stops_with_parent and not alive(record.supervisor))


def _refusal(folder: Folder, record: Record | None) -> AlreadyRunning:
    pid = next((one[0] for one in (record.supervisor, record.postmaster) if alive(one)), 0) if record else 0
    by = f" by process {pid}" if pid else ""
    return AlreadyRunning(
        f"The database in {str(folder.path)!a} is in use{by}",
        pid=pid,
        means="Two servers on one folder would destroy it",
        do="Stop the other one first, or set RIGHTSHIFT_HOME to another folder",
    )


def _fits(path: str) -> bool:
    return len(os.fsencode(f"{path}/{SOCKET}")) <= SOCKET_PATH_BYTES


def _is_link_of_ours(link: Path, to: str) -> bool:
    try:
        parent = link.parent.lstat()
        return parent.st_uid == os.geteuid() and parent.st_mode & 0o077 == 0 and os.readlink(link) == to  # noqa: PTH115
    except OSError:
        return False
