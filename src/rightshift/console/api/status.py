"""What there is and what of it is stale: feed, conclusions, reporters, jobs. Whether a process answers: `health`."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from litestar import Request, get
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from rightshift import __version__
from rightshift.config import Config
from rightshift.console import disk
from rightshift.console.api.pages import known
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store.pool import Pool
from rightshift.console.store.read import stale
from rightshift.console.store.read.stale import Aside, Conclusions, Failed, Silent, Totals
from rightshift.errors import FeedError

FEED_AGE = timedelta(hours=36)
"""Upstreams change daily; a day and a half leaves room for one update that failed."""


Kind = Literal["feed_unread", "feed_starter", "feed_old", "unmatched", "aside", "silent", "failed", "disk"]


class Stale(Struct, frozen=True, kw_only=True):
    """One thing that is not as it should be: what, what follows from it, and what to do."""

    kind: Kind
    what: str
    means: str
    do: str


ADVICE: dict[Kind, tuple[str, str]] = {
    "disk": (
        "No document is taken and no scan or feed begins, so that the database goes on",
        "Make space where the console's home lies; it then goes on by itself",
    ),
    "feed_unread": (
        "Nothing can be matched anew",
        "Run `rightshift feed update --console`; the log of that job says what is wrong",
    ),
    "feed_starter": (
        "Most packages are not covered: that nothing was found says little of them",
        "Run `rightshift feed update --console`, or import a bundle where there is no way out",
    ),
    "feed_old": (
        "Advisories that were published since are not matched yet",
        "Look why updates fail: `rightshift jobs list --job update_feed`",
    ),
    "unmatched": (
        "Their findings are not listed yet",
        "Wait a few minutes; when the number does not fall, look at what `deriving` writes to the console's log",
    ),
    "aside": (
        "Nothing new is concluded of them: each was tried at least three times, and is tried again each hour",
        "Read why in `aside`; a newer version may know them, and its makers want to hear of them",
    ),
    "silent": (
        "What runs there is as it was last seen, and may have changed since",
        "Look whether their machines and sensors run, and whether they reach the console",
    ),
    "failed": (
        "What they were to bring is as old as their last good run",
        "Read why: `rightshift jobs show ID`",
    ),
}
"""What follows from each, and what to do."""


class FeedAge(Struct, frozen=True, kw_only=True):
    """The feed at hand in this process."""

    generation: int
    built: Annotated[str, Meta(description="When, ISO 8601; empty where that is not known")]
    records: int
    starter: Annotated[
        bool, Meta(description="Only the small one that the package brings: most packages aren't covered")
    ]
    kev: str
    epss_day: str


class Status(Struct, frozen=True, kw_only=True):
    """What there is in the caller's scope, and what is stale, with what to do."""

    version: str
    stale: list[Stale]
    totals: Totals
    feed: Annotated[FeedAge | None, Meta(description="Null where it can't be read")]
    conclusions: Conclusions
    aside: Annotated[list[Aside], Meta(description="What could not be worked on; empty for who does not see all")]
    silent: Annotated[list[Silent], Meta(description="Reporters that tell nothing any more, at most 100")]
    failed: Annotated[list[Failed], Meta(description="Jobs that failed within a week and have not gone well since")]


@get(
    "/status",
    guards=[Requires(Permission.STATUS_READ), known],
    tags=["status"],
    summary="What is stale?",
    responses=refusals(),
)
async def status(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> Status:
    """How much there is, how old the feed is, which reporters are silent, which jobs failed, what waits."""
    scope = request.user.scope
    async with pool.connection() as connection:
        totals = await stale.totals(connection, scope)
        conclusions = await stale.conclusions(connection)
        aside = await stale.aside(connection, scope)
        silent = await stale.silent(connection, scope, now)
        failed = await stale.failed(connection, scope, now)
    feed = await asyncio.to_thread(_feed, config)
    return Status(
        version=__version__,
        stale=_said(feed, conclusions, silent, failed, now, request.app.state.disk),
        totals=totals,
        feed=feed,
        conclusions=conclusions,
        aside=aside,
        silent=silent,
        failed=failed,
    )


def _feed(config: Config) -> FeedAge | None:
    from rightshift.feed import starter

    try:
        with starter.opened(config.feed) as feed:
            said = feed.status()
    except (FeedError, OSError):
        return None
    return FeedAge(
        generation=said.generation,
        built=said.built,
        records=said.records,
        starter=said.starter,
        kev=said.kev,
        epss_day=said.epss_day,
    )


def _said(
    feed: FeedAge | None,
    conclusions: Conclusions,
    silent: list[Silent],
    failed: list[Failed],
    now: datetime,
    folder: Path | None,
) -> list[Stale]:
    said: list[tuple[Kind, str]] = []
    if folder and disk.nearly_full(folder):
        said.append(("disk", f"The disk is nearly full: {disk.left_bytes(folder) >> 20:,} MB are left"))
    if feed is None:
        said.append(("feed_unread", "The feed can't be read"))
    elif feed.starter:
        said.append(("feed_starter", "Only the starter feed is there"))
    elif (built := _moment(feed.built)) and now - built > FEED_AGE:
        said.append(("feed_old", f"The feed was built {(now - built).days} days ago"))
    if conclusions.unmatched:
        said.append(("unmatched", f"Package versions that wait to be matched: {conclusions.unmatched:,}"))
    if conclusions.aside:
        said.append(("aside", f"Things that could not be worked on: {conclusions.aside}"))
    if silent:
        said.append(("silent", f"Reporters that are silent: {len(silent)}"))
    if failed:
        said.append(("failed", f"Jobs that failed: {len(failed)}"))
    return _stale(*said)


def _stale(*said: tuple[Kind, str]) -> list[Stale]:
    return [Stale(kind=kind, what=what, means=ADVICE[kind][0], do=ADVICE[kind][1]) for kind, what in said]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


EXAMPLES = (
    Status(
        version=__version__,
        stale=_stale(("silent", "Reporters that are silent: 1")),
        totals=Totals(assets=140, units=22, holders=30, inventories=18, now=1, soon=4, plan=31, routine=120),
        feed=FeedAge(
            generation=118,
            built="2026-01-05T06:00:00Z",
            records=412_345,
            starter=False,
            kev="2026.01.04",
            epss_day="2026-01-05",
        ),
        conclusions=Conclusions(
            generation=118, at=datetime(2026, 1, 5, 6, 2, tzinfo=UTC), waiting=0, unmatched=0, aside=0
        ),
        aside=[],
        silent=[
            Silent(
                key="5d41402abc4b2a76b9719d911017c592",
                kind="sensor",
                name="web-1.example",
                seen=datetime(2026, 1, 4, 10, tzinfo=UTC),
                dropped=0,
                gaps=0,
            )
        ],
        failed=[],
    ),
)

ROUTES = (status,)
