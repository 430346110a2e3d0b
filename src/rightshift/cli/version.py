"""`rightshift version`: what this program is and what it reads."""

import argparse

from rightshift.cli.command import Command, Parser
from rightshift.cli.streams import Streams


def _arguments(_parser: Parser) -> None:
    return


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    import platform

    from rightshift import __version__
    from rightshift.catalog import index

    catalogue, python = index.version(frozenset()), platform.python_version()
    if arguments.json:
        streams.json({"version": __version__, "catalogue": catalogue, "python": python})
    else:
        streams.line(f"rightshift {__version__}\ncatalogue  {catalogue}\npython     {python}")
    return 0


COMMAND = Command(
    title="show the version of this program, its catalogue of formats and Python",
    examples=(("version", "three lines"), ("--version", "one line, at once")),
    arguments=_arguments,
    run=_run,
)
