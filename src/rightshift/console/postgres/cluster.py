"""The embedded server, from its start to its stop. Its data folder: `create.py`; older ones: `upgrade.py`."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from rightshift.console.postgres import account as accounts
from rightshift.console.postgres import create, folder, reach, serve, settings, upgrade
from rightshift.console.postgres.account import Account
from rightshift.console.postgres.failure import PostgresError
from rightshift.console.postgres.find import Binaries
from rightshift.console.postgres.folder import Folder, Held, Record
from rightshift.console.postgres.process import Kept

_SPENT_S = 5.0
"""What is granted to one whose place can't be written down."""


@dataclass(slots=True)
class Server:
    """A running server. It may be started again in the same home once `stop` was called, also if it died by itself."""

    folder: Folder
    binaries: Binaries
    record: Record
    _kept: Kept

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
        folder.forget(self.record.sockets, self.data)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def start(home: Path, binaries: Binaries, *, stop_with_parent: bool = True, durable: bool = True) -> Server:
    """
    The server of this home, answering. Blocks: for a tenth of a second, at the first start for one or two.

    Data of an older major version is brought into this one first. It can be reached by the user of this process
    alone, through a socket. `durable=False` is for tests: it is faster, and a crash of the machine loses everything.
    Raises: AlreadyRunning, PostgresError.
    """
    place = folder.of(home)
    account = _made(place)
    try:
        with folder.held(place) as held:
            binaries = reach.within_reach(binaries, account, place)
            account = _prepared(held, binaries, account)
            return _started(held, binaries, account, durable=durable, with_parent=stop_with_parent)
    except OSError as error:
        raise PostgresError(f"{str(place.path)!a} can't be used: {error.strerror}", do=create.advice(error)) from error


def _made(place: Folder) -> Account:
    """The folder is there and ours. As root others may pass it: the one that keeps the data must."""
    account = accounts.of_process(place.path)
    try:
        place.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.path.mkdir(exist_ok=True, mode=0o700)
        found = place.path.stat()
        _refuse_of_another(place.path, found.st_uid)
        mode = 0o711 if os.geteuid() == 0 else 0o700
        if found.st_mode & 0o777 != mode:
            place.path.chmod(mode)
    except OSError as error:
        what = f"{str(place.path)!a} can't be made: {error.strerror}"
        raise PostgresError(what, do="Set RIGHTSHIFT_HOME to a folder that you may write to") from error
    return account


def _prepared(held: Held, binaries: Binaries, account: Account) -> Account:
    """There is data of this version, and the account that comes back may use it."""
    place = held.folder
    newest = max(place.majors, default=0)
    if newest > binaries.major:
        raise PostgresError(
            f"The database was written by PostgreSQL {newest}, and {binaries.version} can't read it",
            do=f"Install PostgreSQL {newest} or newer",
        )
    if newest == 0:
        create.create(held, binaries, account)
    elif newest < binaries.major:
        upgrade.upgrade(held, newest, binaries, account, keeper(place.data(newest), account))
    reach.keep(binaries, place)
    for older in place.majors[:-1]:
        upgrade.leave(place, older)
    return keeper(place.data(binaries.major), account)


def keeper(data: Path, account: Account) -> Account:
    """Data that somebody else keeps already stays his, say in a home that was moved. Raises: PostgresError, OSError."""
    owner = data.lstat()
    if os.geteuid() != 0:
        _refuse_of_another(data, owner.st_uid)
    elif owner.st_uid == 0:
        create.own(data, account)
    else:
        return Account(owner.st_uid, owner.st_gid, account.maker, account.client)
    return account


def _refuse_of_another(path: Path, uid: int) -> None:
    if uid != os.geteuid():
        raise PostgresError(f"{str(path)!a} belongs to another user", do="Run rightshift as the user it belongs to")


def _started(held: Held, binaries: Binaries, account: Account, *, durable: bool, with_parent: bool) -> Server:
    place = held.folder
    data = place.data(binaries.major)
    kept = serve.serve(held, data, binaries, account, durable=durable, with_parent=with_parent)
    serve.answering(kept, data)
    try:
        record = Record(
            supervisor=folder.process(os.getpid()),
            postmaster=folder.process(kept.process.pid),
            stops_with_parent=with_parent,
            sockets=folder.sockets(data),
            version=binaries.version,
        )
        folder.write(place, record)
    except OSError:
        kept.end(_SPENT_S)
        raise
    return Server(place, binaries, record, kept)
