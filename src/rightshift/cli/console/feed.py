"""The feed of a console: which one it has, and an update that it does. That of this machine: `cli/feed.py`."""

import argparse
import time

from rightshift import escape
from rightshift.cli.console import client, lists, opened
from rightshift.cli.console.client import Console
from rightshift.cli.console.types import FeedStatus, Run
from rightshift.cli.streams import Streams
from rightshift.errors import FeedError, UsageError

LOOK_S = 1.0
LONGEST_S = 3_600.0
_ENDED = ("done", "failed", "cancelled")
_ONLY_HERE = ("path", "if_reachable", "rebuild", "confirm", "since", "key", "trust", "allow_older")


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """`feed status` and `feed update` of a console. Raises: UsageError; ConsoleError; FeedError."""
    if arguments.action not in ("status", "update"):
        raise UsageError(f"A console's feed has no `{arguments.action}`", do="Leave --console out")
    if any(getattr(arguments, name) for name in _ONLY_HERE):
        raise UsageError("With --console there are no other options", do="Leave them out")
    with opened.opened(arguments, streams.environ) as console:
        return (_status if arguments.action == "status" else _update)(console, arguments, streams)


def _status(console: Console, arguments: argparse.Namespace, streams: Streams) -> int:
    if arguments.json:
        streams.json(console.get("/feed", dict))
        return 0
    found = console.get("/feed", FeedStatus)
    file = found.file
    if file.kind == "none":
        streams.line("feed        none yet: the starter feed of the program")
    else:
        streams.line(f"generation  {file.generation} of {_text(file.lineage)}")
        starter = " (starter feed)" if file.kind == "starter" else ""
        streams.line(f"advisories  {file.advisories:,}{starter}")
        streams.line(f"built       {_text(file.built) or 'unknown'}")
        streams.line(f"checked     {_text(file.checked) or 'never'}")
        streams.line(f"KEV         {_text(file.kev) or 'none'}")
        streams.line(f"EPSS        {' of '.join(filter(None, map(_text, (file.epss_model, file.epss_day)))) or 'none'}")
    streams.line(f"findings    {'of this feed' if found.current else 'not yet of this feed'}")
    if found.job:
        streams.line(
            f"update      {_text(found.job.state)} {lists.minute(found.job.ended or found.job.created)}".rstrip()
        )
        if found.job.error:
            streams.line(f"            {_text(found.job.error)}")
    return 0


def _update(console: Console, arguments: argparse.Namespace, streams: Streams) -> int:
    """Wishes it, and watches until it ended; whoever stops watching does not stop the job."""
    job = console.post("/feed/update", None, Run)
    until = time.monotonic() + LONGEST_S
    while job.state not in _ENDED:
        if time.monotonic() > until:
            raise FeedError("The update has not ended within an hour", means=f"The job {job.id} goes on")
        part = f" {job.done * 100 // job.total} %" if job.total else ""
        streams.progress((job.doing or f"The update is {job.state}") + part)
        time.sleep(LOOK_S)
        job = console.get(client.path("jobs", job.id), Run)
    if job.state != "done":
        raise FeedError(
            f"The update of the console's feed {'failed' if job.state == 'failed' else 'was cancelled'}"
            + (f": {job.error}" if job.error else ""),
            means="The feed in use stays as it was",
        )
    if arguments.json:
        streams.json(job)
    else:
        said = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in (job.result or {}).items())
        streams.line(f"the feed is up to date{': ' + _text(said) if said else ''}")
    return 0


def _text(text: str) -> str:
    return escape.line(text, 200)
