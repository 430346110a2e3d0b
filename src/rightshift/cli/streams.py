"""Where a command prints: results to standard output, all else to standard error. Text of others is escaped here."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, TextIO

from rightshift.errors import Malformed, RightshiftError

if TYPE_CHECKING:
    from rightshift.report.format import Screen

LINE_CHARS = 2_000


@dataclass(slots=True)
class Streams:
    """Standard output and error of one command line. `quiet` leaves notes and progress out, never errors."""

    out_text: TextIO | None
    err: TextIO | None
    environ: Mapping[str, str]
    quiet: bool = False
    _drawn: int = 0

    @property
    def out(self) -> BinaryIO:
        """Standard output for bytes. Raises: RightshiftError when it is closed."""
        if self.out_text is None:
            raise RightshiftError("Standard output is closed", do="Give it a file, a pipe or a terminal")
        self.out_text.flush()
        return self.out_text.buffer

    def write(self, content: bytes) -> None:
        """Bytes to standard output. Raises: RightshiftError when it takes no more; BrokenPipeError."""
        if self._drawn:
            self._draw("")  # else the first line stands behind what was being done
        try:
            self.out.write(content)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise RightshiftError(f"Standard output can't be written: {error.strerror}") from error

    def line(self, text: str) -> None:
        """A line of our own to standard output; foreign text in it is escaped already."""
        self.write(text.encode(errors="backslashreplace") + b"\n")

    def json(self, value: object) -> None:
        """A value as one line of JSON to standard output."""
        from rightshift.documents import text

        self.write(text.encode(value) + b"\n")

    def note(self, text: str) -> None:
        """Something that one should know, on standard error."""
        if not self.quiet:
            self._err(f"rightshift: {_shown(text)}\n")

    def progress(self, text: str) -> None:
        """What is being done, on one line of a terminal; nothing where nobody looks."""
        if self.quiet or not self.looked_at:
            return
        import shutil

        from rightshift import escape

        shown = escape.line(text, max(shutil.get_terminal_size().columns - 1, 1))
        self._draw(shown)

    def error(self, error: RightshiftError | Malformed) -> None:
        """What happened, what it means, what to do."""
        if isinstance(error, RightshiftError):
            self._err(f"rightshift: error: {_shown(error.what)}\n")
            self._err("".join(f"  {_shown(more)}\n" for more in (error.means, error.do) if more))
        else:
            self._err(f"rightshift: error: {_shown(str(error))}\n")

    def mistake(self, error: BaseException) -> None:
        """A mistake of this program: one line, and the trace for who asks for it."""
        said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        self._err(f"rightshift: error: a mistake of this program: {_shown(said)}\n")
        if self.environ.get("RIGHTSHIFT_DEBUG", "") in ("1", "true", "yes", "on"):
            import traceback

            for line in traceback.format_exception(error):
                self._err("".join(_shown(one) + "\n" for one in line.splitlines()))
        else:
            self._err("  RIGHTSHIFT_DEBUG=1 shows where\n")

    def flush(self) -> None:
        """Lets go of what is still held back. Raises: RightshiftError; BrokenPipeError."""
        self._draw("")
        if self.out_text is not None:
            try:
                self.out_text.flush()
            except BrokenPipeError:
                raise
            except OSError as error:
                raise RightshiftError(f"Standard output can't be written: {error.strerror}") from error

    @property
    def looked_at(self) -> bool:
        """Whether a person looks at standard error."""
        return self.err is not None and self.err.isatty() and self.environ.get("TERM") != "dumb"

    def screen(self) -> "Screen | None":
        """What a person looks at standard output with; None for a file or a pipe."""
        if self.out_text is None or not self.out_text.isatty():
            return None
        import shutil

        from rightshift.report.format import Screen

        plain = bool(self.environ.get("NO_COLOR")) or self.environ.get("TERM") == "dumb"
        return Screen(shutil.get_terminal_size().columns, not plain)

    def _draw(self, text: str) -> None:
        if self.err is not None and (text or self._drawn):
            self.err.write("\r" + text.ljust(self._drawn) + ("" if text else "\r"))
            self.err.flush()
            self._drawn = len(text)

    def _err(self, text: str) -> None:
        if self.err is None:
            return
        self._draw("")
        try:
            self.err.write(text)
            self.err.flush()
        except OSError:
            self.err = None  # nobody reads it any more


def of_process() -> Streams:
    """The streams of this process."""
    if sys.stderr is not None and hasattr(sys.stderr, "reconfigure"):
        sys.stderr.reconfigure(errors="backslashreplace")
    return Streams(sys.stdout, sys.stderr, os.environ)


def _shown(text: str) -> str:
    from rightshift import escape

    return escape.line(text, LINE_CHARS)
