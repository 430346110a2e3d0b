"""What administrators set for everybody, as JSON by name. Start-up values of a process: `config`."""

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


async def one(connection: Connection, name: str) -> tuple[bytes, int] | None:
    """Its JSON and version; None as long as nobody set it."""
    row = await (await connection.execute(_ASK["one"], {"name": name})).fetchone()
    return (row[0].encode(), int(row[1])) if row else None


async def put(connection: Connection, name: str, version: int, value: bytes) -> int | None:
    """The new version; None when it is another by now. One that nobody set has version 0."""
    question = "change" if version else "add"
    values = {"name": name, "version": version, "value": value.decode()}
    row = await (await connection.execute(_ASK[question], values)).fetchone()
    return int(row[0]) if row else None
