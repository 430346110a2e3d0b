"""When something is to be done, as people wish it. Reading: `read/schedules`; starting it: `jobs/due`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rightshift.console.store.pool import Connection
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A job and its times. `source` is what scan_source scans, None for others."""

    name: str
    job: str
    source: UUID | None
    cron: str
    zone: str
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A schedule that nobody else changes until the transaction ends."""

    version: int
    wanted: Wanted


async def add(
    connection: Connection, wanted: Wanted, scope: Scope, by: str, now: datetime, following: datetime
) -> UUID | None:
    """A new schedule of that scope; None where it has one of that name. `following` is when it is due first."""
    values = {**_values(wanted), "teams": scope.parameter, "by": by, "now": now, "next": following}
    row = await (await connection.execute(_ASK["add"], values)).fetchone()
    await _tell(connection)
    return row[0] if row else None


async def held(connection: Connection, scope: Scope, id: UUID) -> Held | None:
    """As it stands; None where the scope has none such."""
    row = await (await connection.execute(_ASK["held"], {"id": id, "teams": scope.parameter})).fetchone()
    if row is None:
        return None
    wanted = Wanted(name=row[1], job=row[2], source=row[3], cron=row[4], zone=row[5], enabled=row[6])
    return Held(version=row[0], wanted=wanted)


async def change(connection: Connection, id: UUID, wanted: Wanted, following: datetime) -> int | None:
    """The new version; None where another one has that name. Its job stays; `following` counts where times changed."""
    values = {**_values(wanted), "id": id, "next": following}
    row = await (await connection.execute(_ASK["change"], values)).fetchone()
    await _tell(connection)
    return row[0] if row else None


async def remove(connection: Connection, id: UUID) -> None:
    """What it started goes on."""
    await connection.execute(_ASK["remove"], {"id": id})


async def _tell(connection: Connection) -> None:
    await connection.execute(_ASK["tell"])


def _values(wanted: Wanted) -> dict[str, object]:
    return {name: getattr(wanted, name) for name in Wanted.__slots__}
