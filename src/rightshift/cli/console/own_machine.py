"""Break-glass: the console's database, reached by whoever owns its home, without signing in. All else is the API."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from rightshift.errors import RightshiftError, UsageError

if TYPE_CHECKING:
    from rightshift.config import Config
    from rightshift.console.store.pool import Connection

T = TypeVar("T")


def done(config: "Config", work: "Callable[[Connection, str, datetime], Awaitable[T]]") -> T:
    """
    What `work` returns, given a connection, who does it (a user of this machine) and the time.

    The embedded server is started for it when the console does not run. Raises: UsageError where the console is not
    installed; PostgresError; RightshiftError when the database can't do it.
    """
    try:
        import psycopg

        from rightshift.console.postgres import access
        from rightshift.console.store.pool import opened
    except ModuleNotFoundError as error:
        what = f"The console is not installed: there is no module {error.name}"
        raise UsageError(what, do="pip install 'rightshift[console]'") from error

    async def worked(url: str) -> T:
        async with opened(url, most=1, name="shell") as pool, pool.connection() as connection:
            return await work(connection, _who(), datetime.now(UTC))

    with ExitStack() as held:
        url = config.database_url or held.enter_context(access.reached(config.home, config.postgres))
        try:
            return asyncio.run(worked(url))
        except psycopg.errors.UndefinedTable as error:
            what = "The database is older than this program"
            raise RightshiftError(what, do="Start the console once: rightshift up") from error
        except psycopg.Error as error:
            raise RightshiftError(f"The database did not do it: {type(error).__name__}") from error


def _who() -> str:
    """The user of this machine, for the audit log; behind `sudo` too it is who the system knows."""
    import os
    import pwd

    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
