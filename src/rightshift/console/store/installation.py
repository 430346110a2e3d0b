"""What a console knows of itself: by which keys its secrets are sealed. Its schema: `migrate`."""

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


async def vault(connection: Connection) -> bytes | None:
    """Something sealed that the right keys open; None as long as there were none."""
    row = await (await connection.execute(_ASK["vault"])).fetchone()
    return bytes(row[0]) if row and row[0] is not None else None


async def put_vault(connection: Connection, sealed: bytes) -> None:
    """From now on these keys are the right ones."""
    await connection.execute(_ASK["put_vault"], {"sealed": sealed})
