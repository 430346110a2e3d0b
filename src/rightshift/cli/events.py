"""`rightshift events`: what happened where a console looks, as a list or as it happens. What is open: `findings.py`."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from rightshift import escape
from rightshift.cli.command import Command, Parser
from rightshift.cli.console import lists, opened
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from rightshift.cli.console.client import Console
    from rightshift.cli.console.types import Event, EventsQuery

ABOUT = """\
The newest first; with --follow those that happen from now on, until you stop it, each as it happens. A connection that
breaks is made again, and nothing in between is left out without being said.

Points are of 100, before and after; what is exploitable in the end is what `rightshift findings` says. What is given
must all hold; of --kind that is given several times, any."""

KINDS = ("match.new", "match.changed", "match.gone", "inventory.changed", "asset.new", "asset.gone")
LINE_CHARS = 400


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("--follow", action="store_true", help="what happens from now on, as it happens")
    add("--kind", action="append", default=[], metavar="KIND", help=f"{', '.join(KINDS[:-1])} or {KINDS[-1]}")
    add("--asset", metavar="ID", help="of this asset")
    add("--advisory", default="", metavar="ID", help="of this advisory, by any of its names")
    add("--since", metavar="DAY", help="since that day or time, as 2026-12-31")
    lists.declare(parser)
    opened.declare(parser)


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console import client
    from rightshift.cli.console.types import Event

    lists.check(arguments)
    if arguments.follow and (arguments.since or arguments.format):
        raise UsageError("--follow begins now, and is no file", do="Leave --since and --format out, or --follow")
    asked = _asked(arguments)
    if arguments.follow:
        with opened.opened(arguments, streams.environ, client.LISTENING) as console:
            return _follow(console, asked, arguments, streams)
    with opened.opened(arguments, streams.environ) as console:
        lists.answer(console, "/events", asked, Event, _columns(), "No event", arguments, streams)
    return 0


def _asked(arguments: argparse.Namespace) -> "EventsQuery":
    from rightshift.cli import words
    from rightshift.cli.console.types import EventsQuery

    return EventsQuery(
        kind=tuple(arguments.kind) or None,
        asset=arguments.asset,
        advisory=arguments.advisory or None,
        since=words.since(arguments.since),
    )


def _follow(console: "Console", asked: "EventsQuery", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console import client, told
    from rightshift.cli.console.types import Event

    for message in told.told(console, "/events", lists.query(asked), streams):
        if message.kind == "reset":
            streams.note("Something was left out: `rightshift events` has it")
            continue
        event = client.shaped(message.data, Event)
        if arguments.json:
            streams.json(event)
        else:
            streams.line("  ".join(_line(event)))
        streams.flush()
    return 0


def _line(event: "Event") -> list[str]:
    cells = [cell(event) for _, cell in _columns()]
    return [escape.line(cell, LINE_CHARS) for cell in cells if cell]


def _columns() -> "Sequence[tuple[str, Callable[[Event], str]]]":
    return (
        ("CREATED", lambda one: lists.minute(one.at)),
        ("EVENT", lambda one: one.kind),
        ("ADVISORY", lambda one: one.advisory or ""),
        ("PACKAGE", lambda one: one.purl or ""),
        ("POINTS", lambda one: _change(one.detail)),
        ("ASSET", lambda one: f"{one.asset_kind} {one.asset_name}" if one.asset_name else ""),
    )


def _change(detail: Mapping[str, object]) -> str:
    """Points before and after, where it was about points."""
    before, after = detail.get("before"), detail.get("after")
    if "severity" not in detail and "severity_before" not in detail:
        return ""
    if before == after:
        return str(after)
    return " → ".join(str(one) if isinstance(one, int) else "-" for one in (before, after))


COMMAND = Command(
    title="list what happened where a console looks, or hear of it as it happens",
    about=ABOUT,
    examples=(
        ("events --since 2026-12-31", "what happened since then"),
        ("events --kind match.new --kind match.changed --limit 0", "all that became known or other"),
        ("events --advisory CVE-2021-44228", "of one flaw"),
        ("events --follow --json", "as it happens, for a program: one event a line"),
    ),
    arguments=_arguments,
    run=_run,
)
