"""
Runs one command as a whole process group: wall time and CPU time, or the most memory that the group held at once.

Looking at memory takes time from what is looked at, so a run is timed or watched, never both.
"""

import os
import signal
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_S = 0.01


@dataclass(frozen=True, slots=True)
class Run:
    """One finished run. Memory is the proportional set size of all processes of the group, sampled, in MiB."""

    wall_s: float
    cpu_s: float
    exit_code: int
    output: Path
    peak_mib: float = 0.0
    """0 when it wasn't watched."""


def run(
    command: Sequence[str],
    output: Path,
    environment: Mapping[str, str],
    *,
    watched: bool = False,
    timeout_s: float = 600,
) -> Run:
    """One run with its standard output in a file and its errors beside it."""
    with output.open("wb") as out, output.with_suffix(".err").open("wb") as err:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=dict(environment), start_new_session=True
        )
        peak = _Peak(process.pid)
        if watched:
            peak.start()
        timer = threading.Timer(timeout_s, lambda: os.killpg(process.pid, signal.SIGKILL))
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            timer.cancel()
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if watched:
            peak.done.set()
            peak.join()
    return Run(wall, usage.ru_utime + usage.ru_stime, process.returncode, output, peak.mib)


class _Peak(threading.Thread):
    """Looks again and again at what the processes of one session hold."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self._session = session
        self.done = threading.Event()
        self.mib = 0.0

    def run(self) -> None:
        while not self.done.wait(SAMPLE_S):
            self.mib = max(self.mib, sum(map(pss_mib, family(self._session))))


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found, stack = [], [pid]
    while stack:
        one = stack.pop()
        found.append(one)
        try:
            for task in os.listdir(f"/proc/{one}/task"):
                stack += [int(child) for child in Path(f"/proc/{one}/task/{task}/children").read_text().split()]
        except (OSError, ValueError):
            continue
    return found


def pss_mib(pid: int) -> float:
    """The proportional set size of a process; 0 when it is gone."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except (OSError, ValueError):
        return 0.0
    return 0.0


def median(runs: Sequence[Run], of: Callable[[Run], float]) -> float:
    """The middle one of several runs' figures."""
    return statistics.median(map(of, runs))
