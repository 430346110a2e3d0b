"""Reads earlier reports, so that gates count what is new. What counts as known: `assess/baseline`."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from rightshift.assess.baseline import Baseline, Said
from rightshift.cli import files, known
from rightshift.cli.streams import Streams
from rightshift.config import Config
from rightshift.documents import scan
from rightshift.errors import Malformed
from rightshift.model.package import Package
from rightshift.report.result import lost

LIMIT_BYTES = 256 << 20
"""Of one report. A host with 10,000 packages and 2,000 matches makes about 8 MB."""

LIMIT_MATCHES = 1_000_000

_DO = "Give a report that `rightshift scan --json` or `-o json=PATH` wrote"


class _Feed(Struct, frozen=True):
    kind: str = ""


class _Match(Struct, frozen=True):
    id: str
    ecosystem: str
    name: str
    aliases: tuple[str, ...] = ()
    package: int | None = None


class _Report(Struct, frozen=True):
    """Of a report what the scan document in it does not hold. Without `matches` nothing was looked up."""

    matches: Annotated[tuple[_Match, ...], Meta(max_length=LIMIT_MATCHES)] | None = None
    feed: _Feed | None = None


def read(paths: Sequence[Path], config: Config, streams: Streams, now: datetime) -> Baseline:
    """
    What all these reports know together. Of one that only lists packages it is what the feed here knows of them today.

    Notes say why something may look new that is not. Raises: UsageError; FeedError.
    """
    return Baseline(one for path in paths for one in _said(path, config, streams, now))


def _said(path: Path, config: Config, streams: Streams, now: datetime) -> Iterator[Said]:
    content = files.content(path, LIMIT_BYTES, _DO)
    try:
        document = scan.decode(content)
        report = msgspec.json.decode(content, type=_Report)
    except (Malformed, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise files.wrong(path, str(error), _DO) from error
    if document.gaps:
        streams.note(f"{path}: {lost(document)}; what lies there looks new")
    packages = scan.inventory(document).packages
    if report.matches is None:
        yield from _today(packages, config, now)
        return
    if report.feed and report.feed.kind == "starter":
        streams.note(f"{path}: matched with the starter feed; what only a full one knows looks new")
    for match in report.matches:
        yield Said(_package(match, packages), match.id, match.aliases)


def _package(match: _Match, packages: Sequence[Package]) -> Package:
    at = match.package
    if at is not None and 0 <= at < len(packages):
        return packages[at]
    return Package(ecosystem=match.ecosystem, name=match.name)


def _today(packages: Sequence[Package], config: Config, now: datetime) -> Iterator[Said]:
    from rightshift.feed.matches import matches

    with known.opened(config) as feed:
        for match in matches(packages, feed, now.date()):
            yield Said(match.package, match.id, match.aliases)
