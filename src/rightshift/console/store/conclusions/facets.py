"""How many findings there are of each sort in what a holder holds, so that nobody needs to count them again."""

from collections.abc import Sequence

from rightshift.assess.weights import points
from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)

EDGES = [points(f"band.{name}") for name in ("plan", "soon", "now")]
"""Points from which on a finding is of a band, above Routine."""


async def recount(connection: Connection, inventories: Sequence[int]) -> None:
    """
    After matches of these inventories, the exposure of whoever holds them or the use of their packages changed.

    About a millisecond for each thousand findings; give some hundred inventories at once, not all.
    """
    await connection.execute(_ASK["recount"], {"inventories": list(inventories), "edges": EDGES})
