"""Marks of what is to be derived again: looked at here, and taken out in the transaction of the conclusions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
What = Literal["package_version", "advisory", "inventory", "asset", "scan", "wishes"]
TRIED, ASIDE = "tried", "aside"
"""Beside the kinds: the work on some things ended badly; some are set aside. See `tries`."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing, and all the marks that it has."""

    which: int
    kind: str
    key: str
    ids: tuple[int, ...]
    tries: int = 0


async def waiting(connection: Connection) -> frozenset[str]:
    """What kinds of marks there are; TRIED and ASIDE too."""
    found = await connection.execute(_ASK["waiting"])
    return frozenset(row[0] for row in await found.fetchall())


async def some(connection: Connection, what: What, most: int, *, sound: bool = False) -> list[Mark]:
    """The oldest marks of a kind, things that were marked several times once; `sound`: but those that were tried."""
    found = await connection.execute(_ASK["sound" if sound else "some"], {"what": what, "most": most})
    return [Mark(which, kind, key, tuple(ids)) for which, kind, key, ids in await found.fetchall()]


async def tried(connection: Connection, what: What, most: int) -> list[Mark]:
    """Things of a kind the work on which ended badly, those that were tried least often first."""
    found = await connection.execute(_ASK["tried"], {"what": what, "most": most})
    return [Mark(which, kind, key, tuple(ids), tries) for which, kind, key, ids, tries in await found.fetchall()]


async def remove(connection: Connection, marks: Iterable[Mark]) -> None:
    """Takes them out; what was marked meanwhile stays."""
    await connection.execute(_ASK["remove"], {"ids": [id for mark in marks for id in mark.ids]})


async def mark_numbers(connection: Connection, what: What, which: Sequence[int]) -> None:
    """Marks things that have numbers, where they are not marked yet. What is under way has to be removed before."""
    if which:
        await connection.execute(_ASK["mark_numbers"], {"what": what, "which": list(which)})


async def mark_assets(connection: Connection, assets: Sequence[tuple[str, str]]) -> None:
    """Marks assets by (kind, key), as `mark_numbers`."""
    if assets:
        kinds, keys = [kind for kind, _ in assets], [key for _, key in assets]
        await connection.execute(_ASK["mark_assets"], {"kinds": kinds, "keys": keys})
