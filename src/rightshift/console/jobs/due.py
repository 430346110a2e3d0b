"""Schedules whose time has come become runs, and runs go onto the queue. What people wish: `store/wishes`."""

import logging
from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

import msgspec

from rightshift.console.cron import MalformedSchedule, following
from rightshift.console.store import listening, progress
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.progress import Beginning, Due, NewRun

CHANNEL = "wishes"
LOOK_S = 60.0
"""Also without a word from the database, in case that one was lost with a connection."""
FEED, RETAIN, MACHINE = "Update the feed", "Delete what is old", "This machine"
_LOG = logging.getLogger("rightshift.due")


async def turn(pool: Pool, now: datetime) -> datetime | None:
    """
    Everything that is due once, whatever number of times it was missed; when the next is due, None for never.

    Several may do this at once.
    """
    async with pool.connection() as connection:
        while await _runs(connection, now) >= progress.DUE_AT_ONCE:
            pass
        while await progress.send(connection) >= progress.SENT_AT_ONCE:
            pass
        return await progress.next_due(connection)


async def _runs(connection: Connection, now: datetime) -> int:
    async with connection.transaction():
        due = await progress.due(connection, now)
        for one in due:
            # one that waits or runs already stands for this turn too
            await progress.wish(connection, _run(one), now)
            await progress.ran(connection, one.id, now, _following(one, now))
    return len(due)


def _run(due: Due) -> NewRun:
    arguments = "{}"
    lock = due.job
    if due.source is not None:
        lock = f"source {due.source}"
        order = {"reference": due.reference, "ecosystems": due.ecosystems, "trusted": due.trusted}
        arguments = msgspec.json.encode(order).decode()
    by = f"schedule {due.name}"
    return NewRun(
        name=due.job, arguments=arguments, lock=lock, by=by, source=due.source, schedule=due.id, teams=due.teams
    )


def _following(due: Due, now: datetime) -> datetime | None:
    try:
        return following(due.cron, due.zone, now)[0]
    except MalformedSchedule as error:  # a zone that this machine does not know (any more)
        _LOG.error("a schedule will not run again", extra={"schedule": str(due.id), "error": str(error)})
        return None


async def begin(connection: Connection, now: datetime, *, offline: bool, look: bool = False) -> None:
    """
    What a new console does by itself: the feed each six hours, retention each night, at minutes of its own.

    The first feed comes at once, unless nothing may be fetched. With `look` it also scans its own machine, at once and
    then each day.
    """
    own = await progress.installation(connection)
    minute, hour = share(own, "minute", 60), share(own, "hour", 6)
    nightly = f"{minute} 3 * * *"
    made = [Beginning(name=RETAIN, job="retain", cron=nightly, first=following(nightly, "UTC", now)[0])]
    if not offline:
        made.append(Beginning(name=FEED, job="update_feed", cron=f"{minute} {hour}-23/6 * * *", first=now))
    if look:
        daily = f"{minute} {share(own, 'daily', 24)} * * *"
        made.append(Beginning(name=MACHINE, job="scan_source", cron=daily, first=now, reference="host:"))
    await progress.begin_schedules(connection, made, now)


def share(own: UUID, what: str, count: int) -> int:
    """A number from 0 that stays the same for an installation, spread evenly over all of them."""
    return int.from_bytes(blake2b(own.bytes + what.encode(), digest_size=8).digest()) % count


async def keep(pool: Pool, url: str, clock: Callable[[], datetime]) -> None:
    """`turn` whenever something is wished or due, until it is cancelled; a lost connection is made again."""

    async def look() -> float:
        upcoming = await turn(pool, clock())
        return LOOK_S if upcoming is None else min(LOOK_S, max(0.0, (upcoming - clock()).total_seconds()))

    await listening.keep(url, CHANNEL, "due", look)
