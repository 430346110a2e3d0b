"""What the feed on this machine knows of packages, rated and best first. Fetching a feed: `feed.py`."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from rightshift.cli.streams import Streams
from rightshift.config import Config
from rightshift.model.advisory import Match
from rightshift.model.package import Package
from rightshift.report.result import FeedUsed

if TYPE_CHECKING:
    from rightshift.feed.lookup import Feed


@contextmanager
def opened(config: Config) -> Iterator["Feed"]:
    """
    The feed that was fetched; without one the starter feed that comes with this program.

    Raises: FeedError when it is damaged.
    """
    from rightshift.feed.lookup import Feed

    with Feed.open(config.feed) as feed:
        yield feed


def used(feed: "Feed", packages: Sequence[Package], streams: Streams) -> FeedUsed:
    """Which feed it is and how much of the packages it covers; a starter feed is named, for it knows little."""
    status = feed.status()
    covers = sum(_covers(feed, packages, by_name=status.starter))
    if status.starter:
        covered = f"covers {covers:,} of your {len(packages):,} packages"
        streams.note(f"starter feed: {covered}; run `rightshift feed update`")
    return FeedUsed(
        kind="starter" if status.starter else "full",
        generation=status.generation,
        lineage=status.lineage,
        built=status.built,
        records=status.records,
        covers=covers,
        packages=len(packages),
    )


def rated(packages: Iterable[Package], feed: "Feed", now: datetime) -> list[Match]:
    """All that holds for the packages, best to fix first. Raises: FeedError."""
    from rightshift.assess.rank import rank, rate
    from rightshift.feed.matches import matches

    return rank(map(rate, matches(packages, feed, now.date())))


def _covers(feed: "Feed", packages: Iterable[Package], *, by_name: bool) -> Iterator[bool]:
    """Whether the feed speaks of each package: of its name, or of anything in its ecosystem."""
    from rightshift.feed.candidates import candidates

    known: dict[str, bool] = {}
    for package in packages:
        wanted = list(candidates(package))
        for ecosystem in {one.ecosystem for one in wanted} - known.keys():
            known[ecosystem] = feed.has(ecosystem)
        covered = any(known[one.ecosystem] for one in wanted)
        if covered and by_name:
            covered = any(feed.statements(one.ecosystem, one.name) for one in wanted)
        yield covered
