"""What there is and what of it is stale: feed, conclusions, reporters, jobs. Whether a process answers: `health`."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from litestar import Request, get
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from rightshift import __version__
from rightshift.config import Config
from rightshift.console.api.pages import known
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store.pool import Pool
from rightshift.console.store.read import stale
from rightshift.console.store.read.stale import Conclusions, Failed, Silent, Totals
from rightshift.errors import FeedError

FEED_AGE = timedelta(hours=36)
"""Upstreams change daily; a day and a half leaves room for one update that failed."""


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
    """What there is in the caller's scope, and what is stale; `stale` says it in a line each."""

    version: str
    stale: list[str]
    totals: Totals
    feed: Annotated[FeedAge | None, Meta(description="Null where it can't be read")]
    conclusions: Conclusions
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
        silent = await stale.silent(connection, scope, now)
        failed = await stale.failed(connection, scope, now)
    feed = await asyncio.to_thread(_feed, config)
    return Status(
        version=__version__,
        stale=_said(feed, conclusions, silent, failed, now),
        totals=totals,
        feed=feed,
        conclusions=conclusions,
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
    feed: FeedAge | None, conclusions: Conclusions, silent: list[Silent], failed: list[Failed], now: datetime
) -> list[str]:
    lines = []
    if feed is None:
        lines.append("The feed can't be read")
    elif feed.starter:
        lines.append("Only the starter feed is there: most packages are not covered")
    elif (built := _moment(feed.built)) and now - built > FEED_AGE:
        lines.append(f"The feed was built {(now - built).days} days ago")
    if conclusions.unmatched:
        lines.append(f"{conclusions.unmatched} package versions wait to be matched")
    if silent:
        lines.append(f"{len(silent)} reporters are silent")
    if failed:
        lines.append(f"{len(failed)} jobs failed")
    return lines


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


EXAMPLES = (
    Status(
        version=__version__,
        stale=["The sensor web-1.example has told nothing since 2026-01-04 10:00"],
        totals=Totals(assets=140, units=22, holders=30, inventories=18, now=1, soon=4, plan=31, routine=120),
        feed=FeedAge(
            generation=118,
            built="2026-01-05T06:00:00Z",
            records=412_345,
            starter=False,
            kev="2026.01.04",
            epss_day="2026-01-05",
        ),
        conclusions=Conclusions(generation=118, at=datetime(2026, 1, 5, 6, 2, tzinfo=UTC), waiting=0, unmatched=0),
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
