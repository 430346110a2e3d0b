"""How many findings there are of each sort, for the filter of the list. The list itself: `findings.py`."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, LiteralString

from msgspec import Meta, Struct

from rightshift.console.store.pool import Connection
from rightshift.console.store.read import finding_filter, findings
from rightshift.console.store.read.finding_filter import BANDS, SEVERITIES, Filter
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)

FEW = 50_000
"""Packages up to which each row is counted, though sums are there."""

_Sort = tuple[str, int, bool, bool, int | None]
"""Ecosystem, severity, kev, fixable, band."""


class Counts(Struct, frozen=True, kw_only=True):
    """
    Findings that the filter leaves, in all and by sort.

    `exact` is false where sums of inventories are added: a unit with several counts what two of them share twice, and
    a package that lies there in several versions counts as its worst one, whether that or another has a fix.
    """

    total: int
    exact: bool
    severity: dict[str, int]
    ecosystem: dict[str, int]
    kev: int
    fixable: int
    band: Annotated[dict[str, int] | None, Meta(description="Null where only sums are there, of which it isn't kept")]


async def counts(connection: Connection, scope: Scope, filter: Filter, *, now: datetime) -> Counts:
    """From sums where the filter allows and there is much to count, else row by row."""
    values = await finding_filter.parameters(connection, scope, filter, now)
    if filter.counted_ahead and not await _few(connection, filter, values):
        return await _ahead(connection, filter, values)
    return _counted(await _sorts(connection, findings.question(filter, "each") + "\n" + _ASK["each"], values))


async def _few(connection: Connection, filter: Filter, values: dict[str, Any]) -> bool:
    return await findings.amount(connection, filter, values) <= FEW


async def _ahead(connection: Connection, filter: Filter, values: dict[str, Any]) -> Counts:
    where = f"WITH {finding_filter.held(filter)}\n"
    found: Counter[_Sort] = Counter()
    for *sort, number in await (await connection.execute(where + _ASK["ahead"], values)).fetchall():
        found[(*sort, None)] = number
    several = await (await connection.execute(where + _ASK["several"], values)).fetchone()
    bands: list[int] | None = None
    if not (filter.severities or filter.ecosystems or filter.kev is not None or filter.fixable is not None):
        row = await (await connection.execute(where + _ASK["bands"], values)).fetchone()
        bands = list(row[::-1]) if row else None
    if filter.state == "open":
        question = findings.question(filter, "decided") + "\n" + _ASK["decided"]
        for (ecosystem, severity, kev, fixable, band), number in (await _sorts(connection, question, values)).items():
            found[(ecosystem, severity, kev, fixable, None)] -= number
            if bands is not None and band is not None:
                bands[band] -= number
    return _counted(found, bands, exact=filter.fixable is None and not (several and several[0]))


async def _sorts(connection: Connection, question: LiteralString, values: dict[str, Any]) -> Counter[_Sort]:
    rows = await (await connection.execute(question, values)).fetchall()
    return Counter({tuple(sort): number for *sort, number in rows})


def _counted(found: Counter[_Sort], bands: Iterable[int] | None = None, *, exact: bool = True) -> Counts:
    severity: Counter[str] = Counter()
    ecosystem: Counter[str] = Counter()
    band: Counter[str] = Counter()
    kev = fixable = 0
    for (its, degree, in_kev, has_fix, when), number in found.items():
        severity[SEVERITIES[degree]] += number
        ecosystem[its] += number
        kev += number * in_kev
        fixable += number * has_fix
        if when is not None:
            band[BANDS[when]] += number
    if bands is not None:
        band = Counter(dict(zip(BANDS, bands, strict=True)))
    total = sum(found.values())
    return Counts(
        total=total,
        exact=exact,
        severity=_sorted(severity),
        ecosystem=_sorted(ecosystem),
        kev=kev,
        fixable=fixable,
        band=_sorted(band) if band or not total or bands is not None else None,
    )


def _sorted(found: Counter[str]) -> dict[str, int]:
    return {name: number for name, number in sorted(found.items(), key=lambda one: (-one[1], one[0])) if number}
