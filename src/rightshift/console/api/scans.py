"""Scans: what was taken. Sending one: `ingest`; what it changed: `events`."""

from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from rightshift.console.api import files
from rightshift.console.api.names import END
from rightshift.console.api.pages import After, Large, Limit, known, zoned
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import scans
from rightshift.console.store.read.scans import More, Scan

Since = Annotated[datetime | None, QueryParameter(description="Since then; without a zone UTC")]


class _Numbered(NamedTuple):
    number: Large


_SCANS = files.Rows("scans", Scan, _Numbered, lambda row: _Numbered(row.number))


class Scans(Struct, frozen=True):
    """Scans, the newest first."""

    items: list[Scan]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


class ScanDetail(Struct, frozen=True, kw_only=True):
    """A scan, with what it could not read."""

    scan: Scan
    more: More


@get(
    "/scans",
    guards=[Requires(Permission.SCANS_READ), known],
    tags=["scans"],
    summary="List scans",
    operation_class=files.Listing,
    responses=refusals(406, 413),
)
async def list_scans(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    asset: Annotated[UUID | None, QueryParameter(description="Of this asset")] = None,
    inventory: Annotated[
        str | None, QueryParameter(pattern=f"^(sha256:)?[0-9a-f]{{64}}{END}", description="That found just this")
    ] = None,
    partial: Annotated[bool | None, QueryParameter(description="Whether something could not be read")] = None,
    since: Since = None,
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Scans]:
    """Scans of what is in the caller's scope, the newest first."""
    scope = request.user.scope

    async def ask(connection: Connection, last: _Numbered | None, most: int) -> list[Scan]:
        return await scans.page(
            connection,
            scope,
            asset=asset,
            inventory=inventory and inventory.removeprefix("sha256:"),
            partial=partial,
            since=zoned(since),
            limit=most,
            before=last and last.number,
        )

    return await files.answer(request, pool, now, _SCANS, ask, Scans, limit=limit, after=after, format=format)


_SCAN = Scan(
    number=311,
    id="0197a1f0-5c3e",
    received=datetime(2026, 1, 5, 12, 0, 9, tzinfo=UTC),
    made=datetime(2026, 1, 5, 12, tzinfo=UTC),
    format="rightshift",
    subject="image:sha256:" + "5d" * 32,
    asset=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c14"),
    name="nginx:1.27",
    inventory="9f" * 32,
    packages=141,
    partial=True,
    tool="rightshift",
    tool_version="0.1.0",
    catalogue="1",
    sent_by="a pipeline",
    gaps=1,
)
EXAMPLES = (
    Scans([_SCAN], None),
    ScanDetail(
        scan=_SCAN,
        more=More(
            distro={"id": "debian", "version": "12"},
            layers=[],
            gaps=[{"path": "opt/x.jar", "reason": "damaged"}],
            covered_elsewhere=[],
            notes=[],
        ),
    ),
)


@get(
    "/scans/{scan:str}",
    guards=[Requires(Permission.SCANS_READ), known],
    tags=["scans"],
    summary="Read a scan",
    responses=refusals(404),
)
async def read_scan(request: Request[Actor, Any, Any], pool: NamedDependency[Pool], scan: FromPath[str]) -> ScanDetail:
    """One scan by its document's id, with its layers and what it could not read."""
    async with pool.connection() as connection:
        found = await scans.one(connection, request.user.scope, scan)
    if found is None:
        raise NotFoundException("There is no such scan")
    return ScanDetail(scan=found[0], more=found[1])


ROUTES = (list_scans, read_scan)
