"""When what is to be done. What was done: `runs`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from rightshift.console.store.pool import Connection
from rightshift.console.store.read.answers import all_of
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


class Schedule(Struct, frozen=True, kw_only=True):
    """A job and its times."""

    id: UUID
    name: str
    job: str
    source: Annotated[UUID | None, Meta(description="What it scans")]
    cron: Annotated[str, Meta(description="Minute, hour, day of month, month, day of week")]
    zone: Annotated[str, Meta(description="Name of a time zone, as Europe/Berlin")]
    enabled: bool
    next_run: datetime | None
    last_run: datetime | None
    version: Annotated[int, Meta(description="Grows with each change; the ETag")]
    created: datetime
    created_by: str


async def page(connection: Connection, scope: Scope, *, limit: int, after: tuple[str, UUID] | None) -> list[Schedule]:
    """By name, behind a place."""
    name, last = after or (None, None)
    values = {"teams": scope.parameter, "id": None, "name": name, "last": last, "limit": limit}
    return await all_of(connection, Schedule, _ASK["page"], values)


async def one(connection: Connection, scope: Scope, id: UUID) -> Schedule | None:
    """None where the scope has none such."""
    values = {"teams": scope.parameter, "id": id, "name": None, "last": None, "limit": 1}
    found = await all_of(connection, Schedule, _ASK["page"], values)
    return found[0] if found else None
