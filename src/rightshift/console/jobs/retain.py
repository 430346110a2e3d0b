"""Removes what is older than the settings say, in small batches with pauses. The statements: `store/retention`."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from rightshift.console.jobs.job import Job, Result, Running
from rightshift.console.store import retention
from rightshift.console.store.retention import Place, Step
from rightshift.errors import UsageError

BATCH = 1_000
REST = 1.0
"""Of the time that a batch took: half the time others have the database for themselves."""

Days = Annotated[int, Meta(ge=1, le=36_500)]


class Periods(msgspec.Struct, frozen=True, kw_only=True):
    """How many days things are kept: the setting `retention`."""

    facts: Days = 30
    """After an asset or a relation ended; after a connection or a use was last seen."""
    scans: Days = 180
    """But for the newest of each asset; the history of what assets held as well."""
    events: Days = 180
    jobs: Days = 30
    """Runs that ended, with their logs."""


async def _run(running: Running) -> Result:
    around = running.around
    async with around.pool.connection() as connection:
        text = await retention.settings(connection)
    try:
        periods = msgspec.json.decode(text, type=Periods)
    except msgspec.MsgspecError as error:
        raise UsageError(f"The setting `retention` can't be read: {error}", do="Set it again") from error
    removed = {}
    for name, (steps, days) in _plan(periods).items():
        removed[name] = await _all(running, name, steps, days)
        if removed[name]:
            await running.log(f"{name}: {removed[name]:,} removed")
    return removed


def _plan(periods: Periods) -> Mapping[str, tuple[Sequence[Step], int]]:
    """In this order: what refers to something goes before it."""
    return {
        "facts": (retention.FACTS, periods.facts),
        "scans": (retention.SCANS, periods.scans),
        "inventories": (retention.INVENTORIES, 1),
        "events": (retention.EVENTS, periods.events),
        "jobs": (retention.RUNS, periods.jobs),
        "sessions": (retention.SESSIONS, 1),
    }


async def _all(running: Running, name: str, steps: Sequence[Step], days: int) -> int:
    before = running.around.clock() - timedelta(days=days)
    removed = 0
    for step in steps:
        place: Place | None = None
        while True:
            began = time.monotonic()
            async with running.around.pool.connection() as connection:
                batch = await step(connection, place, before, BATCH)
            removed += batch.removed
            place = batch.place
            if place is None:
                break
            await running.tell(f"Removing what is old: {name}", removed)
            await asyncio.sleep((time.monotonic() - began) * REST)
    return removed


JOB = Job(name="retain", run=_run, timeout_s=6 * 3_600)
