"""The process that does the heavy part of a job. Who starts it and hears it: `child`."""

import importlib
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import BinaryIO, Protocol

import msgspec

from rightshift.console.jobs.child import Doing, Failed, Given, Message, Said, may_do_better
from rightshift.errors import RightshiftError

ORDER_BYTES = 1 << 20
TELL_S = 0.5
_IOPRIO_WHO_PROCESS, _IOPRIO_IDLE = 1, 3 << 13
_SYS_IOPRIO_SET = {"x86_64": 251, "aarch64": 30}


class Work(Protocol):
    """What a job has done here: an order in JSON in, something that JSON can hold out."""

    def __call__(self, order: bytes, told: "Told", /) -> object: ...


class Told:
    """Passes on what the work says, from several threads; what it is at no more than twice a second."""

    def __init__(self, to: BinaryIO) -> None:
        self._to = to
        self._saying = threading.Lock()
        self._last = 0.0

    def doing(self, what: str, done: int = 0, total: int | None = None) -> None:
        """What it is at."""
        now = time.monotonic()
        if now - self._last >= TELL_S:
            self._last = now
            self.say(Doing(what=what[:1_000], done=done, total=total))

    def log(self, line: str) -> None:
        """A line for people."""
        self.say(Said(line=line[:10_000]))

    def say(self, message: Message) -> None:
        """Whole messages only. Whoever hears them may be gone, and then so are we."""
        line = msgspec.json.encode(message) + b"\n"
        with self._saying:
            self._to.write(line)
            self._to.flush()


def main(parent: int, module: str, function: str, priority: str) -> int:
    """Does it, and says how it ended."""
    from rightshift.scan.sandbox import end_with_parent

    end_with_parent(parent)
    if priority == "idle":
        _idle()
    # what libraries print is no message
    with os.fdopen(os.dup(1), "wb") as to:
        os.dup2(2, 1)
        told = Told(to)
        order = sys.stdin.buffer.read(ORDER_BYTES + 1)
        try:
            given = _found(module, function)(order, told)
            told.say(Given(result=msgspec.Raw(msgspec.json.encode(given))))
        except BrokenPipeError:
            return 1
        except RightshiftError as error:
            told.say(Failed(what=error.what, means=error.means, do=error.do, again=may_do_better(error)))
        except Exception as error:  # noqa: BLE001  # whoever started us must hear of it
            traceback.print_exc(limit=-20)
            told.say(Failed(what=f"It ended by {type(error).__name__}", do="Look at the console's log"))
    return 0


def _found(module: str, function: str) -> Work:
    found: Callable[..., object] = getattr(importlib.import_module(module), function)
    return found


def _idle() -> None:
    """Runs only when nothing else wants to, on processor and disk. What a kernel does not let us do is left."""
    import ctypes

    try:
        os.nice(19)
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        number = _SYS_IOPRIO_SET.get(os.uname().machine)
        if number:
            ctypes.CDLL(None).syscall(number, _IOPRIO_WHO_PROCESS, 0, _IOPRIO_IDLE)
    except OSError:
        return


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:5]))
