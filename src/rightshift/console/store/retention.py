"""Removes what is over, in batches; nothing else removes facts for their age. The audit log is not touched."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import NamedTuple

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
_FIRST = datetime(1, 1, 2, tzinfo=UTC)

Place = tuple[object, ...]
"""Where a walk over a table stands: the key of the last row that was looked at."""


class Batch(NamedTuple):
    """`place` None is the end of the table."""

    place: Place | None
    removed: int


Step = Callable[[Connection, Place | None, datetime, int], Awaitable[Batch]]
"""Looks at the next rows behind a place, at most so many, and removes those from before an instant."""


def _by_id(question: str) -> Step:
    async def step(connection: Connection, place: Place | None, before: datetime, limit: int) -> Batch:
        after = place[0] if place else 0
        values = {"after": after, "before": before, "limit": limit}
        row = await (await connection.execute(_ASK[question], values)).fetchone()
        return Batch((row[0],) if row and row[0] is not None else None, int(row[1]) if row else 0)

    return step


async def _asset_facts(connection: Connection, place: Place | None, before: datetime, limit: int) -> Batch:
    reporter, kind, key = place or (0, "", "")
    values = {"reporter": reporter, "kind": kind, "key": key, "before": before, "limit": limit}
    row = await (await connection.execute(_ASK["assets_facts"], values)).fetchone()
    return Batch((row[0], row[1], row[2]), int(row[3])) if row else Batch(None, 0)


async def _history(connection: Connection, place: Place | None, before: datetime, limit: int) -> Batch:
    after, since = place or (0, _FIRST)
    values = {"after": after, "since": since, "before": before, "limit": limit}
    row = await (await connection.execute(_ASK["history"], values)).fetchone()
    return Batch((row[0], row[1]), int(row[2])) if row else Batch(None, 0)


FACTS: tuple[Step, ...] = (
    _asset_facts,
    _by_id("relations_facts"),
    _by_id("listeners_facts"),
    _by_id("connections_facts"),
    _by_id("uses_facts"),
)
"""What was seen and is no more. What it was about is marked, so that conclusions follow."""
SCANS: tuple[Step, ...] = (_by_id("scans"), _history)
INVENTORIES: tuple[Step, ...] = (_by_id("inventories"),)
EVENTS: tuple[Step, ...] = (_by_id("events"),)
RUNS: tuple[Step, ...] = (_by_id("runs"),)
SESSIONS: tuple[Step, ...] = (_by_id("sessions"),)


async def settings(connection: Connection) -> str:
    """What people set, as JSON; an empty object where nobody did."""
    row = await (await connection.execute(_ASK["settings"])).fetchone()
    return str(row[0]) if row else "{}"
