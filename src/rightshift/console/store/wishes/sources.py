"""What is to be scanned, as people wish it. Reading: `read/sources`; scanning it: `jobs/scan_source`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rightshift.console.store.pool import Connection
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be scanned. `trusted`: whoever wrote the reference may have this machine's files read."""

    name: str
    reference: str
    ecosystems: Sequence[str]
    trusted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A source that nobody else changes until the transaction ends."""

    version: int
    wanted: Wanted
    teams: list[UUID] | None


async def add(connection: Connection, wanted: Wanted, scope: Scope, by: str, now: datetime) -> UUID | None:
    """A new source of that scope; None where it has one of that name."""
    values = {**_values(wanted), "teams": scope.parameter, "by": by, "now": now}
    row = await (await connection.execute(_ASK["add"], values)).fetchone()
    return row[0] if row else None


async def held(connection: Connection, scope: Scope, id: UUID) -> Held | None:
    """As it stands; None where the scope has none such."""
    row = await (await connection.execute(_ASK["held"], {"id": id, "teams": scope.parameter})).fetchone()
    if row is None:
        return None
    wanted = Wanted(name=row[1], reference=row[2], ecosystems=row[3], trusted=row[4])
    return Held(version=row[0], wanted=wanted, teams=row[5])


async def change(connection: Connection, id: UUID, wanted: Wanted) -> int | None:
    """The new version; None where another one has that name."""
    row = await (await connection.execute(_ASK["change"], {**_values(wanted), "id": id})).fetchone()
    return row[0] if row else None


async def remove(connection: Connection, id: UUID) -> None:
    """With its schedules. What was scanned stays."""
    await connection.execute(_ASK["remove"], {"id": id})


def _values(wanted: Wanted) -> dict[str, object]:
    return {
        "name": wanted.name,
        "reference": wanted.reference,
        "ecosystems": list(wanted.ecosystems),
        "trusted": wanted.trusted,
    }
