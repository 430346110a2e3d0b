"""Whose turn it is to derive: one process at a time, over all machines."""

from rightshift.console.store.pool import Connection

_LOCK = 0x72_73_64_65_72
"""Of PostgreSQL's advisory locks; it goes when its session ends, however that ends."""
DIRTY, FEED = "dirty", "feed"


async def take(connection: Connection) -> bool:
    """Whether this session has the turn now."""
    row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))).fetchone()
    return bool(row and row[0])


async def leave(connection: Connection) -> None:
    """Lets another one."""
    await connection.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))
    await connection.execute("UNLISTEN *")


async def listen(connection: Connection) -> None:
    """
    To whoever marks something or has a newer feed; and statements may take their time from now on.

    A machine that went without a word is noticed after half a minute, not after hours, so that another takes over.
    """
    for channel in (DIRTY, FEED):
        await connection.execute(f"LISTEN {channel}")
    for setting in ("statement_timeout = '10min'", "tcp_keepalives_idle = 15", "tcp_keepalives_interval = 5"):
        await connection.execute(f"SET {setting}")
    await connection.execute("SET tcp_keepalives_count = 3")
