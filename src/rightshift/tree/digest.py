"""Digests of what is read, computed beside the reading. One that becomes a path or an address: `source/digest.py`."""

import hashlib
from collections.abc import Callable
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import Literal

from rightshift.errors import Malformed

Algorithm = Literal["sha256", "sha512"]
_HEX_DIGITS: dict[str, int] = {"sha256": 64, "sha512": 128}
WAITING = 4
"""Portions that wait for the hashing thread."""
PORTION_BYTES = 1 << 20
"""What is handed over at once, or read at once."""


class MalformedDigest(Malformed):
    """No digest of an algorithm that proves anything."""


def parse(text: str) -> tuple[Algorithm, str]:
    """
    Algorithm and hex digits of "sha256:…" or "sha512:…", lower case and of full length.

    Raises: MalformedDigest.
    Source: OCI image specification, "Content Descriptors", "Digests".
    """
    algorithm, _, digits = text.partition(":")
    if len(digits) != _HEX_DIGITS.get(algorithm) or digits.strip("0123456789abcdef"):
        raise MalformedDigest(f"not a sha256 or sha512 digest: {text[:80]}")
    return ("sha512" if algorithm == "sha512" else "sha256"), digits


class Hashing:
    """
    Hashes that are computed in a second thread: hashlib lets go of the interpreter on large chunks.

    Use it in a `with` block; the digests are right when that has ended.
    """

    def __init__(self, algorithms: tuple[Algorithm, ...]) -> None:
        self._hashes = tuple(hashlib.new(name, usedforsecurity=True) for name in algorithms)
        self._portions: list[list[bytes]] = [[] for _ in algorithms]
        self._sizes = [0] * len(algorithms)
        self._waiting: Queue[tuple[int, list[bytes]] | None] = Queue(WAITING)
        self._thread = Thread(target=self._run, name="hashing", daemon=True)

    def __enter__(self) -> "Hashing":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in range(len(self._portions)):
            self._pass_on(number)
        self._waiting.put(None)
        self._thread.join()

    def add(self, number: int, chunk: bytes) -> None:
        """More of the stream that the algorithm at this place hashes. Waits while much is waiting."""
        self._portions[number].append(chunk)
        self._sizes[number] += len(chunk)
        if self._sizes[number] >= PORTION_BYTES:
            self._pass_on(number)

    def digest(self, number: int) -> str:
        """ "sha256:…" of all that was added."""
        found = self._hashes[number]
        return f"{found.name}:{found.hexdigest()}"

    def _pass_on(self, number: int) -> None:
        self._waiting.put((number, self._portions[number]))
        self._portions[number], self._sizes[number] = [], 0

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            number, portion = item
            for chunk in portion:
                self._hashes[number].update(chunk)


class HashingFile:
    """Digests of a file that lies here, read in a second thread while something else looks into it."""

    def __init__(self, algorithms: set[Algorithm], size: int, pread: Callable[[int, int], bytes]) -> None:
        self._hashes = {name: hashlib.new(name, usedforsecurity=True) for name in algorithms}
        self._size = size
        self._pread = pread
        self._stop = False
        self._error: OSError | None = None
        self._thread = Thread(target=self._run, name="hashing", daemon=True)
        self._thread.start()

    def digest(self, algorithm: Algorithm) -> str:
        """Waits for the end. Raises OSError when the file could not be read, or is shorter than it was."""
        self._thread.join()
        if self._error:
            raise self._error
        return f"{algorithm}:{self._hashes[algorithm].hexdigest()}"

    def stop(self) -> None:
        """Ends it before its time, when nobody wants the digest any more."""
        self._stop = True
        self._thread.join()

    def _run(self) -> None:
        at = 0
        try:
            while at < self._size and not self._stop:
                chunk = self._pread(at, PORTION_BYTES)
                if not chunk:
                    raise OSError("the file became shorter while it was read")
                for one in self._hashes.values():
                    one.update(chunk)
                at += len(chunk)
        except OSError as error:
            self._error = error
