"""What happened since, for those who watch. The history of one thing is read where that thing is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


@dataclass(frozen=True, slots=True)
class Happened:
    """An event about an asset, or about a match and so about all that hold the package. `teams` may know of it."""

    id: int
    at: datetime
    kind: str
    asset: UUID | None
    purl: str
    advisory: str
    teams: frozenset[UUID]


async def newest(connection: Connection) -> int:
    """The number of the last event; 0 where there is none."""
    row = await (await connection.execute(_ASK["newest"])).fetchone()
    return int(row[0]) if row else 0


async def since(connection: Connection, last: int, limit: int) -> list[Happened]:
    """
    Events after a number, in order, of all scopes: whoever passes them on looks at their teams.

    Numbers are given before transactions end, so one that took longer than a later one may be passed over; a page that
    must be exact reads the list itself.
    """
    found = await connection.execute(_ASK["since"], {"last": last, "limit": limit})
    return [
        Happened(id, at, kind, asset, purl, advisory, frozenset(teams))
        for id, at, kind, asset, purl, advisory, teams in await found.fetchall()
    ]
