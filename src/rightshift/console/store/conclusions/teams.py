"""Which assets belong to which teams, as `derive/teams` concludes it from the teams' selectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Team:
    """A team and the selector that somebody wrote for it: patterns by what they are compared with."""

    id: UUID
    selector: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Placed:
    """An asset, as far as selectors look at it."""

    number: int
    kind: str
    name: str
    cluster: str
    namespace: str
    host: str
    image: str
    labels: Mapping[str, str]


async def teams(connection: Connection) -> list[Team]:
    """All teams."""
    rows = await (await connection.execute(_ASK["teams"])).fetchall()
    return [Team(id, selector if isinstance(selector, dict) else {}) for id, selector in rows]


async def placed(connection: Connection, numbers: Sequence[int]) -> list[Placed]:
    """These assets."""
    rows = await (await connection.execute(_ASK["placed"], {"ids": list(numbers)})).fetchall()
    return [Placed(*row) for row in rows]


async def page(connection: Connection, last: int) -> list[int]:
    """Numbers of the next assets after one."""
    rows = await (await connection.execute(_ASK["page"], {"last": last, "page": PAGE})).fetchall()
    return [row[0] for row in rows]


async def assign(connection: Connection, numbers: Sequence[int], belonging: Sequence[tuple[int, UUID]]) -> None:
    """These (asset, team) and no others hold for these assets."""
    values = {
        "ids": list(numbers),
        "assets": [number for number, _ in belonging],
        "teams": [team for _, team in belonging],
    }
    await connection.execute(_ASK["leave"], values)
    await connection.execute(_ASK["join"], values)
