"""Everything that happened, the newest first. For those who watch: `happened.py`; of one finding: `finding.py`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from rightshift.console.store.events import KINDS
from rightshift.console.store.pool import Connection
from rightshift.console.store.read.answers import all_of
from rightshift.console.store.read.finding_filter import spellings
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


class Event(Struct, frozen=True, kw_only=True):
    """Something that happened to an asset, or to a match and so to all that hold the package."""

    id: int
    at: datetime
    kind: Annotated[str, Meta(description="; ".join(f"`{kind}`: {what}" for kind, what in KINDS.items()))]
    asset: UUID | None
    asset_kind: str | None
    asset_name: str | None
    purl: str | None
    advisory: str | None
    detail: dict[str, object]


async def page(
    connection: Connection,
    scope: Scope,
    *,
    kinds: tuple[str, ...] = (),
    asset: UUID | None = None,
    advisory: str | None = None,
    since: datetime | None = None,
    limit: int,
    before: int | None = None,
    later_than: int | None = None,
) -> list[Event]:
    """Up to `limit` events, the newest first, between those two numbers; `advisory` is any of its names."""
    values = {
        "teams": scope.parameter,
        "kinds": list(kinds) or None,
        "asset": asset,
        "advisories": spellings([advisory]) if advisory else None,
        "since": since,
        "before": before,
        "later_than": later_than,
        "limit": limit,
    }
    return await all_of(connection, Event, _ASK["page"], values)
