"""`rightshift match`: what is known against packages that are named, without a scan."""

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

from rightshift.cli.command import Command, Parser
from rightshift.cli.streams import Streams
from rightshift.errors import Malformed, RightshiftError, UsageError

if TYPE_CHECKING:
    from rightshift.feed.lookup import Feed
    from rightshift.feed.matches import Line
    from rightshift.model.advisory import Match
    from rightshift.model.package import Package

LINE_BYTES = 64 << 10

ABOUT = """\
PURL is a package URL such as pkg:npm/minimist@1.2.0 or pkg:deb/debian/openssl@3.0.11-1?distro=debian-12; - reads them
from standard input, one a line.

With `- --json` each line is an object in OSV's words, {"ecosystem": "Debian:12", "name": "openssl", "version": "3.0"},
and is answered at once by a line with `ids` (all ids that hold) and `matches` (id, aliases, records, rule, fixed,
severity, points). A line that can't be read is answered with `error`, and the exit code is 1 in the end."""


def _arguments(parser: Parser) -> None:
    parser.add_argument("packages", nargs="+", metavar="PURL", help="a package URL; - for standard input")


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    import sys

    from rightshift import config as start
    from rightshift.cli import known

    config, now = start.of_process(), datetime.now(UTC)
    texts: Sequence[str] = arguments.packages
    if "-" in texts and len(texts) > 1:
        raise UsageError("- stands alone", do="Give package URLs or -, not both")
    if texts == ["-"]:
        if sys.stdin is None:
            raise UsageError("Standard input is closed", do="Pipe something into it")
        if arguments.json:
            with known.opened(config) as feed:
                return _answer(sys.stdin.buffer, feed, streams, now)
        texts = [line.decode(errors="replace").strip() for line in _lines(sys.stdin.buffer) if line]
    with known.opened(config) as feed:
        return _report([_package(text) for text in texts if text], feed, streams, now, as_json=arguments.json)


def _package(text: str) -> "Package":
    from rightshift.catalog import purl

    try:
        return purl.package(text)
    except Malformed as error:
        raise UsageError(f"{text[:200]}: {error}", do="Write it as pkg:npm/minimist@1.2.0") from error


def _report(packages: "Sequence[Package]", feed: "Feed", streams: Streams, now: datetime, *, as_json: bool) -> int:
    import secrets

    from rightshift.catalog.index import version
    from rightshift.cli import known, outputs
    from rightshift.cli.words import instant
    from rightshift.documents import scan
    from rightshift.model.inventory import Inventory, Subject
    from rightshift.report.result import Result

    document = scan.of(
        Subject(kind="sbom", name="the packages that were named"),
        Inventory(packages=tuple(packages)),
        created=instant(now),
        id=secrets.token_hex(16),
        catalogue=version(),
    )
    named = scan.inventory(document).packages
    result = Result(document=document, feed=known.used(feed, named), matches=tuple(known.rated(named, feed, now)))
    outputs.write(outputs.parse("json" if as_json else "table", ()), result, streams)
    return 0


def _answer(source: BinaryIO, feed: "Feed", streams: Streams, now: datetime) -> int:
    """Answers each line before the next one is read."""
    from rightshift.assess.rank import rank, rate
    from rightshift.feed.matches import match_lines

    asked: list[Line] = []
    wrong = 0

    def read() -> "Iterator[Line]":
        nonlocal wrong
        for number, content in enumerate(_lines(source), 1):
            try:
                line = _line(content)
            except Malformed as error:
                wrong += 1
                streams.json({"error": f"line {number}: {error}"})
                streams.flush()
                continue
            if line:
                asked[:] = [line]
                yield line

    for found in match_lines(read(), feed, now.date()):
        streams.json(_answered(asked[0], rank(map(rate, found))))
        streams.flush()
    if wrong:
        raise RightshiftError(f"{wrong} of the lines could not be read", do="They are answered with `error`")
    return 0


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """Lines; of one that is too long its beginning, one byte over the limit."""
    while line := source.readline(LINE_BYTES + 1):
        rest = line
        while len(rest) > LINE_BYTES and not rest.endswith(b"\n"):
            rest = source.readline(LINE_BYTES + 1)
        yield line.strip() if len(line) <= LINE_BYTES else line


def _line(content: bytes) -> "Line | None":
    """
    What one line asks, in OSV's words; None for an empty one.

    Raises: Malformed.
    """
    import msgspec

    from rightshift.feed.matches import Line

    if not content:
        return None
    if len(content) > LINE_BYTES:
        raise Malformed(f"longer than {LINE_BYTES} bytes")
    try:
        return msgspec.json.decode(content, type=Line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(str(error)) from error


def _answered(line: "Line", matches: "Sequence[Match]") -> dict[str, object]:
    ids = dict.fromkeys(id for match in matches for id in (match.id, *match.aliases, *match.records))
    return {
        "ecosystem": line.ecosystem,
        "name": line.name,
        "version": line.version,
        "ids": tuple(ids),
        "matches": [
            {
                "id": match.id,
                "aliases": match.aliases,
                "records": match.records,
                "rule": match.rule,
                "certain": match.certain.value,
                "fixed": match.fixed,
                "severity": match.severity,
                "points": match.points,
            }
            for match in matches
        ],
    }


COMMAND = Command(
    title="say what is known against packages that are named",
    about=ABOUT,
    examples=(
        ("match pkg:npm/minimist@1.2.0", "one package, in a table"),
        ("match 'pkg:deb/debian/openssl@3.0.11-1?distro=debian-12' --json", "one document for a program"),
        ("match - --json < lines.jsonl", "an answer a line"),
    ),
    arguments=_arguments,
    run=_run,
)
