"""The process that derives: `derive/loop` on a connection of its own. Jobs: `worker.py`."""

import asyncio
import signal
import sys
from datetime import UTC, datetime

from rightshift import config
from rightshift.console import logs
from rightshift.console.derive.loop import Deriving
from rightshift.console.store import pool as pools


def main() -> int:
    """Derives until it is told to stop."""
    settings = config.of_process()
    logs.begin("deriving", debug=settings.debug)

    async def run() -> None:
        async with pools.opened(settings.database_url, most=1, name="deriving") as pool:
            deriving = Deriving(pool, settings.feed, lambda: datetime.now(UTC))
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, deriving.stopping.set)
            await deriving.run()

    asyncio.run(run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
