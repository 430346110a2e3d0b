"""What is to be scanned, and how the last scan went."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from rightshift.console.store.pool import Connection
from rightshift.console.store.read.answers import all_of
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


class Source(Struct, frozen=True, kw_only=True):
    """Something that is scanned when it is asked for, or by schedules."""

    id: UUID
    name: str
    reference: Annotated[str, Meta(description="As `rightshift scan` takes it")]
    ecosystems: Annotated[list[str], Meta(description="Only these; all when empty")]
    version: Annotated[int, Meta(description="Grows with each change; the ETag")]
    created: datetime
    created_by: str
    last_run: Annotated[UUID | None, Meta(description="The newest job that scanned it, or is to")]
    last_state: str | None
    last_ended: datetime | None


async def page(connection: Connection, scope: Scope, *, limit: int, after: tuple[str, UUID] | None) -> list[Source]:
    """By name, behind a place."""
    name, last = after or (None, None)
    values = {"teams": scope.parameter, "id": None, "name": name, "last": last, "limit": limit}
    return await all_of(connection, Source, _ASK["page"], values)


async def one(connection: Connection, scope: Scope, id: UUID) -> Source | None:
    """None where the scope has none such."""
    values = {"teams": scope.parameter, "id": id, "name": None, "last": None, "limit": 1}
    found = await all_of(connection, Source, _ASK["page"], values)
    return found[0] if found else None
