"""What happened since, for those who watch. The history of one thing is read where that thing is."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from rightshift.console.store.pool import Connection
from rightshift.console.store.read import history
from rightshift.console.store.read.answers import all_of, one_of
from rightshift.console.store.read.history import Event
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
FAR = 100_000
"""Events, of whomever, after which nobody looks for the few that were missed."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event, the teams that may know of it, and all names of its advisory."""

    event: Event
    teams: frozenset[UUID]
    advisories: frozenset[str]


class _Ends(NamedTuple):
    oldest: int
    newest: int


class _Row(Event, frozen=True, kw_only=True):
    teams: list[UUID]
    aliases: list[str]


async def newest(connection: Connection) -> int:
    """The number of the last event; 0 where there is none."""
    return (await _ends(connection)).newest


async def since(connection: Connection, last: int, limit: int) -> list[Happened]:
    """Events after a number, in order, of all scopes: whoever passes them on looks at their teams."""
    found = await all_of(connection, _Row, _ASK["since"], {"last": last, "limit": limit})
    return [_happened(row) for row in found]


async def missed(
    connection: Connection,
    scope: Scope,
    last: int,
    limit: int,
    *,
    kinds: tuple[str, ...] = (),
    asset: UUID | None = None,
    advisory: str | None = None,
) -> list[Event] | None:
    """
    What happened after an event that somebody saw last, in order.

    None where it is more than `limit`, too far back, partly deleted by now, or where there never was such an event.
    """
    ends = await _ends(connection)
    if not max(ends.oldest - 1, ends.newest - FAR) <= last <= ends.newest:
        return None
    found = await history.page(
        connection, scope, kinds=kinds, asset=asset, advisory=advisory, later_than=last, limit=limit + 1
    )
    return found[::-1] if len(found) <= limit else None


async def _ends(connection: Connection) -> _Ends:
    found = await one_of(connection, _Ends, _ASK["ends"], {})
    if found is None:
        raise LookupError("a maximum without a row")
    return found


def _happened(row: _Row) -> Happened:
    event = Event(**{name: getattr(row, name) for name in Event.__struct_fields__})
    names = frozenset({row.advisory, *row.aliases}) if row.advisory else frozenset()
    return Happened(event, frozenset(row.teams), names)
