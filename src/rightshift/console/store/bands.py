"""How many findings of each band a holder has: `derive` counts again what changed. Counts by severity: conclusions."""

from collections.abc import Sequence

from rightshift.assess.weights import points
from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


async def recount(connection: Connection, inventories: Sequence[int]) -> None:
    """
    Of all holders of these inventories: after their matches, their exposure or the use of their packages changed.

    About a millisecond for each thousand findings; give some hundred inventories at once, not all.
    """
    edges = {name: points(f"band.{name}") for name in ("now", "soon", "plan")}
    await connection.execute(_ASK["recount"], {"inventories": list(inventories), **edges})
