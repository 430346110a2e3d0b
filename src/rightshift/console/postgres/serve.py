"""One running server on one data folder, configured and answering. Which folder, and who else has it: `cluster.py`."""

import os
import time
from pathlib import Path

from rightshift.console.postgres import folder, process, settings
from rightshift.console.postgres.account import Account
from rightshift.console.postgres.failure import PostgresError
from rightshift.console.postgres.find import Binaries
from rightshift.console.postgres.folder import Held
from rightshift.console.postgres.log import Log
from rightshift.console.postgres.process import Kept

START_S = 600.0
"""After a crash it first replays its log, at most 512 MB of it and on a slow disk."""
_LOOK_S = 0.01
_SPENT_S = 5.0
"""What is granted to one that did not start."""
_PID_FILE_BYTES = 1_024
_STALE = ("postmaster.pid", f"{folder.SOCKET}.lock", folder.SOCKET)
"""Left by a server that was killed. The id in them may be another process's by now, or one that nobody reaped."""
_STATUS_LINE = 7
"""Source: PostgreSQL, src/include/utils/pidfile.h: the line in which `pg_ctl` looks for `ready`."""


def serve(
    held: Held, data: Path, binaries: Binaries, account: Account, *, durable: bool = True, with_parent: bool = True
) -> Kept:
    """
    Starts it; `answering` waits for it. `data` lies in the folder that is held.

    Raises: PostgresError, OSError.
    """
    _refuse_foreign_server(data)
    for stale in _STALE:
        (data / stale).unlink(missing_ok=True)
    configuration = f"{data.name}.conf"
    # They lie outside the data, so that nothing of ours is written where the server's user might put a link.
    files = {
        configuration: settings.configuration(binaries.major, held.seen, durable=durable),
        "pg_hba.conf": settings.rules(),
        "pg_ident.conf": settings.names(account.client),
    }
    for name, text in files.items():
        folder.put(held.folder.path / name, text, 0o640, account.gid if os.geteuid() == 0 else -1)
    words = [str(binaries.program("postgres")), "-D", f"{held.seen}/{data.name}"]
    words += ["-c", f"config_file={held.seen}/{configuration}"]
    return process.keep(words, account, held, Log(held.folder.log), with_parent=with_parent)


def answering(kept: Kept, data: Path) -> None:
    """
    Returns when it answers; ends it otherwise.

    Raises: PostgresError with its last words.
    """
    try:
        _answering(kept, data)
    except BaseException:
        kept.end(_SPENT_S)
        raise


def _answering(kept: Kept, data: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if kept.process.poll() is not None:
            kept.read_to_the_end()
            said = process.said(kept.log.last)
            raise PostgresError(f"PostgreSQL did not start: {said}", do=f"See {str(kept.log.path)!a}")
        lines = _pid_file(data)
        if lines[:1] == [str(kept.process.pid)] and [line.strip() for line in lines[_STATUS_LINE:]] == ["ready"]:
            return
        time.sleep(_LOOK_S)
    raise PostgresError(f"PostgreSQL did not answer within {START_S:.0f} s", do=f"See {str(kept.log.path)!a}")


def _refuse_foreign_server(data: Path) -> None:
    """One that was started past the lock, by hand, on this folder. What else `postmaster.pid` names is long gone."""
    pid = next(iter(_pid_file(data)), "")
    if pid.isdigit():
        try:
            foreign = Path(f"/proc/{pid}/cwd").samefile(data)
        except OSError:
            return  # no such process, or not ours to ask: not one of ours
        if foreign:
            raise PostgresError(f"PostgreSQL runs on {str(data)!a} already, as process {pid}", do="Stop it first")


def _pid_file(data: Path) -> list[str]:
    """The lines of `postmaster.pid`; none where there is none."""
    try:
        fd = os.open(data / "postmaster.pid", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return []
    with open(fd, "rb") as file:
        return file.read(_PID_FILE_BYTES).decode(errors="replace").splitlines()
