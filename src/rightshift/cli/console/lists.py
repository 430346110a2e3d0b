"""Lists of a console as people, programs and spreadsheets get them: a table, one JSON value, a file of an export."""

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar

from rightshift import escape
from rightshift.cli.command import Parser
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from msgspec import Raw, Struct

    from rightshift.cli.console.client import Console, Query

T = TypeVar("T")


class Identified(Protocol):
    """What has an id beside its name."""

    @property
    def id(self) -> str:
        """As the console gave it."""


_I = TypeVar("_I", bound=Identified)

SHOWN = 50
CELL_CHARS = 80
GAP = "  "
LEAST_COLUMNS = 8
READABLE_COLUMNS = 12
WHOLE = frozenset({"ID", "ADVISORY", "SCORE", "CREATED", "ENDED", "SEEN", "LAST", "NEXT", "USED", "GONE", "REVOKED"})
"""Heads of columns that are cut on no screen: what is left of an id or a time would be of no use."""
FIRST_TO_GO = (
    *("GONE", "BY", "USED", "CREATED", "IMAGES", "HOSTS", "RUNNING", "HOST", "IMAGE", "ONLY", "SEEN", "CLUSTER"),
    *("ASSETS", "MARKS", "SEVERITY", "FILE", "ROUTINE", "NAMESPACE", "ENDED", "WHAT", "ENDS WITH", "MAY", "FIXED"),
    *("ZONE", "LAST", "ECOSYSTEM", "ADVISORIES", "STATE", "REVOKED", "UNTIL", "PLAN", "KIND"),
)
"""Heads of columns that a narrow screen does without, in this order, until what is left can be read."""
MEDIA_TYPES = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BLOCK = 500
"""Rows that are laid out together: a page of a console."""
_CHUNK = 1 << 16


def declare(parser: Parser) -> None:
    """The options of a command that shows a list which can be had as a file."""
    add = parser.add_argument
    declare_limit(parser)
    add("--format", choices=tuple(MEDIA_TYPES), help="all of them as a file for other programs")
    add("-o", "--output", type=Path, metavar="PATH", help="where that file goes; else standard output")


def declare_limit(parser: Parser) -> None:
    """The option of every command that shows a list which may be long."""
    about = f"at most so many, 0 for all; {SHOWN} by default"
    parser.add_argument("--limit", type=int, default=SHOWN, metavar="N", help=about)


def check_limit(arguments: argparse.Namespace) -> None:
    """Raises: UsageError."""
    if arguments.limit < 0:
        raise UsageError("--limit is less than 0", do="Give 0 for all")


def check(arguments: argparse.Namespace) -> None:
    """What can be wrong with those options. Raises: UsageError."""
    from rightshift.cli import outputs

    check_limit(arguments)
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
    return pages(console, path, asked, kind, columns, nothing, arguments, streams)


def pages(
    console: "Console",
    path: str,
    asked: "Struct | None",
    kind: type[T],
    columns: Sequence[tuple[str, Callable[[T], str]]],
    nothing: str,
    arguments: argparse.Namespace,
    streams: Streams,
) -> int:
    """A list that is there in pages alone: how many there were. Raises: ConsoleError; UsageError."""
    items = console.pages(path, query(asked) if asked else (), arguments.limit or None)
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
    Writes the items as they come and returns how many there were: as JSON with all that the console said of them, else
    as a table.

    Raises: ConsoleError.
    """
    from rightshift.cli.console import client

    if as_json:
        return _json(items, streams)
    count = 0
    shown = Table([name for name, _ in columns], streams)
    for block in blocks(items, BLOCK):
        rows = (client.shaped(bytes(one), kind) for one in block)
        shown.add([[cell(row) for _, cell in columns] for row in rows])
        count += len(block)
    return count


def blocks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of so many; the last one may be shorter."""
    taken = iter(items)
    while block := list(islice(taken, size)):
        yield block


def _json(items: "Iterable[Raw]", streams: Streams) -> int:
    """One object, written item by item: cut off by an error it is no JSON, so that nobody takes it for whole."""
    import msgspec

    from rightshift.documents import text

    count = 0
    for one in items:
        streams.write((b"," if count else b'{"items":[') + text.encode(msgspec.json.decode(one)))
        count += 1
    streams.write(b"]}\n" if count else b'{"items":[]}\n')
    return count


def end(count: int, nothing: str, limit: int, streams: Streams) -> None:
    """Says that there was nothing, or that there may be more than was asked for."""
    if not count:
        streams.line(nothing)
    elif count == limit:
        streams.note(f"There may be more than these {count}: --limit 0 shows all")


def minute(when: str | None) -> str:
    """An instant as people read it, to the minute; nothing for none."""
    return (when or "")[:16].replace("T", " ")


def known(value: bool | None) -> str:
    """Yes, no, or that nobody knows."""
    return {True: "yes", False: "no", None: "unknown"}[value]


def table(head: Sequence[str], rows: Sequence[Sequence[str]], streams: Streams) -> None:
    """Rows below their heads; nothing when there are none."""
    Table(head, streams).add(rows)


@dataclass(slots=True)
class Table:
    """
    Rows below their heads, as wide as the screen, block after block; all text may be foreign.

    On a narrow screen columns go, and the widest of those that stay give way. Columns in which nothing stands are left
    out; where a later block has something in one, the heads are shown again.
    """

    head: Sequence[str]
    streams: Streams
    _widths: dict[int, int] = field(default_factory=dict)
    _begun: bool = False

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """One more block."""
        from rightshift.report.table import width

        if not rows:
            return
        cells = [[escape.line(cell, CELL_CHARS) for cell in row] for row in rows]
        kept = [at for at in range(len(self.head)) if at in self._widths or any(row[at] for row in cells)]
        widths = {at: max(width(self.head[at]), *(width(row[at]) for row in cells)) for at in kept}
        as_before = self._begun and widths.keys() == self._widths.keys()
        self._widths = {at: max(columns, self._widths.get(at, 0)) for at, columns in widths.items()}
        self._begun = True
        self._write(cells if as_before else [self.head, *cells])

    def _write(self, lines: Sequence[Sequence[str]]) -> None:
        from rightshift.report.table import squeezed

        screen = self.streams.screen()
        widths = fit(self.head, self._widths, screen.columns if screen else 0)
        for row in lines:
            self.streams.line(GAP.join(squeezed(row[at], columns) for at, columns in widths.items()).rstrip())


def fit(head: Sequence[str], widths: Mapping[int, int], columns: int) -> dict[int, int]:
    """How wide each column is on a screen, by its place; all of them where `columns` is 0. At least one stays."""
    shown = dict(widths)

    def needed(at_most: int) -> int:
        found = (wide if head[at] in WHOLE else min(wide, at_most) for at, wide in shown.items())
        return sum(found) + len(GAP) * (len(shown) - 1)

    if not columns:
        return shown
    for name in FIRST_TO_GO:
        if needed(READABLE_COLUMNS) <= columns:
            break
        if name in head and len(shown) > 1:
            shown.pop(head.index(name), None)
    excess = needed(max(shown.values(), default=0)) - columns
    give = [at for at in shown if head[at] not in WHOLE]
    while excess > 0 and give and shown[widest := max(give, key=lambda at: shown[at])] > LEAST_COLUMNS:
        shown[widest] -= 1
        excess -= 1
    return shown


def only(found: Sequence[_I], name: str, kind: str) -> _I:
    """The only one of that name or id. Raises: UsageError when there is none, or several are; `kind` is a word."""
    if len(found) > 1:
        ids = ", ".join(one.id for one in found[:5])
        raise UsageError(f"There are several {kind}s called {name!a}", do=f"Say which by its id: {ids}")
    if not found:
        raise UsageError(f"There is no {kind} called {name!a}", do=f"See `rightshift {kind}s list`")
    return found[0]
