"""Starts programs of PostgreSQL as the account they shall have, seeing the server's folder and nothing above it."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from rightshift.console.postgres.account import Account
from rightshift.console.postgres.failure import PostgresError
from rightshift.console.postgres.folder import Held
from rightshift.console.postgres.log import Log

_LAUNCHER = Path(__file__).with_name("launch.py")
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
_SAID_CHARS = 1_000


def run(words: list[str], user: tuple[int, int], held: Held, *, typed: str = "", timeout_s: float = 120) -> str:
    """
    What a program said that ended well. It ends when we do.

    Raises: PostgresError with its last words.
    """
    name = Path(words[0]).name
    try:
        ended = subprocess.run(
            _launched(words, user, with_parent=True),
            input=typed,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=timeout_s,
            pass_fds=held.fds,
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise PostgresError(f"{name} can't be started: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise PostgresError(f"{name} did not end within {timeout_s:.0f} s") from error
    if ended.returncode:
        raise PostgresError(f"{name} failed: {said(ended.stderr or ended.stdout)}")
    return ended.stdout


def keep(words: list[str], account: Account, held: Held, log: Log, *, with_parent: bool) -> "Kept":
    """
    A server, running. What it says goes into the log.

    A thread of its own starts it and then reads: the kernel takes the end of the thread that started a process for
    the end of its parent.
    Raises: PostgresError.
    """
    started: Future[subprocess.Popen[bytes]] = Future()
    launched = _launched(words, (account.uid, account.gid), with_parent=with_parent)
    follower = threading.Thread(target=_start_and_follow, args=(launched, held.fds, log, started), daemon=True)
    follower.name = "postgres"
    follower.start()
    return Kept(started.result(), log, follower)


class Kept:
    """A server that was started, and the thread that reads what it says."""

    def __init__(self, process: subprocess.Popen[bytes], log: Log, follower: threading.Thread) -> None:
        self.process = process
        self.log = log
        self._follower = follower

    def end(self, timeout_s: float) -> None:
        """Asks it to close its sessions, then to stop at once, then ends it; all within about this time."""
        for number, share in ((signal.SIGINT, 0.75), (signal.SIGQUIT, 0.2), (signal.SIGKILL, 0.05)):
            if self.process.poll() is None:
                self.process.send_signal(number)
                with suppress(subprocess.TimeoutExpired):
                    self.process.wait(timeout_s * share)
        self.read_to_the_end()

    def read_to_the_end(self, timeout_s: float = 1.0) -> None:
        """Waits until its last words are in the log."""
        self._follower.join(timeout_s)


def said(text: str) -> str:
    """The end of what a program said, for an error message."""
    return text.strip()[-_SAID_CHARS:] or "it said nothing"


def _start_and_follow(
    words: list[str], fds: tuple[int, ...], log: Log, started: "Future[subprocess.Popen[bytes]]"
) -> None:
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=fds,
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        started.set_exception(PostgresError(f"PostgreSQL can't be started: {error.strerror}"))
        return
    assert process.stderr is not None
    with process.stderr:
        started.set_result(process)
        log.follow(process.stderr)


def _launched(words: list[str], user: tuple[int, int], *, with_parent: bool) -> list[str]:
    parent = os.getpid() if with_parent else 0
    return [sys.executable, "-I", "-S", str(_LAUNCHER), str(parent), str(user[0]), str(user[1]), *words]
