"""What the work on something ended badly with: how often, in whatever process, and what was set aside for it."""

from collections.abc import Sequence
from datetime import datetime

from rightshift.console.store.conclusions import marks
from rightshift.console.store.conclusions.marks import Mark, What
from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
ALONE = 2
"""What was tried so often is worked on by itself."""


async def begin(connection: Connection, what: What, some: Sequence[Mark]) -> None:
    """Notes that these are worked on, which were all tried equally often; from ALONE times on it is one."""
    ids = [id for mark in some for id in mark.ids]
    one = some[0]
    values: dict[str, object] = {"what": what, "first": min(ids), "last": max(ids), "tries": one.tries}
    await connection.execute(_ASK["begin"], values | {"which": one.which, "kind": one.kind, "key": one.key})


async def blame(connection: Connection) -> int:
    """
    Whoever worked before is gone: what is left of what was noted has been tried once more; how many marks.

    Among many are innocent ones, which will be done when they are tried with fewer others.
    """
    return (await connection.execute(_ASK["blame"], {"alone": ALONE})).rowcount


async def server(connection: Connection) -> datetime:
    """When it was started: one that is another by now ended all sessions, whatever they were at."""
    row = await (await connection.execute(_ASK["server"])).fetchone()
    assert row is not None
    started: datetime = row[0]
    return started


async def excuse(connection: Connection) -> None:
    """What ended the work had nothing to do with what was noted."""
    await connection.execute(_ASK["excuse"])


async def failed(connection: Connection, some: Sequence[Mark]) -> None:
    """One more try that ended badly."""
    await connection.execute(_ASK["failed"], {"ids": [id for mark in some for id in mark.ids]})


async def set_aside(connection: Connection, what: What, one: Mark, reason: str, program: str, now: datetime) -> None:
    """Takes its marks out; it is not worked on again until it is time."""
    values = {"what": what, "which": one.which, "kind": one.kind, "key": one.key}
    async with connection.transaction():
        await connection.execute(_ASK["set_aside"], values | {"reason": reason, "program": program, "now": now})
        await marks.remove(connection, [one])


async def cover(connection: Connection) -> None:
    """Takes out marks that came since of what is set aside."""
    await connection.execute(_ASK["cover"])


async def again(connection: Connection, before: datetime, program: str, tries: int) -> int:
    """Marks what was set aside before then, or by another version of the program, as tried so often; how many."""
    return (await connection.execute(_ASK["again"], {"before": before, "program": program, "tries": tries})).rowcount
