"""`rightshift formats`: which files are read, and which reports are written."""

import argparse
from collections.abc import Sequence

from rightshift.cli.command import Command, Parser
from rightshift.cli.streams import Streams


def _arguments(parser: Parser) -> None:
    parser.add_argument("--ecosystems", default="", metavar="LIST", help="only these: java,python")


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.catalog.declared import catalogue
    from rightshift.cli.words import ecosystems
    from rightshift.report import format as reports

    wanted = ecosystems(arguments.ecosystems)
    read = [form for form in catalogue().formats if not wanted or form.ecosystem in wanted]
    written = reports.declared()
    if arguments.json:
        streams.json(
            {
                "read": [
                    {
                        "name": form.name,
                        "ecosystem": form.ecosystem,
                        "title": form.title,
                        "patterns": form.patterns,
                        "executables": form.executables,
                        "limit_bytes": form.limit_bytes,
                    }
                    for form in read
                ],
                "written": [{"name": name, "title": form.title} for name, form in written],
            }
        )
        return 0
    streams.line(f"Reads {len(read)} formats:")
    _columns([(form.ecosystem, form.name, form.title) for form in sorted(read, key=lambda one: one.ecosystem)], streams)
    streams.line("\nWrites:")
    _columns([(name, form.title) for name, form in written], streams)
    return 0


def _columns(lines: Sequence[tuple[str, ...]], streams: Streams) -> None:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for cells in lines:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        streams.line(("  " + "  ".join(padded)).rstrip())


COMMAND = Command(
    title="list the files that are read and the reports that are written",
    examples=(
        ("formats", "all of them"),
        ("formats --ecosystems java,python", "what is read of two ecosystems"),
        ("formats --json", "for a program"),
    ),
    arguments=_arguments,
    run=_run,
)
