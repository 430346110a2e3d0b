"""
Starts the children that read. All of them are forked by one small process, made before anything else is: it has no
threads, and has loaded what reading needs while the parent was still finding out what is to be read.

What a child does: `worker.py`. What the parent says to one: `child.py`. This module is imported first: it loads little.
"""

import fcntl
import os
import select
import signal
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rightshift.errors import RightshiftError
from rightshift.scan import page as shared

if TYPE_CHECKING:
    from rightshift.catalog.index import Index

STREAM_BYTES = 1 << 20
"""What of a layer is on its way to a child."""
DESCRIPTORS_AT_ONCE = 200
"""The kernel passes 253 in one message. Source: unix(7), "SCM_RIGHTS"."""

_HIRE, _END, _MORE = b"h", b"e", b"m"
_HEAD = struct.Struct("<cIH")
_STATUS = struct.Struct("<i")
_NAMES_BYTES = 32 << 10
_OWN_ENDS = 5


@dataclass(frozen=True, slots=True)
class Hired:
    """The parent's ends of one child: orders and bytes go in, results come out, `page` shows what is being read."""

    number: int
    orders: int
    stream: int
    results: int
    page: int
    status: int

    def close(self) -> None:
        """Closes them. Whoever writes to the child must have stopped before: their numbers will be others'."""
        for fd in (self.orders, self.stream, self.results, self.page, self.status):
            os.close(fd)


class Crew:
    """
    At most `workers` children at once, for all threads of this process. Make it before any thread, and close it.

    `index` is asked in the process that forks, so that children are born with it.
    """

    def __init__(self, index: "Callable[[], Index]", workers: int = 2) -> None:
        self.workers = workers
        self.loaded: set[str] = set()
        """Formats that were of use so far: later children are born with their readers."""
        self._places = threading.BoundedSemaphore(workers)
        self._saying = threading.Lock()
        self._number = 0
        self._said, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        parent = os.getpid()
        self._pid = os.fork()
        if not self._pid:
            _be_the_foreman(theirs, index, parent)
        theirs.close()

    def hire(self, material: Sequence[int], *, wait: bool) -> Hired | None:
        """
        A new child that holds these descriptors, in this order; None when there is no place and nobody waits.

        It first reads its order, which `worker.py` describes. Give it back by `end`, then close it.

        Raises: RightshiftError when what forks them is gone.
        """
        if not self._places.acquire(blocking=wait):
            return None
        page = shared.new()
        pipes = [os.pipe() for _ in range(4)]
        (orders_out, orders), (stream_out, stream), (results, results_in), (status, status_in) = pipes
        with suppress(OSError):  # a user may have too many large pipes already
            fcntl.fcntl(stream, fcntl.F_SETPIPE_SZ, STREAM_BYTES)
        theirs = [status_in, orders_out, stream_out, results_in, page, *material]
        try:
            with self._saying:
                self._number += 1
                hired = Hired(self._number, orders, stream, results, page, status)
                names = ",".join(sorted(self.loaded)).encode()[:_NAMES_BYTES]
                self._say(_HEAD.pack(_HIRE, hired.number, len(theirs)) + names, theirs)
        except OSError as error:
            Hired(0, orders, stream, results, page, status).close()
            self._places.release()
            raise RightshiftError(
                f"The process that starts readers is gone: {error.strerror}",
                means="Somebody ended it, or the machine had no memory left",
                do="Scan again",
            ) from error
        finally:
            for fd in theirs[: _OWN_ENDS - 1]:
                os.close(fd)
        return hired

    def end(self, hired: Hired) -> int:
        """Ends a child however it is, once, and gives its wait status; 0 where nobody can tell any more."""
        try:
            with self._saying, suppress(OSError):
                self._say(_HEAD.pack(_END, hired.number, 0), ())
            said = os.read(hired.status, _STATUS.size)
        finally:
            self._places.release()
        return int(_STATUS.unpack(said)[0]) if len(said) == _STATUS.size else 0

    def close(self) -> None:
        """Ends all children and what forked them."""
        if not self._pid:
            return
        self._said.close()
        with suppress(ChildProcessError):
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        self._pid = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _say(self, message: bytes, descriptors: Sequence[int]) -> None:
        socket.send_fds(self._said, [message], list(descriptors[:DESCRIPTORS_AT_ONCE]))
        for at in range(DESCRIPTORS_AT_ONCE, len(descriptors), DESCRIPTORS_AT_ONCE):
            socket.send_fds(self._said, [_MORE], list(descriptors[at : at + DESCRIPTORS_AT_ONCE]))


def _be_the_foreman(said: socket.socket, index: "Callable[[], Index]", parent: int) -> None:
    """Never returns."""
    try:
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # the parent ends its children itself
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        silence = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(silence, fd)
        _keep_only({said.fileno()})
        from rightshift.scan import sandbox

        sandbox.end_with_parent(parent)
        sandbox.load_libraries()
        _Foreman(said, index()).serve()
    finally:
        os._exit(0)


class _Foreman:
    """Forks a child for each order to do so, and tells how each ended."""

    def __init__(self, said: socket.socket, index: "Index") -> None:
        import gc

        from rightshift.scan import worker

        self._said = said
        self._index = index
        self._serve_child = worker.serve
        self._children: dict[int, tuple[int, int]] = {}  # pid: number, where its status goes
        self._woken, wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        gc.freeze()  # what children are born with is theirs to read, not to collect

    def serve(self) -> None:
        poll = select.poll()
        poll.register(self._said, select.POLLIN)
        poll.register(self._woken, select.POLLIN)
        while True:
            ready = {fd for fd, _ in poll.poll()}
            if self._woken in ready:
                with suppress(BlockingIOError):
                    os.read(self._woken, 4096)
                self._reap()
            if self._said.fileno() in ready and not self._obey():
                return

    def _obey(self) -> bool:
        """Whether there may be more to hear."""
        message, descriptors, _, _ = socket.recv_fds(self._said, _HEAD.size + _NAMES_BYTES, DESCRIPTORS_AT_ONCE)
        if not message:
            return False
        kind, number, count = _HEAD.unpack_from(message)
        while len(descriptors) < count:
            descriptors += socket.recv_fds(self._said, len(_MORE), DESCRIPTORS_AT_ONCE)[1]
        if kind == _HIRE:
            self._hire(number, descriptors, message[_HEAD.size :].decode())
        else:
            for pid, (whose, _) in self._children.items():
                if whose == number:
                    os.kill(pid, signal.SIGKILL)
        return True

    def _hire(self, number: int, descriptors: Sequence[int], formats: str) -> None:
        self._index.load(formats.split(",") if formats else ())
        status, *rest = descriptors
        try:
            foreman = os.getpid()
            pid = os.fork()
            if not pid:
                self._be_the_child(foreman, rest)
            self._children[pid] = (number, status)
        except OSError:
            os.close(status)  # whoever waits for the child reads the end of its pipes
        finally:
            for fd in rest:
                os.close(fd)

    def _be_the_child(self, foreman: int, descriptors: Sequence[int]) -> None:
        """Never returns."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _keep_only(set(descriptors))
            self._serve_child(self._index, foreman, descriptors)
            status = 0
        finally:
            os._exit(status)

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            _, told = self._children.pop(pid)
            with suppress(OSError):
                os.write(told, _STATUS.pack(status))
            os.close(told)


def _keep_only(wanted: Iterable[int]) -> None:
    """Closes whatever else this process had open: logs, connections, pipes to other children."""
    first = 3
    for fd in sorted(wanted):
        os.closerange(first, fd)
        first = fd + 1
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))
