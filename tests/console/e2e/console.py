"""
Whole consoles as people start them: all of one on this machine, or replicas over a PostgreSQL of somebody else's.

`embedded` and `replicas` give the same `Console`, so that a test need not know which one it is.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import urllib3

from tests.console.e2e import external
from tests.console.test_up import children, free, ready

STOPS_S = 10
Json = Any


@dataclass(slots=True)
class Process:
    """A process that is started again whenever it ends, as whatever runs containers does; its words on a file."""

    words: Sequence[str]
    environ: Mapping[str, str]
    out: Path
    running: "subprocess.Popen[bytes] | None" = None
    starts: int = 0
    _stopping: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def start(self) -> None:
        """Until `stop`."""
        self._thread = Thread(target=self._keep, daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        while not self._stopping.is_set():
            with self.out.open("ab") as out, self.out.with_suffix(".log").open("ab") as log:
                self.running = subprocess.Popen(
                    self.words, env=self.environ, stdin=subprocess.DEVNULL, stdout=out, stderr=log
                )
            self.starts += 1
            self.running.wait()
            self._stopping.wait(0.2)

    def stop(self) -> float:
        """How long it took, in seconds."""
        self._stopping.set()
        began = time.monotonic()
        while self._thread and self._thread.is_alive():
            if self.running:
                self.running.send_signal(signal.SIGTERM)
            self._thread.join(STOPS_S if self.running else 0.05)
            if time.monotonic() - began > 2 * STOPS_S and self.running:
                self.running.kill()
        return time.monotonic() - began

    def said(self) -> Json:
        """What it said first on standard output since its last start, as soon as it did."""
        until("it says where it is", lambda: self.out.exists() and b"\n" in self.out.read_bytes(), 60, self._log)
        return json.loads(self.out.read_bytes().splitlines()[-1])

    def _log(self) -> str:
        log = self.out.with_suffix(".log")
        return log.read_text()[-4_000:] if log.exists() else ""


@dataclass(slots=True, kw_only=True)
class Console:
    """`urls` of each API. `environ` is for `rightshift` on the console's own machine; `home` is that of the first."""

    urls: tuple[str, ...]
    link: str
    home: Path
    environ: Mapping[str, str]
    database: str
    processes: tuple[Process, ...]
    server: Callable[[], int]
    """The process from which those of the database descend."""

    def pids(self) -> dict[str, list[int]]:
        """The processes that run now, by part; without supervisor and database."""
        found: dict[str, list[int]] = {"app": [], "worker": [], "deriving": []}
        for process in self.processes:
            pid = process.running.pid if process.running else 0
            try:
                ours = children(pid) or {_module(pid): pid}
            except OSError:  # it is gone just now
                continue
            for name, one in ours.items():
                if name in found:
                    found[name].append(one)
        return found

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Asks the database directly, to see what really stands there."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            found = connection.execute(question, values or None)
            return found.fetchall() if found.description else []

    def command(self, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        """`rightshift WORDS` on the console's own machine."""
        command = [sys.executable, "-m", "rightshift", *words]
        return subprocess.run(command, env={**self.environ, **environ}, capture_output=True, text=True, timeout=120)

    def answers(self) -> bool:
        """Whether all APIs do."""
        return all(ready(url) for url in self.urls)


def _module(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return words[words.index("-m") + 1].rpartition(".")[2] if "-m" in words else ""


@contextmanager
def embedded(folder: Path, **environ: str) -> Iterator[Console]:
    """`rightshift up` with everything in it."""
    home = folder / "home"
    ours = {**_clean(), "RIGHTSHIFT_HOME": str(home), **environ}
    process = Process([*_UP, "--no-sensor", "--listen", f"127.0.0.1:{free()}"], ours, folder / "up")
    try:
        process.start()
        said = process.said()

        def server() -> int:
            return int((home / "postgres" / "18" / "postmaster.pid").read_text().split()[0])

        yield Console(
            urls=(said["url"],),
            link=said["link"],
            home=home,
            environ=ours,
            database=f"postgresql://rightshift@/rightshift?host={home / 'postgres' / '18'}",
            processes=(process,),
            server=server,
        )
    finally:
        took_s = process.stop()
    assert took_s < STOPS_S, f"it took {took_s:.1f} s to stop"


@contextmanager
def replicas(folder: Path, count: int = 2, **environ: str) -> Iterator[Console]:
    """So many of each process over one PostgreSQL, each with a home of its own; they share the vault's keys."""
    with ExitStack() as opened:
        url, server = opened.enter_context(external.postgres())
        shared = {**_clean(), "RIGHTSHIFT_DATABASE_URL": url, "RIGHTSHIFT_VAULT_KEYS": str(folder / "vault.keys")}
        processes = []
        for part in ("api", "worker", "deriving"):
            for number in range(count):
                name = f"{part}-{number}"
                ours = {**shared, "RIGHTSHIFT_HOME": str(folder / "homes" / name), **environ}
                listen = ["--listen", f"127.0.0.1:{free()}"] if part == "api" else []
                processes.append(Process([*_UP, "--only", part, *listen], ours, folder / name))
        opened.callback(_stop, processes)
        for process in processes:
            process.start()
        apis = processes[:count]
        said = [process.said() for process in apis]
        console = Console(
            urls=tuple(one["url"] for one in said),
            link="",
            home=folder / "homes" / "worker-0",
            environ={**shared, "RIGHTSHIFT_HOME": str(folder / "homes" / "worker-0")},
            database=url,
            processes=tuple(processes),
            server=lambda: server,
        )
        until("all answer", console.answers, 60)
        # each start ends the link before: who came last holds
        (hash,) = console.rows("SELECT hash FROM one_time_link")
        console.link = next(one["link"] for one in said if _hashed(one["link"]) == bytes(hash[0]))
        yield console


def _stop(processes: Sequence[Process]) -> None:
    threads = [Thread(target=process.stop) for process in processes]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took_s = time.monotonic() - began
    assert took_s < STOPS_S, f"it took {took_s:.1f} s to stop"


def _hashed(secret: str) -> bytes:
    from rightshift.console.auth.secrets import hashed

    return hashed(secret)


_UP = [sys.executable, "-m", "rightshift", "up", "--json"]


def _clean() -> dict[str, str]:
    """This process' environment without what configures a console; jobs are as important as all else. See `busy`."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("RIGHTSHIFT_")}
    busy = str(Path(__file__).with_name("busy"))
    return {**ours, "PYTHONPATH": os.pathsep.join(filter(None, [busy, ours.get("PYTHONPATH")]))}


def until(what: str, holds: Callable[[], object], timeout_s: float = 60, more: Callable[[], str] = str) -> None:
    """Waits for something that other processes do; jobs do it when nothing else on the machine wants to."""
    end = time.monotonic() + timeout_s
    while True:
        try:
            if holds():
                return
        except (psycopg.OperationalError, urllib3.exceptions.HTTPError):
            pass
        assert time.monotonic() < end, f"{what}: it did not come to that\n{more()}"
        time.sleep(0.05)


@dataclass(slots=True)
class Client:
    """Somebody who asks one API; `headers` say who, `address` from where."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    address: str = "127.0.0.1"

    def ask(self, method: str, path: str, content: object = None, **headers: str) -> urllib3.BaseHTTPResponse:
        """Content is sent as JSON, bytes as they are. Nothing is tried again."""
        body = content if isinstance(content, bytes | None) else json.dumps(content).encode()
        kind = {"Content-Type": "application/json"} if body is not None else {}
        with urllib3.PoolManager(source_address=(self.address, 0)) as pool:
            return pool.request(
                method,
                f"{self.url}{path if path.startswith('/readyz') else '/api/v1' + path}",
                body=body,
                headers={**kind, **self.headers, **headers},
                timeout=60,
                retries=False,
                redirect=False,
            )

    def get(self, path: str) -> Json:
        """What is answered, which must be good."""
        return good(self.ask("GET", path))

    def post(self, path: str, content: object = None, **headers: str) -> Json:
        """As `get`."""
        return good(self.ask("POST", path, content, **headers))

    def at(self, url: str) -> "Client":
        """The same at another API."""
        return Client(url, dict(self.headers))


def good(answer: urllib3.BaseHTTPResponse) -> Json:
    """The JSON of an answer that is no refusal."""
    assert answer.status < 300, (answer.status, answer.data[:500])
    return json.loads(answer.data) if answer.data else None


def signed_in(answer: urllib3.BaseHTTPResponse, url: str) -> Client:
    """Whoever an answer signed in."""
    assert answer.status == 201, answer.data
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return Client(url, {"Cookie": cookie, "X-CSRF-Token": json.loads(answer.data)["csrf"]})
