"""How many findings an inventory has of each sort. How many of each band a holder has: `store/bands`."""

from collections.abc import Sequence

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


async def recount(connection: Connection, inventories: Sequence[int]) -> None:
    """Within a transaction: after matches of their packages changed."""
    values = {"ids": list(inventories)}
    await connection.execute(_ASK["forget"], values)
    await connection.execute(_ASK["count"], values)
