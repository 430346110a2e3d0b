"""Findings put together: by advisory, package, unit, or by the step that fixes them. Row by row: `findings.py`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, LiteralString, NamedTuple

from msgspec import Meta, Struct

from rightshift.assess.rank import band, score
from rightshift.console.store.pool import Connection
from rightshift.console.store.read import finding_filter, finding_reach, finding_search
from rightshift.console.store.read.answers import all_of
from rightshift.console.store.read.finding_filter import Filter
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
By = Literal["advisory", "package", "unit", "fix"]

LOOKS = (30_000, 120_000)
"""
How often the matches among which the groups with the best findings are looked for may lie in inventories, where all
are too many.
"""

BEST = 200
"""Findings among which they are looked for, where that gives too few."""

FEW = 10
"""Groups that are too few."""

MOST = 1_000
"""Rows of a group that are counted, there."""


_KEYS: dict[By, LiteralString] = {
    "advisory": "f.advisory_id",
    "package": "f.package_id",
    "unit": "f.unit_id",
    "fix": "f.package_id",
}


_GROUPS: dict[By, LiteralString] = {
    "advisory": "m.advisory_id = g.id",
    "package": "m.package_id = g.id",
    "unit": "true",
    "fix": "m.package_id = g.id AND m.fix = g.version",
}

_SAMPLE = 20


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
    at_least: Annotated[bool, Meta(description="There are more findings and units than were counted")]


class Groups(Struct, frozen=True, kw_only=True):
    """Groups, that with the best finding first."""

    items: list[Group]
    whole: Annotated[bool, Meta(description="False where only groups of the best findings were looked for")]


class _Row(Struct, frozen=True, kw_only=True):
    key: str
    title: str
    detail: str
    points: int
    findings: int
    units: int
    at_least: bool = False
    advisory_id: int = 0
    package_id: int = 0
    unit_id: int = 0
    version: str = ""


class _Kind(NamedTuple):
    """What makes a group: a number and, of a fix, a version; and the points of its best finding."""

    id: int
    version: str
    points: int


async def groups(connection: Connection, scope: Scope, filter: Filter, by: By, *, now: datetime, limit: int) -> Groups:
    """The first `limit` groups; where there are many findings, those of the best of them, counted up to a limit."""
    values = await finding_filter.parameters(connection, scope, filter, now)
    way = await finding_reach.way(connection, filter, values)
    if not way.whole:
        return await _of_the_best(connection, filter, by, values | {"amount": way.values["amount"]}, limit)
    asking: LiteralString = f"{way.question},\n{_ASK['rows']}\n{_ASK[by]}"
    rows = await all_of(connection, _Row, asking.replace("{sums}", _ASK["sums"]), way.values | {"groups": limit})
    return Groups(items=[_group(row) for row in rows], whole=True)


async def _of_the_best(connection: Connection, filter: Filter, by: By, values: dict[str, Any], limit: int) -> Groups:
    kinds = await _by_matches(connection, filter, by, values, limit)
    if len(kinds) < min(limit, FEW):
        seen = {kind[:2] for kind in kinds}
        best = await finding_search.best(connection, filter, values, BEST)
        kinds += [kind for kind in await _kinds(connection, by, best) if kind[:2] not in seen]
    kinds = kinds[:limit]
    asked = values | {
        "g_ids": [kind.id for kind in kinds],
        "g_versions": [kind.version for kind in kinds],
        "units": [kind.id for kind in kinds] if by == "unit" else None,
        "most": MOST,
    }
    asking = f"WITH {finding_filter.held(filter)},\n{finding_filter.ASK['wanted']}\n" + _ASK["counted"]
    source = _ASK["by_unit"] if by == "unit" else _ASK["by_past" if filter.state == "fixed" else "by_match"]
    asking = asking.replace("{rows}", source).replace("{sum}", finding_filter.ASK["sum"])
    asking = asking.replace("{group}", _GROUPS[by])
    counted = await (await connection.execute(asking, asked)).fetchall()
    called = await _called(connection, by, asked)
    rows = [
        _Row(
            key=called[kind.id][0] + (f"@{kind.version}" if by == "fix" else ""),
            title=called[kind.id][1],
            detail=kind.version if by == "fix" else called[kind.id][2],
            points=kind.points,
            findings=max(number, 1),
            units=max(units, 1),
            at_least=more or not number,
        )
        for kind, (_, number, units, more) in zip(kinds, counted, strict=True)
        if kind.id in called
    ]
    rows.sort(key=lambda row: (-row.points, -row.findings))
    return Groups(items=[_group(row) for row in rows], whole=False)


async def _by_matches(
    connection: Connection, filter: Filter, by: By, values: dict[str, Any], limit: int
) -> list[_Kind]:
    """The groups with the best findings, as far as the matches with most points tell, the best first."""
    kinds: list[_Kind] = []
    if filter.state in ("accepted", "not_affected", "fixed") or filter.bands:
        return kinds  # the best of a group may be of another band
    grouped = _ASK["best"].replace("{key}", _KEYS[by]).replace("{version}", "f.fix" if by == "fix" else "''")
    for look in await _looks(connection, values):
        by_held = finding_search.by_held(values, look)
        asking = finding_search.question(filter, "best", by_held=by_held) + "\n" + grouped
        answer = await (await connection.execute(asking, values | {"most": look, "groups": limit})).fetchall()
        kinds = [_Kind(*row) for _, *row in answer if row[0] is not None]
        if len(kinds) == limit or answer[0][0] is None:
            break
    return kinds


async def _looks(connection: Connection, values: dict[str, Any]) -> list[int]:
    """How many matches are looked at; some lie in few inventories, some nearly everywhere."""
    asking = f"WITH {finding_filter.ASK['wanted']},\n{_ASK['few_best']}\n" + _ASK["spread"]
    row = await (await connection.execute(asking, values | {"few": _SAMPLE})).fetchone()
    lies, few = row or (0, 0)
    each = max(lies / max(few, 1), 1)
    return [max(_SAMPLE // 2, min(int(most / each), 40 * _SAMPLE)) for most in LOOKS]


async def _kinds(connection: Connection, by: By, best: Sequence[finding_search.Best]) -> list[_Kind]:
    """The groups of these findings, that of the best first."""
    versions: Mapping[int, str] = {}
    if by == "fix":
        asked = {"r_versions": [one.key.version for one in best], "r_advisories": [one.key.advisory for one in best]}
        versions = dict(await (await connection.execute(_ASK["fixes"], asked)).fetchall())
    found: dict[tuple[int, str], _Kind] = {}
    for at, one in enumerate(best, 1):
        if by == "fix" and at not in versions:
            continue
        id = {"advisory": one.key.advisory, "unit": one.key.unit}.get(by, one.package)
        version = versions.get(at, "")
        found.setdefault((id, version), _Kind(id, version, one.key.points))
    return list(found.values())


async def _called(connection: Connection, by: By, asked: Mapping[str, Any]) -> dict[int, tuple[str, str, str]]:
    """Key, title and detail of groups, by their numbers."""
    asking = _ASK["call_" + ("package" if by == "fix" else by)]
    return {
        id: (key, title, detail)
        for id, key, title, detail in await (await connection.execute(asking, asked)).fetchall()
    }


def _group(row: _Row) -> Group:
    return Group(
        key=row.key,
        title=row.title,
        detail=row.detail,
        score=score(row.points),
        band=band(row.points),
        points=row.points,
        findings=row.findings,
        units=row.units,
        at_least=row.at_least,
    )
