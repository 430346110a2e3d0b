"""Word from the database: waiting for it, and doing something again whenever there was one."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import psycopg

from rightshift.console.store.pool import Connection

AGAIN_S = 2.0
"""Until a lost connection is made again."""
_LOG = logging.getLogger("rightshift.listening")


async def keep(url: str, channel: str, name: str, turn: Callable[[], Awaitable[float]]) -> None:
    """
    Takes a turn at once, at each word on the channel, and at the latest after as many seconds as the last one gave.

    Until it is cancelled: a lost connection is made again. `name` is what the database's own lists show.
    """
    while True:
        try:
            async with await _opened(url, name) as connection:
                await connection.execute(f"LISTEN {channel}")
                while True:
                    await word(connection, await turn())
        except (OSError, psycopg.Error) as error:
            _LOG.warning("word can't be listened to", extra={"of": channel, "error": type(error).__name__})
        await asyncio.sleep(AGAIN_S)


async def word(connection: Connection, timeout_s: float, *events: asyncio.Event) -> frozenset[str]:
    """
    The channels on which there was word; none when the time is over, or when an event is set before.

    The socket is watched here: the driver itself would wake the process ten times a second.
    Raises: psycopg.OperationalError when the connection was lost.
    """
    if heard := await _heard(connection):
        return heard
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(connection.fileno(), readable.set)
    tasks = {asyncio.ensure_future(event.wait()) for event in (readable, *events)}
    try:
        await asyncio.wait(tasks, timeout=timeout_s, return_when="FIRST_COMPLETED")
    finally:
        loop.remove_reader(connection.fileno())
        for task in tasks:
            task.cancel()
    return await _heard(connection)


async def _opened(url: str, name: str) -> Connection:
    return await psycopg.AsyncConnection.connect(url, autocommit=True, application_name=f"rightshift {name}")


async def _heard(connection: Connection) -> frozenset[str]:
    return frozenset([one.channel async for one in connection.notifies(timeout=0)])
