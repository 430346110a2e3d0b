"""The embedded server, from its start to its stop. Its data folder: `create.py`; older ones: `upgrade.py`."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from rightshift.console.postgres import account as accounts
from rightshift.console.postgres import create, folder, process, reach, settings
from rightshift.console.postgres.account import Account
from rightshift.console.postgres.failure import PostgresError
from rightshift.console.postgres.find import Binaries
from rightshift.console.postgres.folder import Folder, Record
from rightshift.console.postgres.log import Log

START_S = 600.0
"""After a crash it first replays its log, at most 512 MB of it and on a slow disk."""
_LOOK_S = 0.01
_SPENT_S = 5.0
"""What is granted to one that did not start."""
_PID_FILE_BYTES = 1_024
_STATUS_LINE = 7
"""Source: PostgreSQL, src/include/utils/pidfile.h: the line in which `pg_ctl` looks for `ready`."""


@dataclass(slots=True)
class Server:
    """A running server. It may be started again in the same home once `stop` was called, also if it died by itself."""

    folder: Folder
    binaries: Binaries
    record: Record
    log: Log
    _kept: process.Kept

    @property
    def pid(self) -> int:
        """The process that all others of the server descend from."""
        return self._kept.process.pid

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder.data(self.binaries.major)

    def url(self, database: str = settings.DATABASE) -> str:
        """For libpq, as the role that owns the console's database."""
        return self.record.url(database)

    def admin_url(self, database: str = "postgres") -> str:
        """For libpq, as the role that may do everything: to make databases."""
        return self.record.url(database, settings.ADMIN)

    def exit_code(self) -> int | None:
        """None while it runs; a negative number is the signal that ended it."""
        return self._kept.process.poll()

    def wait(self, timeout_s: float | None = None) -> int | None:
        """Until it ends by itself; None if it has not."""
        try:
            return self._kept.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, timeout_s: float = 8.0) -> None:
        """
        Ends all sessions and the server, within about this time.

        What takes longer is cut off, and the next start replays the log; nothing that was committed is lost.
        """
        self._kept.end(timeout_s)
        folder.forget(self.record, self.data)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def start(home: Path, binaries: Binaries, *, stop_with_parent: bool = True, durable: bool = True) -> Server:
    """
    The server of this home, answering. Blocks: for a third of a second, at the first start for two.

    It can be reached by the user of this process alone, through a socket. `durable=False` is for tests: it is faster,
    and a crash of the machine loses everything.
    Raises: AlreadyRunning, PostgresError.
    """
    place = folder.of(home)
    account = _made(place)
    lock_fd = folder.locked(place)
    folder_fd = -1
    try:
        folder_fd = os.open(place.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        binaries = reach.within_reach(binaries, account, place.path)
        account = _prepared(place, folder_fd, binaries, account)
        _configure(place, folder_fd, binaries, account, durable=durable)
        return _started(place, (folder_fd, lock_fd), binaries, account, stop_with_parent=stop_with_parent)
    except OSError as error:
        raise PostgresError(f"{str(place.path)!a} can't be used: {error.strerror}", do=create.advice(error)) from error
    finally:
        for fd in (folder_fd, lock_fd):
            if fd >= 0:
                os.close(fd)


def _made(place: Folder) -> Account:
    """The folder is there, and closed: who may pass it for the server's own is the one user that runs it."""
    account = accounts.of_process(place.path)
    try:
        place.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.path.mkdir(exist_ok=True, mode=0o700)
        found = place.path.stat()
        if found.st_uid != os.geteuid():
            raise PostgresError(
                f"{str(place.path)!a} belongs to another user", do="Run rightshift as the user it belongs to"
            )
        mode = 0o711 if os.geteuid() == 0 else 0o700
        if found.st_mode & 0o777 != mode:
            place.path.chmod(mode)
    except OSError as error:
        what = f"{str(place.path)!a} can't be made: {error.strerror}"
        raise PostgresError(what, do="Set RIGHTSHIFT_HOME to a folder that you may write to") from error
    return account


def _prepared(place: Folder, folder_fd: int, binaries: Binaries, account: Account) -> Account:
    """There is data of this version, and the account that comes back may use it."""
    newest = max(place.majors, default=0)
    if newest > binaries.major:
        raise PostgresError(
            f"The database was written by PostgreSQL {newest}, and {binaries.version} can't read it",
            do=f"Install PostgreSQL {newest} or newer",
        )
    if newest == 0:
        create.create(place, folder_fd, binaries, account)
    elif newest < binaries.major:
        raise PostgresError(
            f"The database was written by PostgreSQL {newest}, and {binaries.version} can't read it",
            do=f"Install PostgreSQL {newest} too",
        )
    return _keeper(place.data(binaries.major), account)


def _keeper(data: Path, account: Account) -> Account:
    """Data that somebody else keeps already stays his, say in a home that was moved."""
    owner = data.lstat()
    if os.geteuid() != 0:
        if owner.st_uid != account.uid:
            raise PostgresError(f"{str(data)!a} belongs to another user", do="Run rightshift as the user it belongs to")
    elif owner.st_uid == 0:
        create.own(data, account)
    else:
        return Account(owner.st_uid, owner.st_gid, account.maker, account.client)
    return account


def _configure(place: Folder, folder_fd: int, binaries: Binaries, account: Account, *, durable: bool) -> None:
    """The server's files lie outside its data, so that nothing of ours is written where it may put a link."""
    seen = process.seen(folder_fd)
    gid = account.gid if os.geteuid() == 0 else -1
    files = {
        "postgresql.conf": settings.configuration(binaries.major, seen, durable=durable),
        "pg_hba.conf": settings.rules(),
        "pg_ident.conf": settings.names(account.client),
    }
    for name, text in files.items():
        folder.put(place.path / name, text, 0o640, gid)


def _started(
    place: Folder, fds: tuple[int, int], binaries: Binaries, account: Account, *, stop_with_parent: bool
) -> Server:
    data, seen = place.data(binaries.major), process.seen(fds[0])
    _refuse_foreign_server(data)
    (data / "postmaster.pid").unlink(missing_ok=True)
    words = [str(binaries.program("postgres")), "-D", f"{seen}/{data.name}"]
    words += ["-c", f"config_file={seen}/postgresql.conf"]
    log = Log(place.log)
    kept = process.keep(words, account, fds, log, with_parent=stop_with_parent)
    try:
        record = Record(
            supervisor=folder.process(os.getpid()),
            postmaster=folder.process(kept.process.pid),
            stops_with_parent=stop_with_parent,
            sockets=folder.sockets(data, folder.read(place)),
            version=binaries.version,
        )
        folder.write(place, record)
        _ready(kept, data, log)
    except BaseException:
        kept.end(_SPENT_S)
        raise
    return Server(place, binaries, record, log, kept)


def _refuse_foreign_server(data: Path) -> None:
    """One that was started past the lock, by hand, on this folder. What else `postmaster.pid` names is long gone."""
    pid = next(iter(_pid_file(data)), "")
    if pid.isdigit():
        try:
            if Path(f"/proc/{pid}/cwd").samefile(data):
                raise PostgresError(f"PostgreSQL runs on {str(data)!a} already, as process {pid}", do="Stop it first")
        except OSError:
            return  # no such process, or not ours to ask: not one of ours


def _ready(kept: process.Kept, data: Path, log: Log) -> None:
    """Returns when it answers. Raises: PostgresError with its last words."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if kept.process.poll() is not None:
            kept.read_to_the_end()
            raise PostgresError(f"PostgreSQL did not start: {process.said(log.last)}", do=f"See {str(log.path)!a}")
        lines = _pid_file(data)
        if lines[:1] == [str(kept.process.pid)] and [line.strip() for line in lines[_STATUS_LINE:]] == ["ready"]:
            return
        time.sleep(_LOOK_S)
    raise PostgresError(f"PostgreSQL did not answer within {START_S:.0f} s", do=f"See {str(log.path)!a}")


def _pid_file(data: Path) -> list[str]:
    """The lines of `postmaster.pid`; none where there is none."""
    try:
        fd = os.open(data / "postmaster.pid", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return []
    with open(fd, "rb") as file:
        return file.read(_PID_FILE_BYTES).decode(errors="replace").splitlines()
