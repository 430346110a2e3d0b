"""What became exploitable: findings that are by now and were not at a time. What is exploitable at all: `findings`."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, structs

from rightshift.assess.weights import points
from rightshift.console.store.pool import Connection
from rightshift.console.store.read import findings
from rightshift.console.store.read.finding_filter import Filter
from rightshift.console.store.read.findings import Key, Listed
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
_AT_ONCE = 500
LOOKED_AT = 10_000
"""Findings for one page; where few of many became so lately, a page has fewer than it may, and another follows."""


class Became(Listed, frozen=True, kw_only=True):
    """A finding that is exploitable and was not."""

    why: Annotated[
        Literal["new", "raised"],
        Meta(
            description="`new`: the vulnerability was not known then, or the package not there; `raised`: it had less"
        ),
    ]
    points_before: Annotated[
        int | None, Meta(description="With what was known of the vulnerability then; null if `new`")
    ]


async def page(
    connection: Connection,
    scope: Scope,
    filter: Filter,
    since: datetime,
    *,
    now: datetime,
    limit: int,
    after: Key | None = None,
) -> tuple[list[Became], Key | None]:
    """
    Up to `limit` of them after a place in the list of findings, best first, and the place where more may follow.

    The filter's bands and its `since` don't count. Of a unit's exposure and use no history is kept: what rose by them
    alone is not here.
    """
    filter = replace(filter, bands=("soon", "now"), since=None)
    found: list[Became] = []
    size, looked_at = _AT_ONCE, 0
    while len(found) < limit and looked_at < LOOKED_AT:
        rows, following = await findings.page(connection, scope, filter, now=now, limit=size, after=after)
        some = await among(connection, rows, since)
        if len(found) + len(some) > limit:
            # there is no place for all, and only the end of what was asked for can be gone on from
            size = limit - len(found)
            continue
        found += some
        looked_at, after = looked_at + len(rows), following
        if after is None:
            break
    return found, after


async def every(
    connection: Connection, scope: Scope, filter: Filter, since: datetime, *, now: datetime, other: Connection
) -> AsyncGenerator[Became, None]:
    """All of them. The list of findings is read over one connection, what was known then over the other."""
    filter = replace(filter, bands=("soon", "now"), since=None)
    some: list[Listed] = []
    async with aclosing(findings.stream(connection, scope, filter, now=now)) as rows:
        async for row in rows:
            some.append(row)
            if len(some) == _AT_ONCE:
                for one in await among(other, some, since):
                    yield one
                some.clear()
    for one in await among(other, some, since):
        yield one


async def among(connection: Connection, rows: Sequence[Listed], since: datetime) -> list[Became]:
    """Those of some exploitable findings that were not exploitable then."""
    values = {
        "since": since,
        "advisories": list({row.advisory for row in rows}),
        "purls": list({row.purl for row in rows}),
    }
    answers = await (await connection.execute(_ASK["rises"], values)).fetchall() if rows else []
    rises = {(purl, advisory): int(rise) for purl, advisory, rise in answers}
    return [one for row in rows if (one := _became(row, rises.get((row.purl, row.advisory), 0), since))]


def _became(row: Listed, rise: int, since: datetime) -> Became | None:
    if row.first_seen >= since:
        return Became(**structs.asdict(row), why="new", points_before=None)
    if row.points - rise < points("band.soon"):
        return Became(**structs.asdict(row), why="raised", points_before=row.points - rise)
    return None
