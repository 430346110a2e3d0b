"""The connections of one process to the database."""

import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

Connection = AsyncConnection[TupleRow]
Pool = AsyncConnectionPool[Connection]

STATEMENT_S = 30
"""What a question may take before the database ends it; long work sets its own."""

_NEVER = 1 << 30
"""Questions are planned each time, for what is asked; but for those that say themselves that one plan is enough."""


async def _configure(connection: AsyncConnection[Any]) -> None:
    await connection.set_autocommit(True)
    await connection.execute("SET TIME ZONE 'UTC'")
    await connection.execute(f"SET statement_timeout = '{STATEMENT_S}s'")
    await connection.execute("SET jit = off")
    await connection.execute("SET plan_cache_mode = auto")
    # a transaction that was begun and forgotten by a process that hangs holds nothing up for ever
    await connection.execute("SET idle_in_transaction_session_timeout = '60s'")


async def _check(connection: AsyncConnection[Any]) -> None:
    """
    Asks the database only where the socket says that something came meanwhile, as when the server ended: to ask before
    each use took as long as many an answer.
    """
    watch = select.poll()
    watch.register(connection.fileno(), select.POLLIN)
    if connection.closed or watch.poll(0):
        await AsyncConnectionPool.check_connection(connection)


@asynccontextmanager
async def opened(url: str, *, most: int, name: str) -> AsyncIterator[Pool]:
    """
    Up to `most` connections in autocommit mode: a change of more than one statement opens `connection.transaction()`.

    `name` is what the database's own lists show. Raises: psycopg_pool.PoolTimeout when it can't be reached in 10 s.
    """
    pool: Pool = AsyncConnectionPool(
        url,
        min_size=0,  # a connection that worked holds several MB in the database: nobody keeps one for later
        max_size=most,
        timeout=10,
        max_idle=60,
        reconnect_timeout=2,  # who waits then tries at once; the default tries ever more seldom, for minutes
        open=False,
        configure=_configure,
        check=_check,
        kwargs={"application_name": f"rightshift {name}", "prepare_threshold": _NEVER},
    )
    try:
        await pool.open()
        async with pool.connection():
            pass
        yield pool
    finally:
        await pool.close()
