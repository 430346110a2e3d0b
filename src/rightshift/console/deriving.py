"""The process that derives: `derive/loop` on a connection of its own. Jobs: `worker.py`."""

import asyncio
import logging
import signal
import sys
from datetime import UTC, datetime

from rightshift import config
from rightshift.console import kept, logs
from rightshift.console.derive.loop import Deriving
from rightshift.console.store import pool as pools
from rightshift.errors import FeedError

CONNECTIONS = 2
"""One for all that is written, with the lock; one to fetch a feed through, where others built it."""
_LOG = logging.getLogger("rightshift.derive")


async def derive(settings: config.Config, stopping: asyncio.Event) -> None:
    """Until the stop."""
    async with pools.opened(settings.database_url, most=CONNECTIONS, name="deriving") as pool:

        async def catch_up() -> None:
            from rightshift.console.jobs import feed_files

            try:
                await feed_files.fetch(pool, settings.feed)
            except FeedError as error:
                _LOG.error("the feed could not be fetched", extra={"error": str(error)})

        await Deriving(pool, settings.feed, lambda: datetime.now(UTC), stopping, catch_up).run()


def main() -> int:
    """Derives until it is told to stop."""
    settings = config.of_process()
    logs.begin("deriving", debug=settings.debug)

    async def run() -> None:
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        await derive(settings, stopping)

    asyncio.run(run())
    return 0


if __name__ == "__main__":
    kept.rest(sys.argv[1:])
    sys.exit(main())
