"""Marks of what is to be derived again: looked at here, and taken out in the transaction of the conclusions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
What = Literal["package_version", "inventory", "asset", "scan", "wishes"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing, and all the marks that it has."""

    which: int
    kind: str
    key: str
    ids: tuple[int, ...]


async def waiting(connection: Connection) -> frozenset[str]:
    """What kinds of marks there are."""
    found = await connection.execute(_ASK["waiting"])
    return frozenset(row[0] for row in await found.fetchall())


async def some(connection: Connection, what: What, most: int, without: Iterable[int] = ()) -> list[Mark]:
    """The oldest marks of a kind but some (by id), things that were marked several times once."""
    found = await connection.execute(_ASK["some"], {"what": what, "most": most, "without": list(without)})
    return [Mark(which, kind, key, tuple(ids)) for which, kind, key, ids in await found.fetchall()]


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
