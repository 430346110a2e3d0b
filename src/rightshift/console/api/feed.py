"""The feed: which one is in use, how old it is, and its update. What it says of an advisory: `advisories`."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.params import QueryParameter
from msgspec import Meta, Struct
from msgspec.json import encode

from rightshift.config import Config
from rightshift.console.api.jobs import accepted
from rightshift.console.api.pages import known
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.people import line
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store import audit
from rightshift.console.store.pool import Pool
from rightshift.console.store.read import derived, runs
from rightshift.console.store.read.runs import Run
from rightshift.console.store.scope import EVERYTHING
from rightshift.console.store.wishes import runs as wishes
from rightshift.console.store.wishes.runs import NewRun


class FeedFile(Struct, frozen=True, kw_only=True):
    """What the feed's files say of themselves. Empty texts are unknown."""

    kind: Annotated[
        Literal["full", "starter", "none"], Meta(description="`starter`: a few well-known advisories only")
    ] = "none"
    lineage: str = ""
    generation: int = 0
    advisories: int = 0
    built: Annotated[str, Meta(description="RFC 3339")] = ""
    checked: Annotated[str, Meta(description="When the upstreams were last asked with success")] = ""
    kev: Annotated[str, Meta(description="Version of CISA's catalogue")] = ""
    epss_model: str = ""
    epss_day: str = ""


class FeedStatus(Struct, frozen=True, kw_only=True):
    """The feed at hand, and how far conclusions are with it."""

    file: FeedFile
    derived_lineage: str
    derived_generation: Annotated[int, Meta(description="With which all was matched last; -1 is never")]
    derived_at: datetime | None
    current: Annotated[bool, Meta(description="Whether conclusions are from the feed at hand")]
    offline: Annotated[bool, Meta(description="Whether nothing may be fetched")]
    job: Annotated[Run | None, Meta(description="The newest update, for whoever sees everything")]


@get(
    "/feed",
    guards=[Requires(Permission.FEED_READ), known],
    tags=["feed"],
    summary="Show the feed",
    responses=refusals(),
)
async def show_feed(
    request: Request[Actor, Any, Any], pool: NamedDependency[Pool], config: NamedDependency[Config]
) -> FeedStatus:
    """Which feed is in use, from when it is, and whether findings are up to date with it."""
    file = await asyncio.to_thread(_file, config.feed)
    async with pool.connection() as connection:
        concluded = await derived.feed(connection)
        newest = await runs.page(connection, request.user.scope, jobs=("update_feed",), limit=1, after=None)
    return FeedStatus(
        file=file,
        derived_lineage=concluded.lineage,
        derived_generation=concluded.generation,
        derived_at=concluded.at,
        current=(concluded.lineage, concluded.generation) == (file.lineage, file.generation),
        offline=config.offline,
        job=newest[0] if newest else None,
    )


@post(
    "/feed/update",
    guards=[Requires(Permission.FEED_WRITE), known],
    tags=["feed"],
    summary="Update the feed now",
    status_code=202,
    responses=refusals(),
)
async def update_feed(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    confirm: Annotated[bool, QueryParameter(description="Take it although it differs very much")] = False,
) -> Response[Run]:
    """Has the upstreams asked for what is new; the answer is the job, or the one that waits already."""
    actor = request.user
    if actor.scope.teams is not None:
        raise PermissionDeniedException("The feed is for whoever sees everything to update")
    async with pool.connection() as connection, connection.transaction():
        run = NewRun(name="update_feed", arguments=encode({"confirm": confirm}).decode(), lock="update_feed")
        wished = await wishes.add(connection, run, EVERYTHING, actor.name, now)
        await audit.add(connection, line(actor, "feed.update", str(wished.id), after={"confirm": confirm}), now)
        found = await runs.one(connection, EVERYTHING, wished.id)
    assert found is not None
    return accepted(found)


def _file(folder: Path) -> FeedFile:
    """Raises: FeedError when it is damaged."""
    from rightshift.feed import file, update
    from rightshift.feed.lookup import Feed

    if not (folder / file.FEED).exists():
        return FeedFile()
    feed = Feed.open(folder)
    try:
        status = feed.status()
    finally:
        feed.close()
    return FeedFile(
        kind="starter" if status.starter else "full",
        lineage=status.lineage,
        generation=status.generation,
        advisories=status.records,
        built=status.built,
        checked=update.checked(folder),
        kev=status.kev,
        epss_model=status.epss_model,
        epss_day=status.epss_day,
    )


EXAMPLES = (
    FeedStatus(
        file=FeedFile(
            kind="full",
            lineage="b1946ac92492d2347c6235b4d2611184",
            generation=118,
            advisories=412_345,
            built="2026-01-05T06:00:00Z",
            checked="2026-01-05T11:00:00Z",
            kev="2026.01.04",
            epss_model="v2025.03.14",
            epss_day="2026-01-05",
        ),
        derived_lineage="b1946ac92492d2347c6235b4d2611184",
        derived_generation=118,
        derived_at=datetime(2026, 1, 5, 6, 2, tzinfo=UTC),
        current=True,
        offline=False,
        job=None,
    ),
)

ROUTES = (show_feed, update_feed)
