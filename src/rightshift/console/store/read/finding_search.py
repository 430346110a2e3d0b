"""The search for the best findings that a filter leaves; none is stored. What is shown of each: `findings.py`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, LiteralString, NamedTuple

from rightshift.assess.weights import points
from rightshift.console.store.pool import Connection
from rightshift.console.store.read import finding_filter
from rightshift.console.store.read.finding_filter import ASK, Filter
from rightshift.console.store.sql import questions

_ASK = questions(__file__)

_FIRST_LOOK = 12
_WIDER = 8
_WIDEST = 1_000
_ALL = 1 << 30
"""
How many matches are looked at first, how many times more when that was too few, and up to how many. Then those few
holders that can add most are looked at whole, and as many matches for the others; after that comes all.
"""

_HOT = 750_000
"""Packages in holders that are looked at whole."""

_SPARE = 20
"""Rows that are asked for beside twice those that are wanted: for many of them a better one stands."""

_LOWEST = -(1 << 15)
"""Fewer points than anything can have."""

_LITTLE = 3_000
"""Packages in what is looked at: up to there, all of their matches are sorted."""

_SOME = 100_000
"""Packages in what is looked at, up to which that is where to begin, so that many matches cost little."""

_WALKED = 20_000
"""And up to which all that is above is looked at again for a later page."""

_SPREAD = 800
"""Inventories that have a package version of the best matches, at most: many have the same few packages."""

EACH: LiteralString = _ASK["each"]
"""All that is wanted in all that is looked at."""


class Key(NamedTuple):
    """The place of a row in the list: by points, then by numbers that stay. A page goes on after it."""

    points: int
    version: int
    advisory: int
    unit: int
    inventory: int

    @property
    def order(self) -> tuple[int, int, int, int, int]:
        """Sorts as the list does."""
        return (-self.points, *self[1:])


class Best(NamedTuple):
    """A row before it is shown: its place in the list, and its package."""

    key: Key
    package: int


class _Some(NamedTuple):
    """
    Rows in order, none missing among them. `deeper` tells whether more matches must be looked at for those that follow;
    it is None where nothing follows.
    """

    rows: list[Best]
    deeper: bool | None


async def best(
    connection: Connection, filter: Filter, values: Mapping[str, Any], wanted: int, after: Key | None = None
) -> list[Best]:
    """Up to so many rows of the list after a place in it; `values` are those of the filter."""
    values = dict(values)
    if values["packages"] == [] or values["advisories"] == []:
        return []
    if filter.state == "fixed":
        return await _down(connection, filter, values, wanted, after or await _top(connection))
    look = await _first_look(connection, filter, values)
    highest = _highest(filter, after)
    much = values.get("amount", _ALL) > _WALKED
    if highest is not None and much and filter.state not in ("accepted", "not_affected"):
        return await _down(connection, filter, values, wanted, highest)
    found: list[Best] = []
    while True:
        some = await _some(connection, filter, values, 2 * (wanted - len(found)) + _SPARE, after, look)
        found += await _standing(connection, filter, values, some.rows)
        if len(found) >= wanted or some.deeper is None:
            return found[:wanted]
        if some.deeper:
            look = await _next_look(connection, filter, values, look)
        if some.rows:
            after = some.rows[-1].key


def _highest(filter: Filter, after: Key | None) -> Key | None:
    """The place below which the list goes on, where much is above it: above Fix soon nearly nothing is."""
    if after is not None or not filter.bands or {"now", "soon"} & set(filter.bands):
        return after
    edge = points("band.soon" if "plan" in filter.bands else "band.plan")
    return Key(edge - 1, -1, -1, -1, -1)


async def _top(connection: Connection) -> Key:
    """Where the list of what was fixed begins: how it could be reached then adds nothing."""
    row = await (await connection.execute(_ASK["top"])).fetchone()
    return Key(row[0] if row else 0, -1, -1, -1, -1)


async def _down(connection: Connection, filter: Filter, values: dict[str, Any], wanted: int, after: Key) -> list[Best]:
    """
    Rows after a place, level by level: what many points have long before it is not looked at again.

    Of what is new since a day there are two lists, as in `_some`.
    """
    asking = f"WITH {finding_filter.held(filter)},\n{ASK['wanted']},\n{_ASK['level']}".replace("{sum}", ASK["sum"])
    asking = asking.replace("{past}", _ASK["past"] if filter.state == "fixed" else "")
    since = values["since"]
    lists = [values] if since is None else [values | {"matched_since": since}, values | {"held_since": since}]
    found: list[Best] = []
    width = 0
    while True:
        low = after.points - width
        limit = 2 * (wanted - len(found)) + _SPARE
        below = Key(low - 1, -1, -1, -1, -1)
        rows: dict[Key, Best] = {}
        ends = [below]
        bottom = after.points
        for one in lists:
            answer = await (await connection.execute(asking, one | _place(after, limit) | {"low": low})).fetchall()
            some = [read(row[1:]) for row in answer if row[1] is not None]
            rows |= {row.key: row for row in some}
            bottom = min(bottom, answer[0][0] if answer[0][0] is not None else bottom)
            if len(some) == limit:
                ends.append(some[-1].key)
        end = min(ends, key=lambda key: key.order)
        ordered = sorted((row for row in rows.values() if row.key.order <= end.order), key=lambda row: row.key.order)
        found += await _standing(connection, filter, values, ordered)
        if len(found) >= wanted or (end is below and low <= max(bottom, values["points_min"] or _LOWEST)):
            return found[:wanted]
        width = width * 3 + 1 if end is below else width
        after = end


def _place(after: Key | None, limit: int) -> dict[str, Any]:
    place = after or Key(0, 0, 0, 0, 0)
    return {
        "limit": limit,
        "after_points": after and place.points,
        "after_version": place.version,
        "after_advisory": place.advisory,
        "after_unit": place.unit,
        "after_inventory": place.inventory,
    }


async def of(connection: Connection, filter: Filter, values: Mapping[str, Any]) -> Best | None:
    """The best of what a filter leaves that leaves very little."""
    some = await _some(connection, filter, dict(values), 1, None, _ALL)
    return some.rows[0] if some.rows else None


async def _first_look(connection: Connection, filter: Filter, values: dict[str, Any]) -> int:
    if values["teams"] is None and not filter.held_in_part:
        return _FIRST_LOOK
    values["amount"] = await amount(connection, filter, values)
    if values["amount"] <= _LITTLE:
        return _ALL
    return _WIDEST if values["amount"] <= _SOME else _FIRST_LOOK


async def _next_look(connection: Connection, filter: Filter, values: dict[str, Any], look: int) -> int:
    if look * _WIDER**2 <= _WIDEST and by_held(values, look * _WIDER**2):
        return look * _WIDER**2  # more costs no more then
    if look * _WIDER <= _WIDEST or (by_held(values, look * _WIDER) and look <= _WIDEST * _WIDER):
        return look * _WIDER
    if values.get("cold") is not None:
        return _ALL
    asking = f"WITH {finding_filter.held(filter)}\n" + _ASK["most"]
    hot = 0
    for most, packages in await (await connection.execute(asking, values)).fetchall():
        hot += packages
        if hot > _HOT:
            values["cold"] = most
            return look
    return _ALL


async def amount(connection: Connection, filter: Filter, values: dict[str, Any]) -> int:
    """How many packages lie in what is looked at; each has two to four findings, as a rule."""
    asking = f"WITH {finding_filter.held(filter)}\n" + _ASK["amount"]
    row = await (await connection.execute(asking, values)).fetchone()
    return int(row[0]) if row else 0


async def _some(
    connection: Connection, filter: Filter, values: dict[str, Any], limit: int, after: Key | None, look: int
) -> _Some:
    """Of what is new since a day there are two lists: new matches anywhere, and any match in a new inventory."""
    how: LiteralString = "best" if values.get("cold") is None else "split"
    if look >= _ALL:
        how = "each"
    asking = question(filter, how, by_held=by_held(values, look)) + "\n" + _ASK["page"]
    asked = values | _place(after, limit) | {"most": look}
    since = values["since"]
    lists = [asked] if since is None else [asked | {"matched_since": since}, asked | {"held_since": since}]
    rows: dict[Key, Best] = {}
    ends: list[tuple[tuple[float, ...], bool]] = []
    for one in lists:
        answer = await (await connection.execute(asking, one)).fetchall()
        some = [read(row[1:]) for row in answer if row[1] is not None]
        rows |= {row.key: row for row in some}
        floor = answer[0][0]
        if len(some) == limit:
            ends.append((some[-1].key.order, False))
        elif floor is not None and (values["points_min"] is None or floor > values["points_min"]):
            ends.append(((-floor, float("inf")), True))
    end, deeper = min(ends, default=((float("inf"),), None))
    return _Some(sorted((row for row in rows.values() if row.key.order <= end), key=lambda row: row.key.order), deeper)


def by_held(values: Mapping[str, Any], look: int) -> bool:
    """Whether it is less work to begin with who is looked at, than with so many matches."""
    amount = values.get("amount")
    return amount is not None and amount < look * _SPREAD


def question(filter: Filter, how: LiteralString, *, by_held: bool = False) -> LiteralString:
    """
    The part of a question that says what is `found`: unit, inventory, package version, package, advisory, points.

    `how`: `each` is all; `best` and `split` what many matches give, with an `edge`; `decided` what somebody decided on.
    """
    found = _ASK["decided" if filter.state in ("accepted", "not_affected") else how]
    found = found.replace("{spread}", _ASK["spread_held" if by_held else "spread"])
    for part in ("near", "used"):
        found = found.replace("{" + part + "}", _ASK[part])
    return f"WITH {finding_filter.held(filter)},\n{ASK['wanted']},\n{found}".replace("{sum}", ASK["sum"])


async def _standing(connection: Connection, filter: Filter, values: dict[str, Any], rows: Sequence[Best]) -> list[Best]:
    """Without those for which a better one stands, wherever in the list that is."""
    if not rows:
        return []
    asked = values | arrays(rows) | {"units": sorted({row.key.unit for row in rows})}
    asking = f"WITH {finding_filter.held(filter)},\n{ASK['wanted']}\n{_ASK['rivals']}".replace("{sum}", ASK["sum"])
    beaten = {at for (at,) in await (await connection.execute(asking, asked)).fetchall()}
    standing = [row for at, row in enumerate(rows, 1) if at not in beaten]
    return await without_held(connection, standing) if filter.state == "fixed" else standing


async def without_held(connection: Connection, rows: Sequence[Best]) -> list[Best]:
    """Of rows of the past those that are fixed: not held now."""
    if not rows:
        return []
    held = {at for (at,) in await (await connection.execute(_ASK["held_now"], arrays(rows))).fetchall()}
    return [row for at, row in enumerate(rows, 1) if at not in held]


def arrays(rows: Iterable[Best]) -> dict[str, list[int]]:
    """Rows as columns that questions take."""
    names = ("r_points", "r_versions", "r_advisories", "r_units", "r_inventories", "r_packages")
    columns = list(zip(*((*row.key, row.package) for row in rows), strict=True))
    return {name: list(column) for name, column in zip(names, columns, strict=True)}


def read(found: tuple[Any, ...]) -> Best:
    """As the database gives it."""
    return Best(Key(*found[:5]), found[5])
