"""`rightshift status`: what a console holds, what of it is stale, and what to do. Whether it answers: `/healthz`."""

import argparse
from typing import TYPE_CHECKING

from rightshift import escape
from rightshift.cli.command import Command, Parser
from rightshift.cli.console import lists, opened
from rightshift.cli.streams import Streams

if TYPE_CHECKING:
    from rightshift.cli.console.types import FeedAge, Status

ABOUT = """\
How much there is, from when the feed is, how far conclusions are, and what is stale: what that means and what to do.

With --fail the exit code is 3 when something is stale, so that a monitor can ask."""

TEXT_CHARS = 400


def _arguments(parser: Parser) -> None:
    parser.add_argument("--fail", action="store_true", help="exit code 3 when something is stale")
    opened.declare(parser)


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    import msgspec

    from rightshift.cli.console import client
    from rightshift.cli.console.types import Status
    from rightshift.cli.run import DONE, GATE_FAILED

    with opened.opened(arguments, streams.environ) as console:
        answer = console.send("GET", "/status")
    found = client.decoded(answer, Status)
    if arguments.json:
        streams.json(msgspec.json.decode(answer.body))
    else:
        _show(found, console.url, streams)
    return GATE_FAILED if arguments.fail and found.stale else DONE


def _show(found: "Status", url: str, streams: Streams) -> None:
    totals, concluded = found.totals, found.conclusions
    bands = {"Fix now": totals.now, "Fix soon": totals.soon, "Plan": totals.plan, "Routine": totals.routine}
    waiting = f", {concluded.waiting:,} facts wait" if concluded.waiting else ""
    rows = {
        "console": f"{url}, version {found.version}",
        "findings": ", ".join(f"{name} {count:,}" for name, count in bands.items()),
        "assets": f"{totals.assets:,} with {totals.inventories:,} distinct contents",
        "feed": _feed(found.feed) if found.feed else "can't be read",
        "matched": f"by generation {concluded.generation}{_at(concluded.at)}{waiting}"
        if concluded.generation >= 0
        else f"nothing yet{waiting}",
    }
    for name, text in rows.items():
        streams.line(f"{name.ljust(9)} {_text(text)}")
    streams.line("")
    if not found.stale:
        streams.line("Nothing is stale")
    for one in found.stale:
        streams.line(_text(one.what))
        streams.line(f"  {_text(one.means)}")
        streams.line(f"  {_text(one.do)}")
    _listed(found, streams)


def _feed(feed: "FeedAge") -> str:
    starter = " (starter feed)" if feed.starter else ""
    return f"generation {feed.generation} of {feed.built[:16].replace('T', ' ')}, {feed.records:,} advisories{starter}"


def _listed(found: "Status", streams: Streams) -> None:
    if found.aside:
        streams.line("")
        rows = [(one.what, one.name, lists.minute(one.at), one.reason) for one in found.aside]
        lists.table(("SET ASIDE", "NAME", "SINCE", "WHY"), rows, streams)
    if found.silent:
        streams.line("")
        rows = [
            (one.kind, one.name or one.key, lists.minute(one.seen) or "never", f"{one.dropped:,}")
            for one in found.silent
        ]
        lists.table(("SILENT", "NAME", "SEEN", "DROPPED"), rows, streams)
    if found.failed:
        streams.line("")
        rows = [(one.name, lists.minute(one.ended), one.id, one.error) for one in found.failed]
        lists.table(("FAILED", "ENDED", "ID", "WHY"), rows, streams)


def _at(when: str | None) -> str:
    return f" on {lists.minute(when)} UTC" if when else ""


def _text(text: str) -> str:
    return escape.line(text, TEXT_CHARS)


COMMAND = Command(
    title="show what a console holds, what of it is stale, and what to do",
    about=ABOUT,
    examples=(
        ("status", "of the console that you are signed in to"),
        ("status --fail --quiet", "for a monitor: exit code 3 when something is stale"),
        ("status --json", "for a program"),
    ),
    arguments=_arguments,
    run=_run,
)
