"""Where reports are written: standard output, and files that appear whole or not at all. What is in them: `report`."""

import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from rightshift.cli.streams import Streams
from rightshift.errors import RightshiftError, UsageError
from rightshift.report.format import Format, check, named

if TYPE_CHECKING:
    from rightshift.report.result import Result


@dataclass(frozen=True, slots=True)
class Output:
    """A report in the format of that name, which there is; `path` None is standard output."""

    name: str
    path: Path | None

    @property
    def format(self) -> Format:
        """Imported when it is asked for: a scan begins before."""
        return named(self.name)


class _Sink:
    """Standard output as formats see it."""

    def __init__(self, streams: Streams) -> None:
        self.write = streams.write


def parse(format: str, files: Sequence[str]) -> tuple[Output, ...]:
    """
    The outputs of `--format NAME` and of each `-o NAME=PATH`; the path `-` is standard output.

    Everything that can be wrong is found before the scan. Raises: UsageError.
    """
    outputs = []
    for text in files:
        name, separator, path = text.partition("=")
        if not separator or not path:
            raise UsageError(f"-o {text!a} is not of the form FORMAT=PATH", do="Write -o sarif=result.sarif")
        check(name)
        outputs.append(Output(name, None if path == "-" else possible(Path(path))))
    if not any(output.path is None for output in outputs):
        check(format or "table")
        outputs.insert(0, Output(format or "table", None))
    elif format:
        raise UsageError("--format and -o FORMAT=- both write to standard output", do="Give one of them")
    if sum(output.path is None for output in outputs) > 1:
        raise UsageError("Two reports would go to standard output", do="Give one of them a file")
    return tuple(outputs)


def read_by_people(outputs: Sequence[Output]) -> bool:
    """Whether standard output gets a report that says by itself what people should know."""
    return any(output.path is None and output.format.show for output in outputs)


def refuse_unless_one_after_the_other(outputs: Sequence[Output]) -> None:
    """
    Several results can follow each other on standard output as tables and as lines of JSON, and in no file.

    Raises: UsageError.
    """
    for output in outputs:
        if output.path is not None or not output.format.several:
            raise UsageError(
                "Of several sources only tables and lines of JSON can be written, to standard output",
                do="Scan one source for each report",
            )


def write(outputs: Sequence[Output], result: "Result", streams: Streams, heading: str = "") -> None:
    """
    Writes every report, files first: standard output may break off. A heading stands over what people read.

    Raises: RightshiftError, BrokenPipeError.
    """
    for output in sorted(outputs, key=lambda one: one.path is None):
        if output.path is not None:
            into(output.path, partial(output.format.write, result))
            continue
        if heading and output.format.show:
            from rightshift import escape

            streams.line(f"\n{escape.terminal(heading)}")
        if output.format.show and (screen := streams.screen()):
            output.format.show(result, _Sink(streams), screen)
        else:
            output.format.write(result, _Sink(streams))


def possible(path: Path) -> Path:
    """A path to which a file may be written, as far as one can see before. Raises: UsageError."""
    if path.is_dir():
        raise UsageError(f"{str(path)!a} is a folder", do="Name a file in it")
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {str(path.parent)!a} to write to", do="Make it first")
    return path


def into(path: Path, fill: Callable[[BinaryIO], None]) -> None:
    """A file with what `fill` writes, whole or not at all. Raises: RightshiftError, and what `fill` raises."""
    try:
        if _is_special(path):
            with path.open("wb") as out:
                fill(out)
            return
        temporary = path.with_name(f".{path.name[:200]}.{os.getpid()}.tmp")
        try:
            with temporary.open("xb") as out:
                fill(out)
                out.flush()
                os.fsync(out.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RightshiftError(
            f"{str(path)!a} can't be written: {error.strerror or error}", means="The other reports may be there"
        ) from error


def _is_special(path: Path) -> bool:
    """A device, a pipe or a link: it is written through, not replaced."""
    try:
        return not stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False
