"""Sensors and what they prove themselves with: renamed, renewed, revoked. Only `auth` writes here."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


@dataclass(frozen=True, slots=True)
class Credential:
    """What a sensor showed. `reporter` is its number, `key` how it is named."""

    name: str
    reporter: int
    key: str
    permissions: tuple[str, ...]


async def credential(connection: Connection, id: UUID, now: datetime) -> Credential | None:
    """One that holds; within a transaction, to the end of which nobody else renews it."""
    row = await (await connection.execute(_ASK["credential"], {"id": id, "now": now})).fetchone()
    return Credential(row[0], row[1], row[2], tuple(row[3])) if row else None


async def withdraw_unused(connection: Connection, id: UUID, now: datetime) -> bool:
    """Revokes what took its place and was never shown; false where one of those was shown: then that one is it."""
    await connection.execute(_ASK["withdraw_unused"], {"id": id, "now": now})
    row = await (await connection.execute(_ASK["succeeded"], {"id": id})).fetchone()
    return not (row and row[0])


async def succeed(connection: Connection, before: UUID, after: UUID, until: datetime) -> None:
    """The second takes the place of the first, which holds until then at the longest."""
    await connection.execute(_ASK["succeed"], {"before": before, "after": after, "until": until})


async def rename(connection: Connection, key: str, version: int, name: str) -> bool:
    """False where it is another version by now, or gone."""
    values = {"key": key, "version": version, "name": name}
    return (await connection.execute(_ASK["rename"], values)).rowcount > 0


async def revoke(connection: Connection, key: str, now: datetime) -> int:
    """Ends all of its credentials; how many held."""
    return (await connection.execute(_ASK["revoke"], {"key": key, "now": now})).rowcount
