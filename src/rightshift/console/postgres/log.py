"""What the server says, kept in two files of bounded size. What the console says goes where its own log goes."""

import os
from collections import deque
from pathlib import Path
from typing import IO

FILE_BYTES = 1 << 20
LINE_BYTES = 8 << 10
_LAST_LINES = 20


class Log:
    """Lines into `path`; a full file moves to `path.1`. A full disk loses lines, never the server."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lost = 0
        self._last: deque[str] = deque(maxlen=_LAST_LINES)

    @property
    def last(self) -> str:
        """The last lines, for an error message."""
        return "\n".join(self._last)

    def follow(self, said: IO[bytes]) -> None:
        """Until every process of the server has closed its end."""
        while line := said.readline(LINE_BYTES):
            self._last.append(line.decode(errors="backslashreplace").rstrip("\n"))
            try:
                self._write(line)
            except OSError:
                self.lost += 1

    def _write(self, line: bytes) -> None:
        fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, line)
            full = os.fstat(fd).st_size > FILE_BYTES
        finally:
            os.close(fd)
        if full:
            self.path.replace(self.path.with_name(self.path.name + ".1"))
