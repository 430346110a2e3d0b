"""What of the data is old, waits or went wrong. Whether a process is alive: `api/health`."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from rightshift.console.store.pool import Connection
from rightshift.console.store.read.answers import all_of, one_of
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)

SILENT_AFTER = timedelta(minutes=5)
"""Reporters tell every 10 seconds; less than this is a restart."""
FAILED_WITHIN = timedelta(days=7)


class Totals(Struct, frozen=True, kw_only=True):
    """How much there is in scope; findings by band, whatever their state."""

    assets: int
    units: int
    holders: int
    inventories: int
    now: int
    soon: int
    plan: int
    routine: int


class Conclusions(Struct, frozen=True, kw_only=True):
    """How far what is concluded is behind what is known."""

    generation: Annotated[int, Meta(description="Of the feed by which all was matched; -1 for none yet")]
    at: datetime | None
    waiting: Annotated[int, Meta(description="Facts that wait to be worked on")]
    unmatched: Annotated[int, Meta(description="Package versions that were never matched")]
    aside: Annotated[int, Meta(description="Things of which nothing could be concluded; see `aside`")]


class Silent(Struct, frozen=True, kw_only=True):
    """A reporter that has not told anything for a while."""

    key: str
    kind: str
    name: str
    seen: datetime | None
    dropped: Annotated[int, Meta(description="Documents and items that it threw away, in all")]
    gaps: int


class Aside(Struct, frozen=True, kw_only=True):
    """Something of which nothing could be concluded in three tries. It is tried again each hour."""

    what: Annotated[str, Meta(description="asset, scan, package_version, inventory or wishes")]
    name: Annotated[str, Meta(description="`KIND:KEY` of an asset, or the purl of a package")]
    reason: str
    at: datetime


class Failed(Struct, frozen=True, kw_only=True):
    """A job that failed and has not gone well since."""

    id: UUID
    name: str
    error: str
    ended: datetime


async def totals(connection: Connection, scope: Scope) -> Totals:
    """What there is."""
    found = await one_of(connection, Totals, _ASK["totals"], {"teams": scope.parameter})
    if found is None:
        raise LookupError("a sum without a row")
    return found


async def conclusions(connection: Connection) -> Conclusions:
    """The same for everybody: it tells nothing of any asset."""
    found = await one_of(connection, Conclusions, _ASK["conclusions"], {})
    if found is None:
        raise LookupError("the first migration writes this row")
    return found


async def silent(connection: Connection, scope: Scope, now: datetime) -> list[Silent]:
    """The longest silent first, at most 100."""
    return await all_of(connection, Silent, _ASK["silent"], {"teams": scope.parameter, "before": now - SILENT_AFTER})


async def aside(connection: Connection, scope: Scope) -> list[Aside]:
    """For whoever sees everything: of a thing that nothing was concluded of no team is known. At most 100."""
    return await all_of(connection, Aside, _ASK["aside"], {"teams": scope.parameter})


async def failed(connection: Connection, scope: Scope, now: datetime) -> list[Failed]:
    """Of the last days, the newest first, at most 100."""
    values = {"teams": scope.parameter, "since": now - FAILED_WITHIN}
    return await all_of(connection, Failed, _ASK["failed"], values)
