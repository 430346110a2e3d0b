"""What the feed on this machine knows of packages, rated and best first. Fetching a feed: `feed.py`."""

import importlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rightshift.assess.weights import weights
from rightshift.config import Config
from rightshift.model.advisory import Match
from rightshift.model.known import Known
from rightshift.model.package import Distro, Package
from rightshift.report.result import EndOfLife, FeedUsed
from rightshift.versions.schemes import scheme

if TYPE_CHECKING:
    from rightshift.feed.lookup import Feed


def load() -> None:
    """Loads what matching needs."""
    for module in ("rightshift.assess.rank", "rightshift.feed.coverage", "rightshift.feed.starter", "cvss"):
        importlib.import_module(module)
    weights()
    scheme("npm")  # the first question loads them all


def opened(config: Config) -> "Feed":
    """
    The feed that was fetched; without one the starter feed that comes with this program. Whoever gets it closes it.

    Raises: FeedError when it is damaged.
    """
    from rightshift.feed import starter

    return starter.opened(config.feed)


def used(feed: "Feed", packages: Sequence[Package]) -> FeedUsed:
    """Which feed it is and how much of the packages it covers: by name if it knows little, else by ecosystem."""
    from rightshift.feed.coverage import coverage

    status, covered = feed.status(), coverage(packages, feed)
    return FeedUsed(
        kind="starter" if status.starter else "full",
        generation=status.generation,
        lineage=status.lineage,
        built=status.built,
        records=status.records,
        covers=covered.known if status.starter else sum(_covers(feed, packages)),
        packages=len(packages),
        nothing_of=covered.unknown_distributions,
        unversioned=covered.unversioned,
    )


def rated(packages: Iterable[Package], feed: "Feed", now: datetime) -> list[Match]:
    """All that holds for the packages, best to fix first. Raises: FeedError."""
    from rightshift.assess.rank import rank, rate
    from rightshift.feed.matches import matches

    return rank(map(rate, matches(packages, feed, now.date())))


def end_of_life(distro: Distro | None, now: datetime) -> EndOfLife | None:
    """Until when the distribution is mended; None without one."""
    from rightshift.catalog.os_release import end_of_life as table

    if distro is None:
        return None
    day = table.end_of_life(distro)
    over = Known.UNKNOWN if day is None else Known.YES if day < now.date() else Known.NO
    name = distro.name or " ".join(filter(None, (distro.id, distro.version)))
    return EndOfLife(system=name, last_day=day.isoformat() if day else "", over=over)


def _covers(feed: "Feed", packages: Iterable[Package]) -> Iterator[bool]:
    """Whether the feed speaks of each package's ecosystem."""
    from rightshift.feed.candidates import candidates

    known: dict[str, bool] = {}
    for package in packages:
        wanted = {one.ecosystem for one in candidates(package)}
        for ecosystem in wanted - known.keys():
            known[ecosystem] = feed.has(ecosystem)
        yield any(known[ecosystem] for ecosystem in wanted)
