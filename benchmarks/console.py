"""
What the console costs on this machine: memory, idle time and starts of `rightshift up` with its embedded database.

    python -m benchmarks.console [--json] [--idle SECONDS]

It starts one in an empty home, waits until the scan of this machine is worked in, asks a page of each list as a person
would, then looks while nobody asks, stops it and starts it again. Memory is the proportional set size.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3

from benchmarks.measure import family, pss_mib

LISTS = ("findings", "findings/counts", "assets", "packages", "advisories", "scans", "jobs", "status", "topology")
_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE_S = 300


@contextmanager
def console(home: Path) -> Iterator[tuple[subprocess.Popen[str], Mapping[str, Any], float]]:
    """A console, what it said when it was ready, and after how many seconds its API gave the first answer."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environ = {**os.environ, "RIGHTSHIFT_HOME": str(home), "RIGHTSHIFT_OFFLINE": "1"}
    command = [sys.executable, "-m", "rightshift", "up", "--json", "--listen", f"127.0.0.1:{port}"]
    began = time.monotonic()
    with (home.parent / "log").open("a") as log:
        process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        while not _answers(port):
            if process.poll() is not None or time.monotonic() - began > _PATIENCE_S:
                sys.exit(f"the console did not start: {(home.parent / 'log').read_text()[-2_000:]}")
            time.sleep(0.01)
        first_s = time.monotonic() - began
        assert process.stdout
        yield process, json.loads(process.stdout.readline()), first_s
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _answers(port: int) -> bool:
    try:
        return urllib3.request("GET", f"http://127.0.0.1:{port}/readyz", retries=False, timeout=2).status == 200
    except urllib3.exceptions.HTTPError:
        return False


class Person:
    """Somebody who signed in by the first link."""

    def __init__(self, url: str, link: str) -> None:
        self._url = url
        body = {"link": link.rpartition("#")[2].rpartition("=")[2], "password": "measured, not kept"}
        answer = urllib3.request("POST", f"{url}/api/v1/session/link", json=body)
        if answer.status != 201:
            sys.exit(f"the first link was refused: {answer.data!r}")
        self._cookie = answer.headers["set-cookie"].partition(";")[0]

    def get(self, path: str) -> Any:
        """What the API says there; ends the program when that is an error."""
        answer = urllib3.request("GET", f"{self._url}/api/v1/{path}", headers={"Cookie": self._cookie})
        if answer.status != 200:
            sys.exit(f"{path}: {answer.status} {answer.data!r}")
        return answer.json()


def names(pid: int) -> dict[int, str]:
    """The console's processes by what they are; all of the database count as one."""
    found = {}
    for one in family(pid):
        try:
            words = Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        known = [name for name in ("app", "worker", "deriving") if f"rightshift.console.{name}" in words]
        found[one] = known[0] if known else "database" if "postgres" in words else "up" if one == pid else "other"
    return found


def memory_mib(pid: int) -> dict[str, float]:
    """Of each kind of process."""
    total: dict[str, float] = {}
    for one, name in names(pid).items():
        total[name] = total.get(name, 0) + pss_mib(one)
    return total


def cpu_s(pid: int) -> float:
    """What all processes that live used so far."""
    used = 0
    for one in names(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used += int(fields[11]) + int(fields[12])
    return used / _TICKS


def settled(person: Person) -> Mapping[str, Any]:
    """The status as soon as the scan of this machine has ended and nothing is left to derive."""
    until = time.monotonic() + _PATIENCE_S
    status: Mapping[str, Any]
    ended: list[str]
    while time.monotonic() < until:
        ended = [job["state"] for job in person.get("jobs")["items"] if job["job"] == "scan_source"]
        status = person.get("status")
        behind = status["conclusions"]["waiting"] + status["conclusions"]["unmatched"]
        if ended == ["done"] and status["totals"]["inventories"] and not behind:
            return status
        time.sleep(0.5)
    sys.exit(f"the first scan did not end in time: {ended}, {status}")


def measured(idle_s: float) -> dict[str, Any]:
    """All figures of one run."""
    with tempfile.TemporaryDirectory(prefix="rightshift-") as folder:
        Path(folder).chmod(0o755)  # the database's user passes through it
        home = Path(folder) / "home"
        with console(home) as (process, said, first_s):
            person = Person(said["url"], said["link"])
            status = settled(person)
            for path in LISTS:
                person.get(path)
            time.sleep(idle_s / 2)
            before = cpu_s(process.pid)
            time.sleep(idle_s)
            busy = (cpu_s(process.pid) - before) / idle_s
            memory = memory_mib(process.pid)
        with console(home) as (_, _, second_s):
            pass
    return {
        "first_start_s": round(first_s, 2),
        "second_start_s": round(second_s, 2),
        "idle_percent_of_a_core": round(100 * busy, 2),
        "memory_mib": {name: round(mib, 1) for name, mib in sorted(memory.items())},
        "memory_all_mib": round(sum(memory.values()), 1),
        "found": status["totals"],
    }


def main() -> int:
    """Prints them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--idle", type=float, default=60, metavar="SECONDS")
    asked = parser.parse_args()
    found = measured(asked.idle)
    if asked.json:
        print(json.dumps(found, indent=2))
        return 0
    print(f"first start   {found['first_start_s']:.2f} s to the first answer")
    print(f"second start  {found['second_start_s']:.2f} s (aim 3)")
    print(f"idle          {found['idle_percent_of_a_core']:.2f} % of a core (aim 1)")
    print(f"memory        {found['memory_all_mib']:.0f} MiB (aim 180):")
    for name, mib in found["memory_mib"].items():
        print(f"              {mib:6.1f}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
