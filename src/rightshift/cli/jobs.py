"""`rightshift jobs`: what a console does, did and failed to do; a job's log, and its end. What starts jobs: `feed`."""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rightshift import escape
from rightshift.cli.command import Command, Parser
from rightshift.cli.console import lists, opened
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from rightshift.cli.console.client import Console
    from rightshift.cli.console.types import JobsQuery, Line, Run

ABOUT = """\
list    the newest first
show    one of them, by its id, with its log
follow  its log as it is written, until it ended; the exit code is 1 when it did not go well
cancel  ends it: one that waits at once, one that runs within seconds; what it had stored already stays"""

ACTIONS = ("list", "show", "follow", "cancel")
STATES = ("waiting", "running", "done", "failed", "cancelled")
ENDED = ("done", "failed", "cancelled")
LOOK_S = 1.0
LINE_CHARS = 2_000


def _arguments(parser: Parser) -> None:
    several = {"action": "append", "default": []}
    add = parser.add_argument
    add("action", nargs="?", choices=ACTIONS, default="list", help="what to do; list where nothing is said")
    add("id", nargs="?", default="", metavar="ID", help="of the job, as `list` shows it")
    add("--state", choices=STATES, help="list: only these", **several)
    add("--job", metavar="NAME", help="list: only scan_source, update_feed or retain", **several)
    add("--source", metavar="ID", help="list: only scans of this source")
    lists.declare_limit(parser)
    opened.declare(parser)


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    if bool(arguments.id) != (arguments.action != "list"):
        raise UsageError(f"`jobs {arguments.action}` takes {'no' if arguments.id else 'an'} ID", do="See --help")
    lists.check_limit(arguments)
    act = {"list": _list, "show": _show, "follow": _follow, "cancel": _cancel}[arguments.action]
    with opened.opened(arguments, streams.environ) as console:
        return act(console, arguments, streams)


def _list(console: "Console", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console.types import Run

    columns: Sequence[tuple[str, Callable[[Run], str]]] = (
        ("STATE", lambda one: one.state),
        ("JOB", lambda one: one.job),
        ("CREATED", lambda one: lists.minute(one.created)),
        ("ENDED", lambda one: lists.minute(one.ended)),
        ("BY", lambda one: one.wished_by),
        ("WHAT", _what),
        ("ID", lambda one: one.id),
    )
    lists.pages(console, "/jobs", _asked(arguments), Run, columns, "No job", arguments, streams)
    return 0


def _asked(arguments: argparse.Namespace) -> "JobsQuery":
    from rightshift.cli.console.types import JobsQuery

    return JobsQuery(
        state=tuple(arguments.state) or None, job=tuple(arguments.job) or None, source=arguments.source or None
    )


def _show(console: "Console", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console import client
    from rightshift.cli.console.types import Line, Run

    path = client.path("jobs", _id(arguments.id))
    job = console.get(path, Run)
    log = console.each(f"{path}/log", Line)
    if arguments.json:
        streams.json({"job": job, "log": list(log)})
        return 0
    _tell(job, streams)
    for one in log:
        _line(one, streams)
    return 0


def _follow(console: "Console", arguments: argparse.Namespace, streams: Streams) -> int:
    """Whoever stops following does not stop the job."""
    from rightshift.cli.console import client
    from rightshift.cli.console.types import Run
    from rightshift.cli.run import DONE, FAILED

    path = client.path("jobs", _id(arguments.id))
    log = _Log(console, f"{path}/log")
    while True:
        job = console.get(path, Run)  # before its log, so that of one that ended nothing is missing
        for one in log.more():
            if arguments.json:
                streams.json(one)
            else:
                _line(one, streams)
        streams.flush()
        if job.state in ENDED:
            break
        streams.progress(_what(job) or f"The job is {job.state}")
        time.sleep(LOOK_S)
    if arguments.json:
        streams.json(job)
    else:
        _tell(job, streams)
    return DONE if job.state == "done" else FAILED


@dataclass(slots=True)
class _Log:
    """The log of a job as it grows: the last page is asked for again, and what was read of it is left out."""

    console: "Console"
    path: str
    _after: str = ""
    _seen: int = 0

    def more(self) -> "Iterator[Line]":
        """Lines that were not read yet. Raises: ConsoleError; EgressError."""
        from rightshift.cli.console import client
        from rightshift.cli.console.types import Line

        while True:
            where = (("limit", str(client.PAGE)), *((("after", self._after),) if self._after else ()))
            page = self.console.get(self.path, client.Page, where)
            for raw in page.items:
                line = client.shaped(bytes(raw), Line)
                if line.id > self._seen:
                    self._seen = line.id
                    yield line
            if not page.next or page.next == self._after:
                return
            self._after = page.next


def _cancel(console: "Console", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console import client
    from rightshift.cli.console.types import Run

    job = console.post(client.path("jobs", _id(arguments.id), "cancel"), None, Run)
    if arguments.json:
        streams.json(job)
    else:
        streams.line(f"{_text(job.job)} {job.id} {'is cancelled' if job.state in ENDED else 'ends within seconds'}")
    return 0


def _id(text: str) -> str:
    from uuid import UUID

    try:
        return str(UUID(text))
    except ValueError as error:
        raise UsageError(f"{text!a} is no id of a job", do="See `rightshift jobs list`") from error


def _tell(job: "Run", streams: Streams) -> None:
    """What there is to know of a job, a line each."""
    rows = {
        "job": f"{job.job} {job.id}",
        "state": job.state + (", to be cancelled" if job.cancelling and job.state not in ENDED else ""),
        "wished": f"{lists.minute(job.created)} UTC by {job.wished_by}",
        "ran": " to ".join(filter(None, (lists.minute(job.started), lists.minute(job.ended)))),
        "attempts": str(job.attempt) if job.attempt > 1 else "",
        "doing": "" if job.state in ENDED else job.doing,
        "result": ", ".join(f"{name} {value}" for name, value in _result(job)),
        "error": job.error,
    }
    for name, text in rows.items():
        if text:
            streams.line(f"{name.ljust(8)} {_text(text)}")


def _what(job: "Run") -> str:
    """What it is at, or what came of it."""
    if job.state in ENDED:
        counts = ((name, value) for name, value in _result(job) if isinstance(value, int))
        return job.error or ", ".join(f"{value:,} {name}" for name, value in counts)
    part = f" {job.done * 100 // job.total} %" if job.total else f" {job.done:,}" if job.done else ""
    return (job.doing + part).strip()


def _result(job: "Run") -> list[tuple[str, object]]:
    """What came of it, the longest counts first and names last."""
    named = [(name.replace("_", " "), value) for name, value in sorted((job.result or {}).items())]
    counts = [(name, value) for name, value in named if isinstance(value, int)]
    return sorted(counts, key=lambda one: -one[1]) + [one for one in named if not isinstance(one[1], int)]


def _line(one: "Line", streams: Streams) -> None:
    streams.line(f"{one.at[:19].replace('T', ' ')}  {_text(one.line)}")


def _text(text: str) -> str:
    return escape.line(text, LINE_CHARS)


COMMAND = Command(
    title="list a console's jobs, read or follow the log of one, cancel it",
    about=ABOUT,
    examples=(
        ("jobs", "the newest 50"),
        ("jobs list --state failed", "what went wrong"),
        ("jobs show 3f0f6a1d-e54b-4b5c-9a2c-2f0c6b8f7a10", "one of them, with its log"),
        ("jobs follow 3f0f6a1d-e54b-4b5c-9a2c-2f0c6b8f7a10", "until it ended"),
    ),
    arguments=_arguments,
    run=_run,
)
