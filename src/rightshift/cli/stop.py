"""How a command is stopped from outside: the signal unwinds it, and a clock ends what does not unwind."""

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

UNWIND_S = 1.5
"""Children die with this process, so that a hard end leaves nothing running."""


class Stopped(BaseException):
    """A signal asked for the end. `code` is what the program exits with, as a shell reports it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.code = 128 + number


@contextmanager
def stoppable() -> Iterator[Sequence[int]]:
    """
    Gives the signals that came. Inside, the first one raises `Stopped`, once; a second one, or UNWIND_S later, ends the
    process at once.

    Signals that the caller ignores stay ignored. Outside the main thread nothing is changed.
    """
    import datetime  # noqa: F401 - msgspec loads it so that a signal in the middle of it would crash the program later

    if threading.current_thread() is not threading.main_thread():
        yield ()
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    alarm = signal.getsignal(signal.SIGALRM)
    asked: list[int] = []
    hooks = sys.unraisablehook, threading.excepthook

    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        for one in SIGNALS:
            signal.signal(one, _end(128 + number))
        signal.signal(signal.SIGALRM, _end(128 + number))
        signal.setitimer(signal.ITIMER_REAL, UNWIND_S)
        asked.append(number)
        sys.unraisablehook = lambda _: None  # what the unwinding breaks is no news
        threading.excepthook = lambda _: None
        raise Stopped(number)

    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        yield asked
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook, threading.excepthook = hooks
        for number, handler in (*before.items(), (signal.SIGALRM, alarm)):
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
    if asked:  # the first was swallowed, as in a callback of the interpreter's own, or became another error
        raise Stopped(asked[0])


class _end:
    def __init__(self, code: int) -> None:
        self._code = code

    def __call__(self, _number: int, _frame: FrameType | None) -> NoReturn:
        os._exit(self._code)
