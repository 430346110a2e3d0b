"""
Runs jobs from the queue that all workers share, each once at a time, whatever ends whom. What may be run: `job`.

A run holds its lock in the database's session: with the session the lock ends, and with the lock the run. So a worker
that was given up but still lives does nothing twice. A worker that was killed is missed when its lease is over; what it
ran is then run again. What has ended is written down before the queue is told, so that it is not done again.
"""

import asyncio
import errno
import logging
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import psycopg

from rightshift.console.jobs import child
from rightshift.console.jobs.job import Job, Result, Running, Surroundings
from rightshift.console.store import progress
from rightshift.console.store.pool import Connection
from rightshift.console.store.progress import Begun, Dead
from rightshift.errors import RightshiftError

if TYPE_CHECKING:
    from procrastinate import App, JobContext, RetryDecision
    from procrastinate.jobs import Job as Queued
    from procrastinate.worker import Worker

QUEUE, TASK = "jobs", "run"
LONGEST_PAUSE_S = 3_600.0
_BUSY_S = 5.0
_MISSED = 4
"""Times that a worker has not been heard of, one after the other: one that was only held up is heard of again."""
_FORGOTTEN_S = 7 * 86_400.0
"""After its lease a worker may still live, held up or on a machine that slept: it is known much longer than that."""
_LOG = logging.getLogger("rightshift.jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """
    How often a worker says that it lives, when it is given up, and how often it looks without being told.

    `lease_s` must be several times `beat_s`.
    """

    lease_s: float = 60.0
    beat_s: float = 15.0
    look_s: float = 15.0
    at_once: int = 2


class Again(Exception):
    """The run is not over: it is to begin again at that time."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at


@asynccontextmanager
async def working(around: Surroundings, jobs: Mapping[str, Job], pace: Pace) -> AsyncIterator["Worker"]:
    """A worker of the queue: `run()` works until `stop()`. Runs that are under way then go back to the queue."""
    from procrastinate import App, PsycopgConnector
    from procrastinate.jobs import DeleteJobCondition
    from procrastinate.worker import Worker

    app = App(connector=PsycopgConnector())
    _register(app, around, jobs, pace)
    async with app.open_async(around.pool):
        yield Worker(
            app,
            queues=[QUEUE],
            name="worker",
            concurrency=pace.at_once,
            fetch_job_polling_interval=pace.look_s,
            abort_job_polling_interval=pace.look_s,
            shutdown_graceful_timeout=0.05,
            delete_jobs=DeleteJobCondition.ALWAYS,  # what is worth keeping stands in job_run
            install_signal_handlers=False,
            update_heartbeat_interval=pace.beat_s,
            stalled_worker_timeout=_FORGOTTEN_S,
        )


def _register(app: "App", around: Surroundings, jobs: Mapping[str, Job], pace: Pace) -> None:
    from procrastinate import BaseRetryStrategy, RetryDecision

    class AsSaid(BaseRetryStrategy):
        def get_retry_decision(self, *, exception: BaseException, job: "Queued") -> "RetryDecision | None":
            del job
            return RetryDecision(retry_at=exception.at) if isinstance(exception, Again) else None

    @app.task(name=TASK, queue=QUEUE, pass_context=True, retry=AsSaid())
    async def run(context: "JobContext", *, run: str) -> None:
        try:
            await once(UUID(run), around, jobs, pace)
        except asyncio.CancelledError:
            from procrastinate.exceptions import JobAborted
            from procrastinate.job_context import AbortReason

            if context.abort_reason() is AbortReason.USER_REQUEST:
                raise JobAborted from None
            raise Again(around.clock()) from None


async def once(id: UUID, around: Surroundings, jobs: Mapping[str, Job], pace: Pace) -> None:
    """
    One attempt, if there is still something to do.

    Raises: Again; asyncio.CancelledError, and then the run is cancelled if somebody wished that, else it waits.
    """
    session: Connection = await psycopg.AsyncConnection.connect(
        around.url, autocommit=True, application_name="rightshift job"
    )
    async with session:
        stands = await progress.look(session, id)
        if stands is None:
            return
        if not await progress.take(session, stands.lock or str(id)):
            # somebody who was given up still works under it; that ends when they notice
            raise Again(around.clock() + timedelta(seconds=_BUSY_S))
        begun = await progress.begin(session, id, around.clock())
        if begun is None:
            await progress.end(session, id, "cancelled", around.clock())
            return
        await _attempt(id, begun, around, jobs, pace, session)


async def _attempt(
    id: UUID, begun: Begun, around: Surroundings, jobs: Mapping[str, Job], pace: Pace, session: Connection
) -> None:
    job = jobs.get(begun.name)
    if job is None:
        await progress.end(session, id, "failed", around.clock(), error="This version has no such job")
        return
    running = Running(
        id=id,
        arguments=begun.arguments,
        wished_by=begun.wished_by,
        created=begun.created,
        attempt=begun.attempt,
        around=around,
        session=session,
    )
    try:
        result = await _within(job, running, pace)
    except asyncio.CancelledError:
        await asyncio.shield(_cancelled(id, around))
        raise
    except (RightshiftError, psycopg.Error, OSError, TimeoutError) as error:
        await _failed(running, job, error)
    except Exception as error:  # noqa: BLE001  # written down for people, and the next run is not its fault
        _LOG.exception("a job ended by a mistake of this program", extra={"job": job.name, "run": str(id)})
        await _failed(running, job, error)
    else:
        said = msgspec.json.encode(dict(result)).decode()
        await progress.end(session, id, "done", around.clock(), result=said)


async def _within(job: Job, running: Running, pace: Pace) -> Result:
    """Its result, as long as the session holds and the time is not over. Raises: TimeoutError; psycopg.Error."""
    work = asyncio.ensure_future(job.run(running))
    watch = asyncio.create_task(_held(running.session, pace.beat_s))
    try:
        await asyncio.wait({work, watch}, timeout=job.timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        if watch.done():
            watch.result()
        raise TimeoutError(f"It took longer than {job.timeout_s:.0f} s")
    finally:
        for task in (work, watch):
            task.cancel()
        await asyncio.wait({work, watch})


async def _held(session: Connection, beat_s: float) -> None:
    """Until the session that holds the lock is lost. Raises: psycopg.Error."""
    while True:
        await asyncio.sleep(beat_s)
        await session.execute("SELECT 1")


async def _cancelled(id: UUID, around: Surroundings) -> None:
    async with around.pool.connection() as connection:
        stands = await progress.look(connection, id)
        if stands and stands.cancel:
            await progress.end(connection, id, "cancelled", around.clock())
        else:
            await progress.wait(connection, id, "")


async def _failed(running: Running, job: Job, error: Exception) -> None:
    """Writes down why, and raises Again if there is another attempt to come."""
    around, now = running.around, running.around.clock()
    what = _said(error)
    stays = isinstance(error, RightshiftError) and not child.may_do_better(error)
    final = stays or running.attempt >= job.attempts
    async with around.pool.connection() as connection:
        await progress.log(connection, running.id, [f"attempt {running.attempt}: {what}"], now)
        if final:
            await progress.end(connection, running.id, "failed", now, error=what)
            return
        await progress.wait(connection, running.id, what)
    pause_s = min(job.pause_s * 2 ** (running.attempt - 1), LONGEST_PAUSE_S)
    raise Again(now + timedelta(seconds=pause_s * random.uniform(0.5, 1.5)))  # noqa: S311


def _said(error: Exception) -> str:
    if isinstance(error, RightshiftError | TimeoutError):
        return str(error)
    if isinstance(error, psycopg.errors.DiskFull) or (isinstance(error, OSError) and error.errno == errno.ENOSPC):
        return "There is no space left on the disk"
    if isinstance(error, psycopg.Error):
        return f"The database was lost, or refused: {type(error).__name__}"
    return f"It ended by {type(error).__name__}"


async def returned(around: Surroundings, jobs: Mapping[str, Job], pace: Pace) -> int:
    """Gives back what workers ran that are gone; how many. What has ended them too often is given up."""
    lease = timedelta(seconds=pace.lease_s)
    async with around.pool.connection() as connection, connection.transaction():
        dead = await progress.dead(connection, lease)
        for one in dead:
            await _return(connection, one, jobs, around.clock())
    return len(dead)


async def _return(connection: Connection, dead: Dead, jobs: Mapping[str, Job], now: datetime) -> None:
    job = jobs.get(dead.name or "")
    if dead.run is None or dead.cancel or dead.state not in ("waiting", "running"):
        await progress.give_up(connection, dead.job)
        if dead.run is not None:
            await progress.end(connection, dead.run, "cancelled", now)
    elif job is not None and dead.attempt >= job.attempts:
        await progress.give_up(connection, dead.job)
        what = f"The worker ended in each of {dead.attempt} attempts"
        await progress.end(connection, dead.run, "failed", now, error=what)
    else:
        await progress.log(connection, dead.run, ["the worker ended; it begins again"], now)
        await progress.wait(connection, dead.run, "")
        await progress.give_back(connection, dead.job)


async def heard(around: Surroundings, worker: "Worker", pace: Pace) -> None:
    """
    Until the queue has not heard of this worker for longer than its lease although the database answers.

    Its parts that say so and listen end without a word when the database was lost; what it did from then on would be
    taken for that of a dead one. Raises: RightshiftError.
    """
    missed = 0
    while missed < _MISSED:
        await asyncio.sleep(pace.beat_s)
        if worker.worker_id is None:
            continue
        with suppress(psycopg.OperationalError):
            async with around.pool.connection() as connection:
                lately = await progress.heard(connection, worker.worker_id, timedelta(seconds=pace.lease_s))
            missed = 0 if lately else missed + 1
    raise RightshiftError("The queue does not hear of this worker any more", means="The database was lost meanwhile")


async def returning(around: Surroundings, jobs: Mapping[str, Job], pace: Pace) -> None:
    """`returned`, again and again, until it is cancelled."""
    while True:
        with suppress(psycopg.OperationalError):  # the next look comes soon
            if count := await returned(around, jobs, pace):
                _LOG.warning("jobs of workers that are gone were given back", extra={"jobs": count})
        await asyncio.sleep(pace.lease_s / 2)
