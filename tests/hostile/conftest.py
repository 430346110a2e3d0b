"""The corpus, laid out once for all test processes, and an ear at the address that inputs name."""

import fcntl
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.shared import FOLDER, shared

CORPUS = FOLDER / "fixtures" / "hostile"
CANARY = Path("/tmp/rs-canary")
"""Where the corpus puts what must not be read, and where its inputs try to write."""
PORT = 18999


@pytest.fixture(scope="session")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all test processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


def _laid_out(together: Path, name: str, *options: str) -> Iterator[Path]:
    """
    The corpus below a folder. The first process lays it out, the last one removes it.

    It holds folders that nobody may enter, and deeper ones than Python removes.
    """
    with (together / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = together / name
        if not folder.exists():
            shared("fixtures/hostile/unpack.py")
            made = together / f"{name}.making"
            subprocess.run(
                [sys.executable, "-B", str(CORPUS / "unpack.py"), str(made), *options],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            made.rename(folder)
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield folder
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(folder)


def remove(folder: Path) -> None:
    """A folder of the corpus, with whatever it holds."""
    subprocess.run(["chmod", "-R", "u+rwx", str(folder)], check=False, stderr=subprocess.DEVNULL)
    subprocess.run(["rm", "-rf", str(folder)], check=False)


@pytest.fixture(scope="session")
def small_corpus(together: Path) -> Iterator[Path]:
    """All inputs but the large ones, a folder each."""
    yield from _laid_out(together, "hostile-small", "--small")


@pytest.fixture(scope="session")
def whole_corpus(together: Path) -> Iterator[Path]:
    """All inputs: some gigabytes, mostly holes."""
    yield from _laid_out(together, "hostile-whole")


def manifest() -> list[dict[str, object]]:
    """What the corpus says of its cases; none where it is not at hand."""
    file = CORPUS / "manifest.json"
    entries: list[dict[str, object]] = json.loads(file.read_text()) if file.exists() else []
    return entries


class Ear:
    """
    Counts who calls. Each test process has one at the same port, and the kernel picks which one hears a call: so they
    write into one file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._socket.bind(("127.0.0.1", PORT))
        self._socket.listen()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                connection.close()
                with self._file.open("ab") as calls:
                    calls.write(b"!")

    @property
    def calls(self) -> int:
        return self._file.stat().st_size if self._file.exists() else 0

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture(scope="session")
def _ear(together: Path) -> Iterator[Ear]:
    ear = Ear(together / "calls")
    yield ear
    ear.close()


@pytest.fixture
def nothing_leaves(_ear: Ear) -> Iterator[None]:
    """Fails the test when somebody calls meanwhile, or writes where inputs point."""
    before = _ear.calls
    yield
    assert _ear.calls == before, "somebody called the address that inputs name"
    assert not CANARY.exists() or not list((CANARY / "write").glob("*")), "somebody wrote where inputs point"
