"""`rightshift sources`: what a console scans by itself, with when it is due, and a scan of one at once."""

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rightshift.cli.command import Command, Parser
from rightshift.cli.console import lists, opened
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from rightshift.cli.console.client import Console
    from rightshift.cli.console.types import Source

ABOUT = """\
list       what is scanned, and how the last scan went
schedules  what runs by itself, and when the next time
scan       scans one now, by its name; `rightshift jobs follow ID` shows how it goes

Sources and schedules are added over the API."""

ACTIONS = ("list", "schedules", "scan")


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("action", nargs="?", choices=ACTIONS, default="list", help="what to do; list where nothing is said")
    add("name", nargs="?", default="", metavar="NAME", help="scan: of the source, or its id")
    lists.declare_limit(parser)
    opened.declare(parser)


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    if bool(arguments.name) != (arguments.action == "scan"):
        what = f"`sources {arguments.action}` takes {'no' if arguments.name else 'a'} NAME"
        raise UsageError(what, do="See --help")
    lists.check_limit(arguments)
    act = {"list": _list, "schedules": _schedules, "scan": _scan}[arguments.action]
    with opened.opened(arguments, streams.environ) as console:
        return act(console, arguments, streams)


def _list(console: "Console", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console.types import Source

    columns: Sequence[tuple[str, Callable[[Source], str]]] = (
        ("NAME", lambda one: one.name),
        ("SOURCE", lambda one: one.reference),
        ("ONLY", lambda one: ", ".join(one.ecosystems)),
        ("LAST", lambda one: lists.minute(one.last_ended)),
        ("STATE", lambda one: one.last_state or ""),
        ("BY", lambda one: one.created_by),
    )
    lists.pages(console, "/sources", None, Source, columns, "No source", arguments, streams)
    return 0


def _schedules(console: "Console", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console.types import Schedule

    columns: Sequence[tuple[str, Callable[[Schedule], str]]] = (
        ("NAME", lambda one: one.name),
        ("JOB", lambda one: one.job),
        ("CRON", lambda one: one.cron),
        ("ZONE", lambda one: one.zone),
        ("LAST", lambda one: lists.minute(one.last_run)),
        ("NEXT", lambda one: lists.minute(one.next_run) if one.enabled else "off"),
    )
    lists.pages(console, "/schedules", None, Schedule, columns, "No schedule", arguments, streams)
    return 0


def _scan(console: "Console", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console import client
    from rightshift.cli.console.types import Run

    job = console.post(client.path("sources", _named(console, arguments.name).id, "scan"), None, Run)
    if arguments.json:
        streams.json(job)
    else:
        streams.line(f"rightshift jobs follow {job.id}")
    return 0


def _named(console: "Console", name: str) -> "Source":
    """Raises: UsageError when there is none of that name, or several are."""
    from rightshift.cli.console.types import Source

    found = [one for one in console.each("/sources", Source) if name in (one.name, one.id)]
    return lists.only(found, name, "source")


COMMAND = Command(
    title="list what a console scans by itself and when, or scan one of it now",
    about=ABOUT,
    examples=(
        ("sources", "what is scanned"),
        ("sources schedules", "and when"),
        ("sources scan shop/cart", "one of them now"),
    ),
    arguments=_arguments,
    run=_run,
)
