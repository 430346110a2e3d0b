"""How much a filter leaves, and the way to all of it where that is little: by holders or by matches; else to a part."""

from typing import Any, LiteralString, NamedTuple

from rightshift.console.store.pool import Connection
from rightshift.console.store.read import finding_filter, finding_search
from rightshift.console.store.read.finding_filter import ASK, Filter
from rightshift.console.store.sql import questions

_ASK = questions(__file__)

FEW = 8_000
"""Packages in holders of which every match is looked at: about a tenth of a second of the database's."""

DECIDED = 20_000
"""Findings that somebody decided on, up to which each is looked at."""

_LIES = 2
"""How many times more matches in inventories may be looked at: that is a match each, not all of a package's."""


class Way(NamedTuple):
    """The part of a question that says what is `found`, its values, and whether that is all."""

    question: LiteralString
    values: dict[str, Any]
    whole: bool


async def way(connection: Connection, filter: Filter, values: dict[str, Any]) -> Way:
    """The cheapest way to all that the filter leaves, or to what lies in those that can add most to a match."""
    if filter.state in ("accepted", "not_affected"):
        asked = values | {"few": DECIDED + 1}
        row = await (await connection.execute(_ASK["decided"], asked)).fetchone()
        if row and row[0] <= DECIDED:
            return Way(finding_search.question(filter, "decided"), values, whole=True)
    amount, most = await _holders(connection, filter, values)
    values = values | {"amount": amount}
    if values["points_min"] is not None:
        values = values | {"own_min": values["points_min"] - most}
    few = FEW // 2 if filter.state == "fixed" else FEW  # what is held now is looked at as well
    if amount <= few:
        return Way(_question(filter, finding_search.EACH), values, whole=True)
    if filter.since is None:
        if await _lies(connection, values):
            return Way(_question(filter, _ASK["by_match"]), values, whole=True)
    else:
        new, _ = await _holders(connection, filter, values | {"held_since": filter.since})
        if new <= FEW and await _lies(connection, values | {"matched_since": filter.since}):
            return Way(_question(filter, _ASK["by_both"]), values, whole=True)
    return Way(_question(filter, finding_search.EACH, part=True), values | {"few": few}, whole=False)


async def _holders(connection: Connection, filter: Filter, values: dict[str, Any]) -> tuple[int, int]:
    asking = f"WITH {finding_filter.held(filter)}\n" + _ASK["holders"]
    row = await (await connection.execute(asking, values)).fetchone()
    assert row is not None
    return row[0], row[1]


async def _lies(connection: Connection, values: dict[str, Any]) -> bool:
    """Whether what is wanted lies in few inventories."""
    most = FEW * _LIES
    asking = f"WITH {ASK['wanted']}\n" + _ASK["matches"]
    row = await (await connection.execute(asking, values | {"few": most + 1})).fetchone()
    return bool(row and row[0] <= most)


def _question(filter: Filter, found: LiteralString, *, part: bool = False) -> LiteralString:
    held = finding_filter.held(filter)
    if part:
        held = held.replace("held AS", "looked AS", 1) + ",\n" + _ASK["part"]
    return f"WITH {held},\n{ASK['wanted']},\n{found}".replace("{sum}", ASK["sum"])
