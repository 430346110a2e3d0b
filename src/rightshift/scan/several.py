"""Several names to scan documents, a few at once, given in their order. One of them: `run.py`."""

import threading
from collections.abc import Callable, Iterator, Sequence

from rightshift.documents.scan import ScanDocument
from rightshift.errors import RightshiftError

Scan = Callable[[str], ScanDocument]
"""Opens and scans what a name says."""

AHEAD = 1
"""Documents that are ready before their turn, for each thread: more would only wait in memory."""


def scan_each(texts: Sequence[str], scan: Scan, at_once: int) -> Iterator[tuple[str, ScanDocument | RightshiftError]]:
    """
    Each name with its document, or with why there is none. One that fails doesn't stop the others.

    Whatever else `scan` raises is raised here. Leaving early leaves no thread that would begin another.
    """
    if len(texts) == 1:  # no thread for it: a signal reaches what it is doing
        yield texts[0], _tried(scan, texts[0])
        return
    running = _Running(texts, scan, at_once)
    try:
        for number, text in enumerate(texts):
            found = running.result(number)
            if isinstance(found, BaseException) and not isinstance(found, RightshiftError):
                raise found
            yield text, found
    finally:
        running.stop()


def _tried(scan: Scan, text: str) -> ScanDocument | RightshiftError:
    try:
        return scan(text)
    except RightshiftError as error:
        return error


class _Running:
    """Threads that take one name after the other and stay a little ahead of who asks for results."""

    def __init__(self, texts: Sequence[str], scan: Scan, at_once: int) -> None:
        self._texts = texts
        self._scan = scan
        self._ahead = at_once * AHEAD
        self._changed = threading.Condition()
        self._begun = 0
        self._given = 0
        self._stopped = False
        self._results: dict[int, ScanDocument | BaseException] = {}
        for _ in range(min(at_once, len(texts))):
            threading.Thread(target=self._work, daemon=True).start()

    def result(self, number: int) -> ScanDocument | BaseException:
        with self._changed:
            self._changed.wait_for(lambda: number in self._results)
            self._given = number + 1
            self._changed.notify_all()
            return self._results.pop(number)

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _work(self) -> None:
        while (number := self._next()) is not None:
            try:
                found: ScanDocument | BaseException = self._scan(self._texts[number])
            except BaseException as error:  # noqa: BLE001 - raised again where its turn is
                found = error
            with self._changed:
                self._results[number] = found
                self._changed.notify_all()

    def _next(self) -> int | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._begun < self._given + self._ahead)
            if self._stopped or self._begun == len(self._texts):
                return None
            self._begun += 1
            return self._begun - 1
