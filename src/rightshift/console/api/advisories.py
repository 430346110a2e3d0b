"""Advisories: which match something here, and what the world says of one. What they make of a unit: `findings`."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from rightshift.config import Config
from rightshift.console.api import files
from rightshift.console.api.finding_filter import Severity
from rightshift.console.api.pages import TEXT_CHARS, After, Limit, known
from rightshift.console.api.records import Bound, Record, Reference, Statement, records
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
    text: Annotated[
        str | None, QueryParameter(max_length=TEXT_CHARS, description="Stands in its name, an alias or the summary")
    ] = None,
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


_ONE = Matching(
    name="CVE-2026-10001",
    aliases=["DEBIAN-CVE-2026-10001", "GHSA-2c4m-59x9-fr2g"],
    summary="A certificate that is too long overruns a buffer",
    published="2026-01-02T09:00:00Z",
    severity=5,
    epss=0.87,
    kev=True,
    ransomware=False,
    fixable=True,
    package_versions=2,
    first_seen=datetime(2026, 1, 3, 6, tzinfo=UTC),
)
EXAMPLES = (
    Advisories([_ONE], None),
    AdvisoryDetail(
        advisory=_ONE,
        records=[
            Record(
                id="DEBIAN-CVE-2026-10001",
                aliases=["CVE-2026-10001"],
                summary="A certificate that is too long overruns a buffer",
                details="",
                vectors=["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"],
                published="2026-01-02T09:00:00Z",
                modified="2026-01-03T04:00:00Z",
                withdrawn=False,
                references=[Reference("ADVISORY", "https://security-tracker.debian.org/tracker/CVE-2026-10001")],
                affected=[
                    Statement(
                        ecosystem="Debian:12",
                        name="openssl",
                        ranges=[[Bound("introduced", "0"), Bound("fixed", "3.0.18-1~deb12u2")]],
                        versions=[],
                        ignored=False,
                    )
                ],
            )
        ],
        affected=[
            Affected(
                ecosystem="deb",
                name="libssl3",
                version="3.0.17-1~deb12u1",
                purl="pkg:deb/debian/libssl3@3.0.17-1~deb12u1?distro=debian-12",
                points=41,
                fixed=["3.0.18-1~deb12u2"],
                rule="3.0.17-1~deb12u1 < 3.0.18-1~deb12u2",
                records=["DEBIAN-CVE-2026-10001"],
                certain=True,
                units=3,
            )
        ],
    ),
)

ROUTES = (list_advisories, read_advisory)
