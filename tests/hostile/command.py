"""Runs the command as a process of its own and watches it: time, memory, what it leaves. What it must do: `case.py`."""

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

COMMAND = str(Path(sys.executable).with_name("rightshift"))
AS_USER = Path(__file__).with_name("as_user.py")
SAMPLE_S = 0.05
MOMENT_S = 1.0
"""What the kernel may take to end those whose parent has ended."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How one command line ended. `status` is as Popen gives it: negative for a signal."""

    status: int
    out: bytes
    err: bytes
    seconds: float
    peak_bytes: int
    """The most memory that the whole group of processes held at once: shared pages count once."""
    cpu_seconds: float
    """Of the whole group, to one sample."""
    in_time: bool
    left: tuple[str, ...]
    """Files that it should have removed, and processes that it should have ended."""


@dataclass(slots=True)
class Running:
    """A command line in a scratch folder of its own, in a group of processes of its own."""

    process: subprocess.Popen[bytes]
    scratch: Path
    began: float
    peak_bytes: int = 0
    cpu_seconds: dict[int, float] = field(default_factory=dict)

    def wait(self, seconds: float) -> bool:
        """Whether it ended within that time; memory is sampled meanwhile."""
        until = time.monotonic() + seconds
        poll = select.poll()
        fd = os.pidfd_open(self.process.pid)
        try:
            poll.register(fd, select.POLLIN)
            while not poll.poll(SAMPLE_S * 1000):
                processes = tree_of(self.process.pid)
                self.peak_bytes = max(self.peak_bytes, sum(map(_pss_bytes, processes)))
                self.cpu_seconds |= {pid: seconds for pid in processes if (seconds := _cpu_seconds(pid))}
                if time.monotonic() > until:
                    return False
        finally:
            os.close(fd)
        return True

    def end(self, *, in_time: bool) -> Ran:
        """What came of it; whatever still runs is killed, and named."""
        seconds = time.monotonic() - self.began
        left = [] if in_time else ["still running"]
        try:
            if in_time:
                self.process.wait()
                if group_of(self.process.pid, MOMENT_S):
                    left.append("a process of its group")
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        status = self.process.wait()
        out, err = (self.scratch / "out").read_bytes(), (self.scratch / "err").read_bytes()
        left += [str(path.relative_to(self.scratch)) for path in _scratch_files(self.scratch)]
        return Ran(status, out, err, seconds, self.peak_bytes, sum(self.cpu_seconds.values()), in_time, tuple(left))


@contextmanager
def running(
    arguments: Sequence[str],
    cwd: Path,
    *,
    user: int | None = None,
    environ: Mapping[str, str] | None = None,
    umask: int = 0o022,
) -> Iterator[Running]:
    """
    The command with these arguments. It starts in `cwd`, also where a `user` has no rights on the folders above.

    Another user than one's own needs root.
    """
    scratch = Path(tempfile.mkdtemp(prefix="rightshift-hostile-"))
    try:
        for name in ("tmp", "home"):
            (scratch / name).mkdir()
        if user is not None:
            for path in (scratch, *scratch.iterdir()):
                os.chown(path, user, user)
        with (scratch / "out").open("wb") as out, (scratch / "err").open("wb") as err:
            process = subprocess.Popen(
                [*([COMMAND] if user is None else [sys.executable, str(AS_USER), str(user)]), *arguments],
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(scratch / "home"),
                    "RIGHTSHIFT_HOME": str(scratch / "home"),
                    "TMPDIR": str(scratch / "tmp"),
                    "LC_ALL": "C.UTF-8",
                    **(environ or {}),
                },
                start_new_session=True,
                umask=umask,
            )
        try:
            yield Running(process, scratch, time.monotonic())
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def ran(
    arguments: Sequence[str],
    cwd: Path,
    *,
    seconds: float,
    user: int | None = None,
    environ: Mapping[str, str] | None = None,
    umask: int = 0o022,
) -> Ran:
    """The command run to its end, or for that long."""
    with running(arguments, cwd, user=user, environ=environ, umask=umask) as command:
        return command.end(in_time=command.wait(seconds))


def tree_of(pid: int) -> list[int]:
    """A process and all that came from it and still run."""
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        try:
            for children in Path(f"/proc/{found[-1]}/task").glob("*/children"):
                waiting += map(int, children.read_text().split())
        except OSError:
            continue
    return found


def group_of(leader: int, moment_s: float) -> list[int]:
    """Processes of a group that still run after that moment."""
    until = time.monotonic() + moment_s
    while (found := [pid for pid, group in _groups() if group == leader]) and time.monotonic() < until:
        os.sched_yield()
    return found


def _groups() -> Iterator[tuple[int, int]]:
    """Each process that has not ended, with its group. Source: proc(5), "/proc/pid/stat"."""
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            try:
                state, _, group, *_ = Path(f"/proc/{entry}/stat").read_text().rpartition(") ")[2].split()
            except OSError:
                continue
            if state not in "ZX":
                yield int(entry), int(group)


def _pss_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024


def _cpu_seconds(pid: int) -> float:
    """What a process itself used so far; 0 when it is gone. Source: proc(5), "/proc/pid/stat"."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _scratch_files(scratch: Path) -> Iterator[Path]:
    yield from (scratch / "tmp").rglob("*")
    for path in (scratch / "home").rglob("*"):
        kept = path.parts[len(scratch.parts) :]
        if path.is_file() and (kept[:3] != ("home", "cache", "layers") or len(path.name) != 64):
            yield path
