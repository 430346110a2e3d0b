"""Findings: what to fix first, and why. What is decided about them: `acceptances`, `vex`."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from rightshift.console.api import files
from rightshift.console.api.finding_filter import FILTER
from rightshift.console.api.pages import After, Limit, Small, cursor, known, place
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store.pool import Pool
from rightshift.console.store.read import finding_counts, finding_groups, findings
from rightshift.console.store.read.finding import Detail, detail
from rightshift.console.store.read.finding_counts import Counts
from rightshift.console.store.read.finding_filter import Filter
from rightshift.console.store.read.finding_groups import By, Groups
from rightshift.console.store.read.findings import Key, Listed
from rightshift.console.store.scope import Scope


class _Place(NamedTuple):
    points: Small
    version: Small
    advisory: Small
    unit: Small
    inventory: Small


class Findings(Struct, frozen=True):
    """Findings, best to fix first."""

    items: list[Listed]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


@get(
    "/findings",
    guards=[Requires(Permission.FINDINGS_READ), known],
    dependencies={"filter": FILTER},
    tags=["findings"],
    summary="List findings",
    operation_class=files.Listing,
    responses=refusals(406, 413),
)
async def list_findings(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    filter: NamedDependency[Filter],
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Findings]:
    """
    What is vulnerable in the caller's scope, best to fix first.

    A row is a workload, host or image, a package and an advisory; the highest of all that it stands for is shown. As a
    file all rows come at once, whatever the page.
    """
    kind = files.wanted(request, format)
    scope = request.user.scope
    begin = place(after, _Place)
    if kind != "json":
        return await files.send(request, pool, kind, "findings", Listed, _all(pool, scope, filter, now), now)
    async with pool.connection() as connection:
        rows, last = await findings.page(
            connection, scope, filter, now=now, limit=limit, after=None if begin is None else Key(*begin)
        )
    return Response(Findings(rows, None if last is None else cursor(*last)))


@get(
    "/findings/counts",
    guards=[Requires(Permission.FINDINGS_READ), known],
    dependencies={"filter": FILTER},
    tags=["findings"],
    summary="Count findings",
    responses=refusals(),
)
async def count_findings(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    filter: NamedDependency[Filter],
) -> Counts:
    """How many findings a filter leaves, in all and by severity, ecosystem and band."""
    async with pool.connection() as connection:
        return await finding_counts.counts(connection, request.user.scope, filter, now=now)


@get(
    "/findings/groups",
    guards=[Requires(Permission.FINDINGS_READ), known],
    dependencies={"filter": FILTER},
    tags=["findings"],
    summary="Group findings",
    responses=refusals(),
)
async def group_findings(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    filter: NamedDependency[Filter],
    by: Annotated[By, QueryParameter(description="What findings of one group share; `fix` is one package's next step")],
    limit: Annotated[int, QueryParameter(ge=1, le=200, description="How many groups at most")] = 50,
) -> Groups:
    """The groups whose best finding is the best, with how many findings and units are in each."""
    async with pool.connection() as connection:
        return await finding_groups.groups(connection, request.user.scope, filter, by, now=now, limit=limit)


@get(
    "/findings/{finding:uuid}",
    guards=[Requires(Permission.FINDINGS_READ), known],
    tags=["findings"],
    summary="Explain a finding",
    responses=refusals(404),
)
async def read_finding(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    finding: FromPath[UUID],
) -> Detail:
    """One finding: the parts of its score, fixed versions, where it lies, who else has it, and its history."""
    async with pool.connection() as connection:
        found = await detail(connection, request.user.scope, finding, now=now)
    if found is None:
        raise NotFoundException("There is no such finding")
    return found


async def _all(pool: Pool, scope: Scope, filter: Filter, now: datetime) -> AsyncGenerator[Listed, None]:
    async with pool.connection() as connection, aclosing(findings.stream(connection, scope, filter, now=now)) as rows:
        async for row in rows:
            yield row


ROUTES = (list_findings, count_findings, group_findings, read_finding)
