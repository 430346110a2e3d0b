"""`rightshift sensors`: what reports to a console, what was lost; the end of one. Enrolling is by `token`."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from rightshift import escape
from rightshift.cli.command import Command, Parser
from rightshift.cli.console import lists, opened
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from rightshift.cli.console.client import Console
    from rightshift.cli.console.types import Sensor, SensorDetail, SensorsQuery

ABOUT = """\
list    those that were enrolled, by name
show    one of them, by its name or id: each probe, what it could not read, with whom it is in conflict
revoke  ends one at once: it brings nothing more, and what it told stays

MISSING are documents that never came, LOST events that its probes missed, DROPPED what its spool threw away while the
console was away. Two that say they run on the same machine are a CONFLICT: neither gets anything of the other, and one
of them is to be revoked.

`rightshift token create NAME --kind enrolment` makes the token that sensors enrol with."""

ACTIONS = ("list", "show", "revoke")
LINE_CHARS = 400
STATES = ("reporting", "silent", "waiting", "expired", "revoked")


def _arguments(parser: Parser) -> None:
    several = {"action": "append", "default": []}
    add = parser.add_argument
    add("action", nargs="?", choices=ACTIONS, default="list", help="what to do; list where nothing is said")
    add("name", nargs="?", default="", metavar="NAME", help="show, revoke: of the sensor, or its id")
    add("--state", choices=STATES, help="list: only these", **several)
    add("--host", metavar="NAME", help="list: that runs on it", **several)
    add("--text", default="", metavar="TEXT", help="list: stands in its name, its host's or its id")
    add("--conflict", action="store_true", help="list: that says it runs where another one does")
    lists.declare(parser)
    opened.declare(parser)


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    if bool(arguments.name) != (arguments.action != "list"):
        what = f"`sensors {arguments.action}` takes {'no' if arguments.name else 'a'} NAME"
        raise UsageError(what, do="See --help")
    lists.check(arguments)
    act = {"list": _list, "show": _show, "revoke": _revoke}[arguments.action]
    with opened.opened(arguments, streams.environ) as console:
        return act(console, arguments, streams)


def _list(console: "Console", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console.types import Sensor

    lists.answer(console, "/sensors", _asked(arguments), Sensor, _columns(), "No sensor", arguments, streams)
    return 0


def _asked(arguments: argparse.Namespace) -> "SensorsQuery":
    from rightshift.cli.console.types import SensorsQuery

    return SensorsQuery(
        state=tuple(arguments.state) or None,
        host=tuple(arguments.host) or None,
        text=arguments.text or None,
        conflict=arguments.conflict or None,
    )


def _columns() -> "Sequence[tuple[str, Callable[[Sensor], str]]]":
    return (
        ("NAME", lambda one: one.name),
        ("STATE", lambda one: one.state),
        ("HOST", lambda one: one.host_name),
        ("PROGRAM", lambda one: one.program),
        ("SEEN", lambda one: lists.minute(one.heard)),
        ("SEES LESS", _less),
        ("MISSING", lambda one: _count(one.missing)),
        ("LOST", lambda one: _count(one.lost)),
        ("DROPPED", lambda one: _count(one.dropped)),
        ("CONFLICT", lambda one: _count(one.conflicts)),
        ("UNTIL", lambda one: (one.expires or "")[:10]),
        ("ID", lambda one: one.id),
    )


def _less(one: "Sensor") -> str:
    """The probes that don't see every event."""
    return ", ".join(f"{name} {state}" for name, state in sorted(one.completeness.items()) if state != "events")


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def _show(console: "Console", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console import client
    from rightshift.cli.console.types import SensorDetail

    found = console.get(client.path("sensors", _named(console, arguments.name).id), SensorDetail)
    if arguments.json:
        streams.json(found)
    else:
        for head, text in _lines(found):
            streams.line(f"{head:<10}{escape.line(text, LINE_CHARS)}")
    return 0


def _lines(found: "SensorDetail") -> "Iterator[tuple[str, str]]":
    for head, cell in _columns():
        if (text := cell(found.sensor)) and head not in ("SEES LESS", "CONFLICT"):
            yield head.lower(), text
    for probe in found.probes:
        method = f" by {probe.method}" if probe.method else ""
        lost = f", {probe.lost:,} lost in the last window" if probe.lost else ""
        why = f": {probe.why}" if probe.why else ""
        yield "probe", f"{probe.name} {probe.state}{method}{lost}{why}"
    for gap in found.unread:
        yield "unread", f"{gap.what}: {gap.reason}"
    for other in found.conflicts:
        yield "conflict", f"{other.name} says {other.by} {other.value} too: {other.id}"


def _revoke(console: "Console", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console import client

    found = _named(console, arguments.name)
    console.send("DELETE", client.path("sensors", found.id))
    if arguments.json:
        streams.json({"id": found.id, "revoked": True})
    else:
        streams.line(f"{escape.line(found.name, 200)} brings nothing more")
    return 0


def _named(console: "Console", name: str) -> "Sensor":
    """Raises: UsageError when there is none of that name or id, or several are."""
    from rightshift.cli.console.types import Sensor

    found = [one for one in console.each("/sensors", Sensor, (("text", name[:500]),)) if name in (one.name, one.id)]
    return lists.only(found, name, "sensor")


COMMAND = Command(
    title="list what reports to a console, with what was lost, or revoke one",
    about=ABOUT,
    examples=(
        ("sensors", "which there are, and how they are"),
        ("sensors --state silent --state waiting", "those that nothing comes of"),
        ("sensors --conflict", "those that claim the same machine"),
        ("sensors show web-1", "one of them"),
        ("sensors revoke web-1", "nothing more comes of it"),
    ),
    arguments=_arguments,
    run=_run,
)
