"""Lists of a console as people, programs and spreadsheets get them: a table, one JSON value, a file of an export."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from rightshift import escape
from rightshift.cli.command import Parser
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from msgspec import Raw, Struct

    from rightshift.cli.console.client import Console, Query

T = TypeVar("T")

SHOWN = 50
CELL_CHARS = 80
GAP = "  "
LEAST_COLUMNS = 8
MEDIA_TYPES = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CHUNK = 1 << 16


def declare(parser: Parser) -> None:
    """The options of a command that shows a list which can be had as a file."""
    add = parser.add_argument
    add("--limit", type=int, default=SHOWN, metavar="N", help=f"at most so many, 0 for all; {SHOWN} by default")
    add("--format", choices=tuple(MEDIA_TYPES), help="all of them as a file for other programs")
    add("-o", "--output", type=Path, metavar="PATH", help="where that file goes; else standard output")


def check(arguments: argparse.Namespace) -> None:
    """What can be wrong with those options. Raises: UsageError."""
    from rightshift.cli import outputs

    if arguments.limit < 0:
        raise UsageError("--limit is less than 0", do="Give 0 for all")
    if arguments.format and arguments.json:
        raise UsageError("--json and --format ask for two formats", do="Give one of them")
    if arguments.output and not arguments.format:
        raise UsageError("--output is for --format", do="Add --format csv, jsonl or xlsx")
    if arguments.output:
        outputs.possible(arguments.output)


def query(asked: "Struct") -> "Query":
    """The fields of a struct that are set as they stand in an address; several values stand there several times."""
    pairs: list[tuple[str, str]] = []
    for name, value in _fields(asked):
        for one in value if isinstance(value, tuple) else (value,):
            pairs += [(name, _word(one))] if one is not None else []
    return pairs


def _fields(asked: "Struct") -> Iterable[tuple[str, object]]:
    from msgspec.structs import fields

    return ((one.encode_name, getattr(asked, one.name)) for one in fields(asked))


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def export(console: "Console", path: str, asked: "Struct", arguments: argparse.Namespace, streams: Streams) -> None:
    """The whole list in the format that was asked for. A file is there whole or not at all. Raises: ConsoleError."""
    from rightshift.cli import outputs

    def fill(write: Callable[[bytes], object]) -> None:
        took = 0
        where = [*query(asked), ("format", arguments.format)]
        with console.stream(path, where, MEDIA_TYPES[arguments.format]) as stream:
            while chunk := stream.read(_CHUNK):
                write(chunk)
                took += len(chunk)
                streams.progress(f"{took / 1e6:.1f} MB")

    if arguments.output:

        def into(out: BinaryIO) -> None:
            fill(out.write)

        outputs.into(arguments.output, into)
    elif arguments.format == "xlsx" and streams.screen():
        raise UsageError("A spreadsheet is nothing for a terminal", do="Add --output found.xlsx")
    else:
        fill(streams.write)


def answer(
    console: "Console",
    path: str,
    asked: "Struct",
    kind: type[T],
    columns: Sequence[tuple[str, Callable[[T], str]]],
    nothing: str,
    arguments: argparse.Namespace,
    streams: Streams,
) -> int | None:
    """A list as the options say: how many there were, None where it is a file. Raises: ConsoleError; UsageError."""
    if arguments.format:
        export(console, path, asked, arguments, streams)
        return None
    items = console.pages(path, query(asked), arguments.limit or None)
    count = show(items, kind, columns, streams, as_json=arguments.json)
    if not arguments.json:
        end(count, nothing, arguments.limit, streams)
    return count


def show(
    items: "Iterable[Raw]",
    kind: type[T],
    columns: Sequence[tuple[str, Callable[[T], str]]],
    streams: Streams,
    *,
    as_json: bool,
) -> int:
    """
    Writes the items and returns how many there were: as JSON with all that the console said of them, else as a table.

    Raises: ConsoleError.
    """
    import msgspec

    from rightshift.cli.console import client

    if as_json:
        every = [msgspec.json.decode(one) for one in items]
        streams.json({"items": every})
        return len(every)
    rows = [client.shaped(bytes(one), kind) for one in items]
    table([name for name, _ in columns], [[cell(row) for _, cell in columns] for row in rows], streams)
    return len(rows)


def end(count: int, nothing: str, limit: int, streams: Streams) -> None:
    """Says that there was nothing, or that there may be more than was asked for."""
    if not count:
        streams.line(nothing)
    elif count == limit:
        streams.note(f"There may be more than these {count}: --limit 0 shows all")


def known(value: bool | None) -> str:
    """Yes, no, or that nobody knows."""
    return {True: "yes", False: "no", None: "unknown"}[value]


def table(head: Sequence[str], rows: Sequence[Sequence[str]], streams: Streams) -> None:
    """
    Rows below their heads, as wide as the screen; all text may be foreign. Nothing when there are none.

    On a narrow screen the widest columns give way, and columns in which nothing stands are left out.
    """
    from rightshift.report.table import squeezed, width

    if not rows:
        return
    cells = [[escape.line(cell, CELL_CHARS) for cell in row] for row in rows]
    kept = [at for at in range(len(head)) if any(row[at] for row in cells)]
    widths = {at: max(width(head[at]), *(width(row[at]) for row in cells)) for at in kept}
    screen = streams.screen()
    if screen and screen.columns:
        excess = sum(widths.values()) + len(GAP) * (len(kept) - 1) - screen.columns
        while excess > 0 and max(widths.values()) > LEAST_COLUMNS:
            widths[max(widths, key=lambda at: widths[at])] -= 1
            excess -= 1
    for row in (head, *cells):
        streams.line(GAP.join(squeezed(row[at], widths[at]) for at in kept).rstrip())
