"""A function run in a process of its own, with little memory and a clock for each input that it is given."""

import gc
import mmap
import os
import resource
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

MEMORY_BYTES = 512 << 20
INPUT_CPU_S = 5.0
"""For one input. What is stuck in C and hears no signal is ended by the kernel, HARD_CPU_S later."""
HARD_CPU_S = 20
_ROOM = 1 << 20


class TookTooLong(BaseException):
    """One input took more of a processor than it may; no reader catches it."""


class Confined:
    """What the function in the child sees: `reading` names its input to those outside, and times it."""

    def __init__(self, report: Path) -> None:
        self._page = mmap.mmap(-1, _ROOM)
        self._report = report

    @contextmanager
    def reading(self, content: bytes) -> Iterator[None]:
        """Around one input. The first that raises is the last: the process ends there."""
        self._page[: 8 + len(content)] = len(content).to_bytes(8, "little") + content
        used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (used + HARD_CPU_S, hard))
        signal.setitimer(signal.ITIMER_PROF, INPUT_CPU_S)
        try:
            yield
        except BaseException:  # noqa: BLE001 - whatever it is, the parent tells
            self.end()
        signal.setitimer(signal.ITIMER_PROF, 0)

    def end(self) -> NoReturn:
        """Ends the process with the report of what is being handled."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self._report.write_text(traceback.format_exc()[-6_000:])
        os._exit(1)

    def last(self) -> bytes:
        """The input that was read last."""
        return self._page[8 : 8 + int.from_bytes(self._page[:8], "little")]


def failure_of(run: Callable[[Confined], None], report: Path) -> str:
    """
    Empty when `run` returned; else how it ended, in words. The input it was reading is then kept beside `report`.

    It may use `MEMORY_BYTES` more than it was born with.
    """
    seen = Confined(report)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the test runner are not used in the child
        child = os.fork()
    if not child:
        _child(run, seen)
    _, status = os.waitpid(child, 0)
    if not status:
        return ""
    kept = report.with_suffix(".input")
    kept.write_bytes(seen.last())
    said = report.read_text() if report.exists() else ""
    ended = f"ended by {signal.Signals(os.WTERMSIG(status)).name}\n" if os.WIFSIGNALED(status) else ""
    return f"{ended}{said}\n{len(seen.last())} bytes, kept as {kept}: {seen.last()[:300]!r}"


def _child(run: Callable[[Confined], None], seen: Confined) -> None:
    try:
        gc.freeze()  # what the parent made is not looked through, and so not copied
        signal.signal(signal.SIGPROF, _too_long)
        born_bytes = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (born_bytes + MEMORY_BYTES, resource.RLIM_INFINITY))
        run(seen)
    except BaseException:  # noqa: BLE001 - as above
        seen.end()
    os._exit(0)


def _too_long(_number: int, _frame: FrameType | None) -> None:
    raise TookTooLong(f"one input took over {INPUT_CPU_S:.0f} s of a processor")
