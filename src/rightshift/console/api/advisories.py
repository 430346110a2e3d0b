"""Advisories: which match something here, and what the world says of one. What they make of a unit: `findings`."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from rightshift.config import Config
from rightshift.console.api import files
from rightshift.console.api.finding_filter import Severity
from rightshift.console.api.pages import After, Limit, Text, known
from rightshift.console.api.records import Record, records
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import advisories
from rightshift.console.store.read.advisories import Affected, Filter, Matching
from rightshift.errors import FeedError

AFFECTED = 500
_RECORDS = 50
_NAME_CHARS = 200


class _Named(NamedTuple):
    name: str


_ADVISORIES = files.Rows("advisories", Matching, _Named, lambda row: _Named(row.name))


class Advisories(Struct, frozen=True):
    """Advisories by name."""

    items: list[Matching]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


class AdvisoryDetail(Struct, frozen=True, kw_only=True):
    """An advisory, what records say of it, and where it holds."""

    advisory: Matching | None
    records: Annotated[list[Record], Meta(description="Of its group, at most 50; none where the feed has them no more")]
    affected: Annotated[list[Affected], Meta(description="Package versions in scope, at most 500")]


@get(
    "/advisories",
    guards=[Requires(Permission.FINDINGS_READ), known],
    tags=["advisories"],
    summary="List advisories",
    operation_class=files.Listing,
    responses=refusals(406, 413),
)
async def list_advisories(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    text: Annotated[Text | None, QueryParameter(description="Stands in its name, an alias or the summary")] = None,
    kev: Annotated[bool | None, QueryParameter(description="In the catalogue of known exploited ones")] = None,
    severity: Annotated[list[Severity] | None, QueryParameter(max_items=6, description="Its highest severity")] = None,
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Advisories]:
    """Advisories that hold for something in the caller's scope."""
    scope = request.user.scope
    filter = Filter(text=text or "", kev=kev, severities=tuple(severity or ()))

    async def ask(connection: Connection, last: _Named | None, most: int) -> list[Matching]:
        return await advisories.page(connection, scope, filter, limit=most, after=last and last.name)

    return await files.answer(request, pool, now, _ADVISORIES, ask, Advisories, limit=limit, after=after, format=format)


@get(
    "/advisories/{advisory:str}",
    guards=[Requires(Permission.FINDINGS_READ), known],
    tags=["advisories"],
    summary="Read an advisory",
    responses=refusals(404),
)
async def read_advisory(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    config: NamedDependency[Config],
    advisory: FromPath[str],
) -> AdvisoryDetail:
    """One advisory by any of its names: what the feed says of it, and the package versions for which it holds here."""
    scope = request.user.scope
    name = advisory[:_NAME_CHARS]
    async with pool.connection() as connection:
        found = await advisories.page(connection, scope, Filter(names=(name,)), limit=2)
        ours = next((one for one in found if one.name == name), found[0] if found else None)
        affected = await advisories.affected(connection, scope, ours.name, limit=AFFECTED) if ours else []
    said = await asyncio.to_thread(_records, config, ours.name if ours else name)
    if ours is None and not said:
        raise NotFoundException("There is no such advisory")
    return AdvisoryDetail(advisory=ours, records=said, affected=affected)


def _records(config: Config, name: str) -> list[Record]:
    try:
        return records(config.feed, name, _RECORDS)
    except FeedError:
        # there is no feed yet, or it is being replaced: what is kept here can be shown
        return []


ROUTES = (list_advisories, read_advisory)
