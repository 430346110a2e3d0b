"""`rightshift up`: the console on this machine, with everything that it needs."""

import argparse
from typing import TYPE_CHECKING

from rightshift.cli.command import Command, Parser
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from rightshift.console.up import Ready

ABOUT = """\
Starts the console: an embedded PostgreSQL (or the server of RIGHTSHIFT_DATABASE_URL), the API, and the processes that
derive and do jobs. Everything that it keeps is under RIGHTSHIFT_HOME. At the first start it prints a link that signs
the first administrator in, once.

It runs until SIGTERM or Ctrl-C, and then stops everything within 10 seconds. What its processes write of themselves
goes to standard error, one JSON object a line.

--only is for replicas: any number of `api`, `worker` and `deriving` over one PostgreSQL, each kept running by whatever
starts it. Whoever comes first brings the database to this version; they share a file, RIGHTSHIFT_VAULT_KEYS."""


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("--listen", default="", metavar="HOST:PORT", help="where to answer; by default 127.0.0.1:8420, without TLS")
    add("--certificate", metavar="PATH", help="TLS: certificate with its chain, PEM; else one of our own CA")
    add("--key", metavar="PATH", help="TLS: its private key, PEM")
    add("--no-sensor", action="store_true", help="do not look at this machine")
    add("--only", choices=("api", "worker", "deriving"), help="one process alone, over RIGHTSHIFT_DATABASE_URL")


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    import asyncio
    import contextlib
    from pathlib import Path

    from rightshift import config as start

    try:
        from rightshift.console import alone, logs, up
    except ModuleNotFoundError as error:
        raise UsageError(
            f"The console is not installed: there is no module {error.name}", do="pip install 'rightshift[console]'"
        ) from error
    config = start.of_process()
    if bool(arguments.certificate) != bool(arguments.key):
        raise UsageError("A certificate needs its key, and a key its certificate", do="Give both")
    logs.begin("up", debug=config.debug)
    where = up.listen(arguments.listen or up.ADDRESS)
    certificate = Path(arguments.certificate) if arguments.certificate else None
    key = Path(arguments.key) if arguments.key else None

    def ready(ready: "Ready") -> None:
        _tell(streams, ready, as_json=arguments.json)

    if arguments.only:
        alone.Alone(config=config, where=where, ready=ready, certificate=certificate, key=key).become(arguments.only)
    console = up.Up(
        config=config,
        where=where,
        ready=ready,
        certificate=certificate,
        key=key,
        look_at_this_machine=not arguments.no_sensor,
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(console.run())
    return 0


def _tell(streams: Streams, ready: "Ready", *, as_json: bool) -> None:
    if as_json:
        streams.json({"url": ready.url, "link": ready.link, "pin": ready.pin})
        streams.flush()
        return
    streams.line(f"rightshift answers at {ready.url}")
    if ready.pin:
        streams.line(f"its certificate's pin  {ready.pin}")
    if ready.link:
        streams.line("The first administrator signs in with this, once, within 24 hours:")
        streams.line(f"  rightshift login {ready.url} --link {ready.link}")
    if ready.looks:
        streams.line("This machine is scanned now, and again each day; `rightshift findings` lists what was found.")
    streams.line("Ctrl-C stops it.")
    streams.flush()


COMMAND = Command(
    title="start the console on this machine",
    about=ABOUT,
    examples=(
        ("up", "the console for this machine alone"),
        ("up --listen :8420 --certificate tls.pem --key tls.key", "for the network, with your own certificate"),
        ("up --only worker", "one more process that does jobs, for a console over a PostgreSQL of yours"),
    ),
    arguments=_arguments,
    run=_run,
)
