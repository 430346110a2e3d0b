"""System packages that some tests need, and processes that end with them."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest


def program(name: str, package: str = "") -> str:
    """The path of a program; skips the test when its package is not installed."""
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not here: apt-get install {package or name}")
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


@contextmanager
def running(command: Sequence[str], log: Path, ready: Callable[[], bool], patience_s: float = 30) -> Iterator[None]:
    """A process that serves until the block ends."""
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            until = time.monotonic() + patience_s
            while not ready():
                if _ends(process, 0.05) or time.monotonic() > until:
                    pytest.fail(f"{command[0]} does not serve: {log.read_text()[-2000:]}")
            yield
        finally:
            process.terminate()
            if not _ends(process, 20):
                process.kill()


def _ends(process: subprocess.Popen[bytes], within_s: float) -> bool:
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def answers(port: int) -> Callable[[], bool]:
    """Whether something listens there by now."""

    def look() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    return look


def run(*command: str) -> str:
    """What a program prints; fails the test with what it complains about."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}: {done.stderr[-2000:]}")
    return done.stdout.strip()
