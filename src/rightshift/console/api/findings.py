"""Findings: what to fix first, and why. What is decided about them: `acceptances`, `vex`."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
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
from rightshift.console.store.read.finding import Detail, Happened, Holding, Part, detail
from rightshift.console.store.read.finding_counts import Counts
from rightshift.console.store.read.finding_filter import Filter
from rightshift.console.store.read.finding_groups import By, Group, Groups
from rightshift.console.store.read.finding_search import Key
from rightshift.console.store.read.findings import Listed
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


_SEEN = datetime(2026, 1, 3, 6, tzinfo=UTC)
_ONE = Listed(
    id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c41"),
    score=93,
    band="Fix now",
    points=93,
    advisory="CVE-2026-10001",
    aliases=["DEBIAN-CVE-2026-10001", "GHSA-2c4m-59x9-fr2g"],
    summary="A certificate that is too long overruns a buffer",
    severity="critical",
    kev=True,
    ransomware=False,
    malicious=False,
    ignored=False,
    fixable=True,
    certain=True,
    epss=0.87,
    vector="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    fixed=["3.0.18-1~deb12u2"],
    ecosystem="deb",
    package="libssl3",
    version="3.0.17-1~deb12u1",
    purl="pkg:deb/debian/libssl3@3.0.17-1~deb12u1?distro=debian-12",
    unit=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c11"),
    unit_kind="workload",
    unit_name="web",
    cluster="production",
    namespace="shop",
    workload="web",
    host="",
    image="registry.example/shop/web",
    assets=3,
    running=True,
    first_seen=_SEEN,
    state="open",
    fixed_at=None,
)
EXAMPLES = (
    Findings([_ONE], None),
    Counts(
        total=156,
        exact=True,
        at_least=False,
        severity={"critical": 3, "high": 41, "medium": 90, "low": 22},
        ecosystem={"deb": 120, "npm": 36},
        kev=1,
        fixable=88,
        band={"now": 1, "soon": 4, "plan": 31, "routine": 120},
    ),
    Groups(
        items=[
            Group(
                key="deb/libssl3@3.0.18-1~deb12u2",
                title="libssl3",
                detail="3.0.18-1~deb12u2",
                score=93,
                band="Fix now",
                points=93,
                findings=9,
                units=3,
                at_least=False,
            )
        ],
        whole=True,
    ),
    Detail(
        finding=_ONE,
        parts=[
            Part("threat", 40, "It is in the catalogue of known exploited vulnerabilities"),
            Part("exposure", 28, "Called from the internet at port 443"),
            Part("use", 22, "Loaded by nginx"),
            Part("impact", 3, "All of confidentiality, integrity and availability"),
            Part("context", 0, "A fix is there", ("criticality",)),
        ],
        held=[
            Holding(
                points=93,
                version="3.0.17-1~deb12u1",
                purl="pkg:deb/debian/libssl3@3.0.17-1~deb12u1?distro=debian-12",
                inventory="9f" * 32,
                image="registry.example/shop/web:1.27",
                assets=3,
                running=True,
                since=_SEEN,
                state="installed",
                origin="installed",
                locations=["usr/lib/x86_64-linux-gnu/libssl.so.3"],
                layer=0,
                fixed=["3.0.18-1~deb12u2"],
                rule="3.0.17-1~deb12u1 < 3.0.18-1~deb12u2",
                records=["DEBIAN-CVE-2026-10001"],
                vector="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                first_seen=_SEEN,
            )
        ],
        elsewhere=[],
        elsewhere_in_all=0,
        decision=None,
        history=[Happened(at=_SEEN, what="held", version="3.0.17-1~deb12u1", asset="web-7c5d9")],
    ),
)

ROUTES = (list_findings, count_findings, group_findings, read_finding)
