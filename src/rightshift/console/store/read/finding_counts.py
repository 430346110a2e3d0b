"""How many findings there are of each sort, for the filter of the list. The list itself: `findings.py`."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, LiteralString

from msgspec import Meta, Struct

from rightshift.console.store.pool import Connection
from rightshift.console.store.read import finding_filter, finding_reach
from rightshift.console.store.read.finding_filter import BANDS, SEVERITIES, Filter
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)

FEW = 40_000
"""Findings up to which each is counted, where a sum of them is not exact."""

_CELLS = 48
_KEV = 100
"""Cells of what is in KEV are that much more."""


class Counts(Struct, frozen=True, kw_only=True):
    """
    Findings that the filter leaves, in all and by sort.

    `exact` is false where sums of inventories are added: a unit with several counts what two of them share twice, and
    a package that lies there in several versions counts as its worst one, whatever another is. `at_least` is true
    where there is more than can be counted while somebody waits.
    """

    total: int
    exact: bool
    at_least: Annotated[bool, Meta(description="Every number is a lower bound: only a part was counted")]
    severity: dict[str, int]
    ecosystem: dict[str, int]
    kev: int
    fixable: int
    band: dict[str, int]


async def counts(connection: Connection, scope: Scope, filter: Filter, *, now: datetime) -> Counts:
    """From sums where the filter allows and there is much to count, else row by row, else from a part."""
    values = await finding_filter.parameters(connection, scope, filter, now)
    if filter.counted_ahead:
        summed = await _ahead(connection, filter, values)
        if summed.exact or summed.total > FEW:
            return summed
    way = await finding_reach.way(connection, filter, values)
    each = _ASK["each"].replace("{past}", _ASK["past"] if filter.state == "fixed" else "")
    rows = await (await connection.execute(way.question + "\n" + each, way.values)).fetchall()
    ecosystems: Counter[str] = Counter()
    cells: Counter[int] = Counter()
    for ecosystem, severity, kev, fixable, band, number in rows:
        ecosystems[ecosystem] += number
        cells[1 + 8 * severity + 4 * fixable + band + _KEV * kev] += number
    return _counted(ecosystems, cells, exact=way.whole, at_least=not way.whole)


async def _ahead(connection: Connection, filter: Filter, values: dict[str, Any]) -> Counts:
    held = finding_filter.held(filter, "h.unit_id, h.facet")
    wanted = [at for at in range(1, _CELLS + 1) if _fits(filter, at)]
    asking = _ASK["ahead"].replace("{held}", held).replace("{all}", _sum(filter, wanted))
    asking = asking.replace("{each}", "ARRAY[" + ", ".join(_sum(filter, [at]) for at in wanted) + "]")
    asking = asking.replace("{kev}", "0" if filter.kev is False else _sum(replace(filter, kev=True), wanted))
    cells: Counter[int] = Counter()
    ecosystems: Counter[str] = Counter()
    kev, several = 0, False
    for ecosystem, numbers, exploited, doubtful in await (await connection.execute(asking, values)).fetchall():
        if ecosystem:
            ecosystems[ecosystem] = numbers[0]
        else:
            cells, kev, several = Counter(dict(zip(wanted, numbers, strict=True))), exploited, doubtful
    if filter.state == "open":
        question = _ASK["decided"].replace("{held}", held)
        for ecosystem, cell, number in await (await connection.execute(question, values)).fetchall():
            at, exploited = cell % _KEV, cell > _KEV
            if _fits(filter, at) and filter.kev in (None, exploited):
                cells[at] -= number
                ecosystems[ecosystem] -= number
                kev -= number * exploited
    chosen = filter.fixable is not None or filter.kev is not None or bool(filter.severities)
    return _counted(ecosystems, cells, exact=not (several or chosen), at_least=False, kev=kev)


def _fits(filter: Filter, cell: int) -> bool:
    severity, fixable, band = (cell - 1) // 8, (cell - 1) % 8 // 4, (cell - 1) % 4
    return (
        (not filter.severities or SEVERITIES[severity] in filter.severities)
        and (not filter.bands or BANDS[band] in filter.bands)
        and filter.fixable in (None, bool(fixable))
    )


def _sum(filter: Filter, several: list[int]) -> LiteralString:
    """Of these cells, over all holders."""
    every = len(several) == _CELLS
    kev = "coalesce(sum(holders * (" + " + ".join("f.kev[" + _PLACES[at] + "]" for at in several) + ")), 0)"
    if filter.kev:
        return kev
    findings = "f.total" if every else " + ".join("f.findings[" + _PLACES[at] + "]" for at in several)
    found = "coalesce(sum(holders * (" + findings + ")), 0)"
    return found if filter.kev is None else found + " - " + kev


_PLACES: tuple[LiteralString, ...] = tuple(str(at) for at in range(_CELLS + 1))
"""Places of a sum, as questions are written with them."""


def _counted(
    ecosystems: Counter[str], cells: Counter[int], *, exact: bool, at_least: bool, kev: int | None = None
) -> Counts:
    severity: Counter[str] = Counter()
    band: Counter[str] = Counter()
    fixable = exploited = 0
    for cell, number in cells.items():
        at = cell % _KEV - 1
        severity[SEVERITIES[at // 8]] += number
        band[BANDS[at % 4]] += number
        fixable += number * (at % 8 // 4)
        exploited += number * (cell > _KEV)
    return Counts(
        total=sum(cells.values()),
        exact=exact,
        at_least=at_least,
        severity=_sorted(severity),
        ecosystem=_sorted(ecosystems),
        kev=exploited if kev is None else kev,
        fixable=fixable,
        band=_sorted(band),
    )


def _sorted(found: Counter[str]) -> dict[str, int]:
    return {name: number for name, number in sorted(found.items(), key=lambda one: (-one[1], one[0])) if number}
