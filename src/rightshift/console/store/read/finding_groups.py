"""Findings put together: by advisory, package, unit, or by the step that fixes them. Row by row: `findings.py`."""

from datetime import datetime
from typing import Annotated, Literal, LiteralString

from msgspec import Meta, Struct

from rightshift.assess.rank import band, score
from rightshift.console.store.pool import Connection
from rightshift.console.store.read import finding_filter, findings
from rightshift.console.store.read.answers import all_of
from rightshift.console.store.read.finding_filter import Filter
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
By = Literal["advisory", "package", "unit", "fix"]


class Group(Struct, frozen=True, kw_only=True):
    """Findings that share something; `score` and `band` are the best one's."""

    key: Annotated[str, Meta(description="Advisory; ecosystem/package; id of a unit; ecosystem/package@fixed version")]
    title: str
    detail: Annotated[str, Meta(description="Of a unit its kind, of a fix the version")]
    score: int
    band: str
    points: int
    findings: int
    units: int


class Groups(Struct, frozen=True, kw_only=True):
    """Groups, that with the best finding first."""

    items: list[Group]


class _Row(Struct, frozen=True, kw_only=True):
    key: str
    title: str
    detail: str
    points: int
    findings: int
    units: int
    advisory_id: int = 0
    package_id: int = 0
    unit_id: int = 0
    version: str = ""


async def groups(connection: Connection, scope: Scope, filter: Filter, by: By, *, now: datetime, limit: int) -> Groups:
    """The first `limit` groups. Every finding that the filter leaves is looked at: give one where there are many."""
    values = await finding_filter.parameters(connection, scope, filter, now) | {"groups": limit}
    asking: LiteralString = f"{findings.question(filter, 'each')},\n{_ASK['rows']}\n{_ASK[by]}"
    rows = await all_of(connection, _Row, asking.replace("{sums}", _ASK["sums"]), values)
    return Groups(
        items=[
            Group(
                key=row.key,
                title=row.title,
                detail=row.detail,
                score=score(row.points),
                band=band(row.points),
                points=row.points,
                findings=row.findings,
                units=row.units,
            )
            for row in rows
        ]
    )
