"""Formats that do what a taken-over reader would do, each asked for by a file's name."""

import ctypes
import errno
import faulthandler
import importlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator

from rightshift import parts
from rightshift.catalog.declared import Declared
from rightshift.catalog.format import Format, Found
from rightshift.catalog.index import Index
from rightshift.model.package import Package


def index(**readers: Callable[[bytes], object]) -> Index:
    """An index in which the file NAME is read by that reader; what it returns is a package's version."""
    return Index([_declared(name, reader) for name, reader in readers.items()])


def _declared(name: str, reader: Callable[[bytes], object]) -> Declared:
    def read(content: bytes) -> Iterator[Found]:
        yield Package(ecosystem="generic", name=name, version=str(reader(content)))

    form = Format(name=name, ecosystem="generic", title="", patterns=(name,), limit_bytes=1 << 20, read=read)
    declared = Declared("", name, "generic", "", (name,), False, 1 << 20)
    vars(declared)["format"] = form
    return declared


def good(content: bytes) -> str:
    return content.decode()


def error_of(call: Callable[[], object]) -> str:
    """The name of the error that a call meets, or `allowed`."""
    try:
        call()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "allowed"


def starts_a_thread(_content: bytes) -> str:
    thread = threading.Thread(target=bytes)
    thread.start()
    thread.join()
    return "ended"


def connects(_content: bytes) -> str:
    return error_of(lambda: socket.create_connection(("127.0.0.1", 1)))


def writes(content: bytes) -> str:
    return error_of(lambda: open(content.decode(), "w"))


def reads(content: bytes) -> str:
    return error_of(lambda: open(content.decode(), "rb"))


def runs(_content: bytes) -> str:
    return error_of(lambda: os.execv("/bin/true", ["true"]))


def traces(_content: bytes) -> str:
    def attach() -> None:
        if ctypes.CDLL(None, use_errno=True).ptrace(16, os.getppid(), 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "refused")

    return error_of(attach)


def becomes_another(_content: bytes) -> str:
    return error_of(lambda: os.setuid(1))


def spins(_content: bytes) -> str:
    while True:
        pass


def spins_deaf(_content: bytes) -> str:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    while True:
        pass


def crashes(_content: bytes) -> str:
    faulthandler.disable()
    os.kill(os.getpid(), signal.SIGSEGV)
    return "lived"


def leaves(_content: bytes) -> str:
    os._exit(0)


def eats(_content: bytes) -> str:
    return str(len(bytearray(8 << 30)))


def lies(_content: bytes) -> str:
    """Writes what is no message into every pipe that it finds."""
    for fd in range(3, 64):
        try:
            os.write(fd, b"\x04\x00\x00\x00nope")
        except OSError:
            continue
    return spins_deaf(b"")


def loads_all_readers(_content: bytes) -> str:
    """What readers are made of is imported when a file asks for it, behind the walls."""
    for _ in parts.modules("rightshift.catalog"):
        pass
    for module in ("rightshift.tree.layers", "rightshift.tree.overlay", "rightshift.tree.zip", "pyexpat", "zstandard"):
        importlib.import_module(module)
    return "loaded"
