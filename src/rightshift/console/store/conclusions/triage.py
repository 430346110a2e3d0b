"""Findings that are not open, as `derive/triage` concludes it from what people wish. Wishes themselves: `wishes`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from rightshift.console.store.conclusions.facets import EDGES
from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


@dataclass(frozen=True, slots=True)
class Decided:
    """What holds for a unit, a package and an advisory; `until` is the first moment at which it no longer does."""

    unit: int
    package: int
    advisory: int
    state: str
    by: UUID
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of VEX, and the advisories that it means."""

    id: UUID
    product: str
    package: str
    advisories: Sequence[int]
    status: str
    said: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A match that a statement may mean, and who holds it: `statements` are those whose authors may see the unit."""

    unit: int
    inventory: int
    package: int
    version: int
    advisory: int
    statements: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Known:
    """What an image that holds an inventory is called."""

    inventory: int
    key: str
    name: str
    attributes: dict[str, Any]
    aliases: Sequence[str]


async def wished(connection: Connection) -> bool:
    """Whether anybody ever wished anything here."""
    row = await (await connection.execute(_ASK["wished"])).fetchone()
    return bool(row and row[0])


async def accepted(connection: Connection, units: Sequence[int] | None, today: date) -> list[Decided]:
    """What accepted risks mean among what these units hold (None is all), each once: that which holds longest."""
    rows = await connection.execute(_ASK["accepted"], {"units": _list(units), "today": today})
    return [Decided(*row) for row in await rows.fetchall()]


async def statements(connection: Connection) -> list[Statement]:
    """All of them."""
    rows = await connection.execute(_ASK["statements"])
    return [Statement(*row) for row in await rows.fetchall()]


async def held(connection: Connection, units: Sequence[int] | None) -> list[Held]:
    """What statements may mean among what these units hold."""
    rows = await connection.execute(_ASK["held"], {"units": _list(units)})
    return [Held(*row) for row in await rows.fetchall()]


async def known(connection: Connection, inventories: Sequence[int]) -> list[Known]:
    """The images that hold these inventories."""
    rows = await connection.execute(_ASK["known"], {"ids": list(inventories)})
    return [Known(*row) for row in await rows.fetchall()]


async def put(connection: Connection, units: Sequence[int] | None, decided: Sequence[Decided]) -> None:
    """These hold for these units, and no others; where they are counted is found again."""
    values = {
        "scope": _list(units),
        "units": [one.unit for one in decided],
        "packages": [one.package for one in decided],
        "advisories": [one.advisory for one in decided],
        "states": [one.state for one in decided],
        "by": [one.by for one in decided],
        "until": [one.until for one in decided],
    }
    await connection.execute(_ASK["drop"], values)
    await connection.execute(_ASK["put"], values)
    await connection.execute(_ASK["sort"], {"scope": _list(units), "edges": EDGES})


def _list(units: Sequence[int] | None) -> list[int] | None:
    return None if units is None else list(units)
