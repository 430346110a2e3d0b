"""How far conclusions are. What follows from a newer feed: `derive`."""

from datetime import datetime

from msgspec import Struct

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


class Concluded(Struct, frozen=True, kw_only=True):
    """With which feed all was matched last; generation -1 is never."""

    lineage: str
    generation: int
    at: datetime | None


async def feed(connection: Connection) -> Concluded:
    """The same for everybody: it tells nothing of assets."""
    row = await (await connection.execute(_ASK["feed"])).fetchone()
    assert row is not None
    return Concluded(lineage=row[0], generation=row[1], at=row[2])
