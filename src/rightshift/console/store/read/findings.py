"""Findings, best to fix first: a page, or all of them in one stream. One with all that is known: `finding.py`."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from rightshift.assess.rank import band, score
from rightshift.console.store.finding_ids import Finding, Ids, ids
from rightshift.console.store.pool import Connection
from rightshift.console.store.read import finding_filter, finding_search
from rightshift.console.store.read.finding_filter import SEVERITIES, Filter, State
from rightshift.console.store.read.finding_search import Best, arrays
from rightshift.console.store.read.finding_search import Key as Key
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)

_STREAM_ROWS = 500
_STREAM_S = 600
"""Rows that a stream holds in memory; seconds that its question may take."""


class Listed(Struct, frozen=True, kw_only=True):
    """A finding as it stands in a list: the best that a unit has of a package and an advisory."""

    id: UUID
    score: Annotated[int, Meta(description="0 to 100: the points, clipped")]
    band: Annotated[str, Meta(description="`Fix now`, `Fix soon`, `Plan`, `Routine`")]
    points: Annotated[int, Meta(description="The sum by which the list is sorted")]
    advisory: str
    aliases: list[str]
    summary: str
    severity: str
    kev: Annotated[bool, Meta(description="In CISA's catalogue of known exploited vulnerabilities")]
    ransomware: bool
    malicious: bool
    ignored: Annotated[bool, Meta(description="The distribution says that it will not be fixed, or is unimportant")]
    fixable: bool
    certain: Annotated[bool, Meta(description="False where the version could not be compared")]
    epss: float | None
    vector: str
    fixed: Annotated[list[str], Meta(description="Versions that fix it, lowest first")]
    ecosystem: str
    package: str
    version: str
    purl: str
    unit: Annotated[UUID, Meta(description="The workload, host or image that it is about")]
    unit_kind: str
    unit_name: str
    cluster: str
    namespace: str
    workload: str
    host: str
    image: str
    assets: Annotated[int, Meta(description="How many assets the unit stands for; 0 for what is fixed")]
    running: Annotated[bool | None, Meta(description="Null is unknown")]
    first_seen: datetime
    state: Annotated[str, Meta(description="`open`, `accepted`, `not_affected`, `fixed`")]
    fixed_at: Annotated[datetime | None, Meta(description="When the unit held it last")]


async def page(
    connection: Connection, scope: Scope, filter: Filter, *, now: datetime, limit: int, after: Key | None = None
) -> tuple[list[Listed], Key | None]:
    """Up to `limit` findings after a place in the list, and the place of the last where there are more."""
    values = await finding_filter.parameters(connection, scope, filter, now)
    rows = await finding_search.best(connection, filter, values, limit + 1, after)
    shown = await _shown(connection, rows[:limit], values)
    return shown, rows[limit - 1].key if len(rows) > limit else None


async def stream(
    connection: Connection, scope: Scope, filter: Filter, *, now: datetime
) -> AsyncGenerator[Listed, None]:
    """
    All findings, in the order of the list, some hundred in memory at once.

    Holds the connection and a transaction until it ends or is closed. Raises: psycopg.errors.QueryCanceled.
    """
    asking = finding_search.question(filter, "each") + "\n" + _ASK["all"]
    async with AsyncExitStack() as held:
        await held.enter_async_context(connection.transaction())
        await connection.execute(f"SET LOCAL statement_timeout = '{_STREAM_S}s'")
        await connection.execute("SET LOCAL work_mem = '32MB'")
        values = await finding_filter.parameters(connection, scope, filter, now)
        secret = await ids(connection)
        cursor = await held.enter_async_context(connection.cursor(name="findings"))
        await cursor.execute(asking, values)
        while some := await cursor.fetchmany(_STREAM_ROWS):
            rows = [finding_search.read(one) for one in some]
            if filter.state == "fixed":
                rows = await finding_search.without_held(connection, rows)
            for one in await _shown(connection, rows, values, secret):
                yield one


async def one(connection: Connection, scope: Scope, finding: Finding, *, now: datetime) -> Listed | None:
    """The row of a finding, whatever its state; None where nothing in scope holds it, nor held it once."""
    states: tuple[State, ...] = ("all", "fixed")
    for state in states:
        filter = Filter(state=state)
        values = await finding_filter.parameters(connection, scope, filter, now)
        values |= {"units": [finding.unit], "packages": [finding.package], "advisories": [finding.advisory]}
        if found := await finding_search.of(connection, filter, values):
            return (await _shown(connection, [found], values))[0]
    return None


async def _shown(
    connection: Connection, rows: Sequence[Best], values: dict[str, Any], secret: Ids | None = None
) -> list[Listed]:
    if not rows:
        return []
    secret = secret or await ids(connection)
    found = await (await connection.execute(_ASK["shown"], values | arrays(rows))).fetchall()
    return [_listed(secret, row) for row in found]


def _listed(secret: Ids, row: tuple[Any, ...]) -> Listed:
    points, unit, package, advisory, *rest = row
    (name, aliases, summary, severity, kev, ransomware, malicious, ignored, fixable, certain, epss, vector, fixed,
     ecosystem, package_name, version, purl, uid, kind, unit_name, cluster, namespace, workload, host, image, assets,
     running, first_seen, state, fixed_at) = rest  # fmt: skip
    return Listed(
        id=secret.encode(Finding(unit, package, advisory)),
        score=score(points),
        band=band(points),
        points=points,
        advisory=name,
        aliases=aliases,
        summary=summary,
        severity=SEVERITIES[severity],
        kev=kev,
        ransomware=ransomware,
        malicious=malicious,
        ignored=ignored,
        fixable=fixable,
        certain=certain,
        epss=epss,
        vector=vector,
        fixed=fixed,
        ecosystem=ecosystem,
        package=package_name,
        version=version,
        purl=purl,
        unit=uid,
        unit_kind=kind,
        unit_name=unit_name,
        cluster=cluster,
        namespace=namespace,
        workload=workload,
        host=host,
        image=image,
        assets=assets,
        running=running,
        first_seen=first_seen,
        state=state,
        fixed_at=fixed_at,
    )
