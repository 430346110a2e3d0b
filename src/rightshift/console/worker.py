"""The process that runs jobs: the queue, schedules, and what workers that are gone left behind. The jobs: `jobs/`."""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from rightshift import config
from rightshift.console import kept, logs
from rightshift.console.jobs import due, feed_files, queue, update_feed
from rightshift.console.jobs.job import Job, Surroundings, declared
from rightshift.console.jobs.queue import Pace
from rightshift.console.store import pool as pools
from rightshift.errors import RightshiftError

CONNECTIONS = 4
EMBEDDED, LOOK = "--embedded", "--look"
"""Words of `up`: the database is this console's own, and its own machine is to be scanned."""
_LOG = logging.getLogger("rightshift.worker")


async def work(around: Surroundings, stopping: asyncio.Event, jobs: Mapping[str, Job], pace: Pace) -> None:
    """
    Runs these jobs until the stop; then those that are under way go back to the queue.

    Raises: whatever ends one of its parts; whoever started the process starts it again.
    """
    async with queue.working(around, jobs, pace) as worker:
        parts: list[Coroutine[Any, Any, None]] = [
            worker.run(),  # type: ignore[no-untyped-call]
            due.keep(around.pool, around.url, around.clock),
            queue.returning(around, jobs, pace),
            queue.heard(around, worker, pace),
        ]
        if not around.embedded:
            parts.append(feed_files.follow(around.pool, around.url, around.config.feed))
        tasks = [asyncio.create_task(part) for part in parts]
        stop = asyncio.create_task(stopping.wait())
        gc.collect()
        gc.freeze()
        try:
            done, _ = await asyncio.wait({stop, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stop}:
                await task
            if not stop.done():
                raise RightshiftError("The queue can't be worked on any more", means="The database may have gone away")
        finally:
            worker.stop()  # type: ignore[no-untyped-call]
            for task in (*tasks[1:], stop):
                task.cancel()
            await asyncio.gather(*tasks, stop, return_exceptions=True)


async def begin(around: Surroundings, *, look: bool) -> None:
    """What a new console begins with, and a feed."""
    async with around.pool.connection() as connection:
        await due.begin(connection, around.clock(), offline=around.config.offline, look=look)
    try:
        if around.embedded or not await feed_files.fetch(around.pool, around.config.feed):
            await update_feed.begin(around.config)
    except RightshiftError as error:  # the rest works without it, and the next update mends it
        _LOG.error("there is no feed", extra={"error": str(error)})


async def run(settings: config.Config, words: Collection[str], clock: Callable[[], datetime], pace: Pace) -> None:
    """Until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with pools.opened(settings.database_url, most=CONNECTIONS, name="worker") as pool:
        around = Surroundings(
            pool=pool, url=settings.database_url, config=settings, clock=clock, embedded=EMBEDDED in words
        )
        await begin(around, look=LOOK in words)
        await work(around, stopping, declared(), pace)


def main(words: Collection[str]) -> int:
    """The process, with what its environment and `up` say."""
    settings = config.of_process()
    logs.begin("worker", debug=settings.debug)
    pace = Pace()
    with suppress(KeyboardInterrupt):
        asyncio.run(run(settings, words, lambda: datetime.now(UTC), pace))
    return 0


if __name__ == "__main__":
    sys.exit(main(kept.rest(sys.argv[1:])))
