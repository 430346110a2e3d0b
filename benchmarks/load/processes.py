"""A console of its own in a folder: started, stopped, started again on the same port, and what its processes cost."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import urllib3

from benchmarks.measure import family, pss_mib
from rightshift.console.postgres import folder

PASSWORD = "measured, not kept"
_TICKS = os.sysconf("SC_CLK_TCK")
_PROGRAMS = ("app", "worker", "deriving")


@dataclass(slots=True)
class Console:
    """`rightshift up` with its embedded database; it scans this machine where it `looks`."""

    home: Path
    looks: bool = False
    port: int = 0
    link: str = ""
    """Signs the first administrator in, once."""
    _process: "subprocess.Popen[str] | None" = None
    _ended_cpu_s: dict[str, float] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        """Of its supervisor."""
        assert self._process
        return self._process.pid

    @property
    def url(self) -> str:
        """Of its API."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """Of all its processes."""
        return self.home.parent / "log"

    @property
    def database(self) -> str:
        """The address of its database. Raises: RuntimeError when it does not run."""
        url = folder.url_of_running(self.home)
        if url is None:
            raise RuntimeError("the database does not run")
        return url

    def start(self) -> None:
        """Until it is ready. Raises: RuntimeError."""
        if not self.port:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.port = free.getsockname()[1]
        environ = {**os.environ, "RIGHTSHIFT_HOME": str(self.home), "RIGHTSHIFT_OFFLINE": "1"}
        words = ("up", "--json", "--listen", f"127.0.0.1:{self.port}", *(() if self.looks else ("--no-sensor",)))
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "rightshift", *words], env=environ, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._process.stdout
        said = self._process.stdout.readline()
        if not said:
            raise RuntimeError(f"the console did not start: {self.log.read_text()[-2_000:]}")
        self.link = json.loads(said)["link"] or ""

    def signed_in(self) -> dict[str, str]:
        """The headers of the first administrator. Raises: RuntimeError."""
        body = {"link": self.link, "password": PASSWORD}
        answer = urllib3.request("POST", f"{self.url}/api/v1/session/link", json=body)
        if answer.status != 201:
            raise RuntimeError(f"the first link was refused: {answer.data!r}")
        cookie = answer.headers["set-cookie"].partition(";")[0]
        return {"Cookie": cookie, "X-CSRF-Token": answer.json()["csrf"], "Content-Type": "application/json"}

    def stop(self, timeout_s: float = 20) -> None:
        """As a service is stopped."""
        process, self._process = self._process, None
        if process is None:
            return
        for name, used in self._cpu_of(process.pid).items():
            self._ended_cpu_s[name] = self._ended_cpu_s.get(name, 0) + used
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout_s)
        finally:
            process.kill()
            process.wait()
            assert process.stdout
            process.stdout.close()

    def cpu_s(self) -> dict[str, float]:
        """What each kind of process used so far, with what was there before a restart."""
        now = self._cpu_of(self._process.pid) if self._process else {}
        names = now.keys() | self._ended_cpu_s.keys()
        return {name: now.get(name, 0) + self._ended_cpu_s.get(name, 0) for name in sorted(names)}

    def memory_mib(self) -> dict[str, float]:
        """The proportional set size of each kind."""
        total: dict[str, float] = {}
        for pid, name in _names(self.pid).items():
            total[name] = total.get(name, 0) + pss_mib(pid)
        return total

    @staticmethod
    def _cpu_of(pid: int) -> dict[str, float]:
        used: dict[str, float] = {}
        for one, name in _names(pid).items():
            try:
                fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            # with the children that ended, as the database's do
            ticks = sum(map(int, fields[11:15] if name != "up" else fields[11:13]))
            used[name] = used.get(name, 0) + ticks / _TICKS
        return used


def _names(pid: int) -> Mapping[int, str]:
    found = {}
    for one in family(pid):
        try:
            words = Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        known = [name for name in _PROGRAMS if f"rightshift.console.{name}" in words]
        found[one] = known[0] if known else "database" if "postgres" in words else "up" if one == pid else "other"
    return found


@contextmanager
def console(home: Path, *, looks: bool = False) -> Iterator[Console]:
    """One that runs, and is stopped in the end."""
    made = Console(home, looks)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def own_cpu_s() -> float:
    """What this process used itself."""
    return time.process_time()
