"""Scans that were taken: of what, when, by whom, and what they could not read. What they found: `packages.py`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from rightshift.console.store.pool import Connection
from rightshift.console.store.read.answers import all_of, one_of
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


class Scan(Struct, frozen=True, kw_only=True):
    """A scan document as it was taken."""

    number: Annotated[int, Meta(description="In the order in which they were taken")]
    id: Annotated[str, Meta(description="The document's own")]
    received: datetime
    made: datetime
    format: str
    subject: Annotated[str, Meta(description="`KIND:KEY` of what was scanned")]
    asset: UUID | None
    name: Annotated[str, Meta(description="As it was asked for")]
    inventory: str
    packages: int
    partial: bool
    tool: str
    tool_version: str
    catalogue: str
    sent_by: str
    gaps: Annotated[int, Meta(description="How many things could not be read")]


class More(Struct, frozen=True, kw_only=True):
    """What is read of one scan only."""

    distro: object
    layers: list[object]
    gaps: list[object]
    covered_elsewhere: list[object]
    notes: list[object]


async def page(
    connection: Connection,
    scope: Scope,
    *,
    asset: UUID | None = None,
    inventory: str | None = None,
    partial: bool | None = None,
    since: datetime | None = None,
    limit: int,
    before: int | None = None,
) -> list[Scan]:
    """Up to `limit` scans, the newest first, before that number; `inventory` is a digest in hexadecimal."""
    values = {"asset": asset, "inventory": inventory, "partial": partial, "since": since, "before": before}
    return await all_of(connection, Scan, _ASK["page"], _scope(scope) | values | {"id": None, "limit": limit})


async def one(connection: Connection, scope: Scope, id: str) -> tuple[Scan, More] | None:
    """A scan by its document's id; None where there is none in scope."""
    nothing = dict.fromkeys(("asset", "inventory", "partial", "since", "before"))
    found = await one_of(connection, Scan, _ASK["page"], _scope(scope) | nothing | {"id": id, "limit": 1})
    more = await one_of(connection, More, _ASK["one"], {"id": id}) if found else None
    return (found, more) if found and more else None


def _scope(scope: Scope) -> dict[str, object]:
    return {"teams": scope.parameter}
