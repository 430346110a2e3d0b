"""Inventories whose matches changed: what is counted of them and of whoever holds them is counted again."""

from collections.abc import Sequence
from datetime import datetime

from rightshift.console.derive import triage
from rightshift.console.store.conclusions import assets, facets, marks
from rightshift.console.store.conclusions.marks import Mark
from rightshift.console.store.pool import Connection

BATCH = 100
"""Inventories in one transaction, with all that hold them."""


async def derive(connection: Connection, waiting: Sequence[Mark], now: datetime) -> None:
    """Counts the marked inventories again, and takes the marks out in the same transaction."""
    inventories = [mark.which for mark in waiting]
    async with connection.transaction():
        await marks.remove(connection, waiting)
        await facets.recount(connection, inventories)
        await triage.decide(connection, await assets.units_of(connection, inventories), now)
