"""What is to be done now, as people wish it, and what is to end. Reading: `read/runs`; running: `jobs/queue`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rightshift.console.store.pool import Connection
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run of a job. Of those with the same `lock` one waits at most. `arguments` are JSON."""

    name: str
    arguments: str
    lock: str
    source: UUID | None = None


@dataclass(frozen=True, slots=True)
class Wished:
    """The run that will do it; not `new` where one waited already."""

    id: UUID
    new: bool


async def add(connection: Connection, run: NewRun, scope: Scope, by: str, now: datetime) -> Wished:
    """Within the transaction that is open: workers hear of it when that ends."""
    values = {
        "name": run.name,
        "arguments": run.arguments,
        "lock": run.lock,
        "source": run.source,
        "teams": scope.parameter,
        "by": by,
        "now": now,
    }
    while True:
        row = await (await connection.execute(_ASK["add"], values)).fetchone()
        if row is not None:
            await connection.execute(_ASK["tell"])
            return Wished(row[0], new=True)
        row = await (await connection.execute(_ASK["waiting"], {"lock": run.lock})).fetchone()
        if row is not None:  # else it began meanwhile, and the next may wait
            return Wished(row[0], new=False)


async def cancel(connection: Connection, scope: Scope, id: UUID, now: datetime) -> str | None:
    """The job's name; None where the scope has no such run that waits or runs and is not to end already."""
    values = {"id": id, "teams": scope.parameter, "now": now}
    row = await (await connection.execute(_ASK["cancel"], values)).fetchone()
    if row is None:
        return None
    if row[1] is not None:
        await connection.execute(_ASK["abort"], {"job": row[1]})
    return str(row[0])
