"""Runs of jobs: how far they are, what came of them, their logs. Wishing and cancelling one: `wishes/runs`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from rightshift.console.store.pool import Connection
from rightshift.console.store.read.answers import all_of
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)

State = Literal["waiting", "running", "done", "failed", "cancelled"]


class Run(Struct, frozen=True, kw_only=True):
    """One run of a job, with all its attempts."""

    id: UUID
    job: Annotated[str, Meta(description="scan_source, update_feed, retain")]
    state: State
    attempt: Annotated[int, Meta(description="Counted from 1; 0 before the first")]
    doing: Annotated[str, Meta(description="What it is at")]
    done: int
    total: Annotated[int | None, Meta(description="What `done` comes to in the end; null is unknown")]
    result: Annotated[dict[str, int | float | str | None] | None, Meta(description="What came of it")]
    error: Annotated[str, Meta(description="Why it failed, or why it begins again")]
    wished_by: str
    source: UUID | None
    schedule: UUID | None
    created: datetime
    started: datetime | None
    ended: datetime | None
    cancelling: Annotated[bool, Meta(description="Somebody wants it to end")]


class Line(Struct, frozen=True, kw_only=True):
    """A line that a job wrote."""

    id: Annotated[int, Meta(description="Grows with each line")]
    at: datetime
    line: str


async def page(
    connection: Connection,
    scope: Scope,
    *,
    states: Sequence[str] = (),
    jobs: Sequence[str] = (),
    source: UUID | None = None,
    limit: int,
    after: tuple[datetime, UUID] | None,
) -> list[Run]:
    """The newest first, before a place."""
    return await _runs(connection, scope, None, states, jobs, source, limit, after)


async def one(connection: Connection, scope: Scope, id: UUID) -> Run | None:
    """None where the scope has none such."""
    found = await _runs(connection, scope, id, (), (), None, 1, None)
    return found[0] if found else None


async def log(connection: Connection, scope: Scope, run: UUID, *, limit: int, after: int) -> list[Line] | None:
    """Its lines in their order, behind a number; None where the scope has no such run."""
    if await one(connection, scope, run) is None:
        return None
    return await all_of(connection, Line, _ASK["log"], {"run": run, "limit": limit, "after": after})


async def _runs(
    connection: Connection,
    scope: Scope,
    id: UUID | None,
    states: Sequence[str],
    jobs: Sequence[str],
    source: UUID | None,
    limit: int,
    after: tuple[datetime, UUID] | None,
) -> list[Run]:
    created, last = after or (None, None)
    values = {
        "teams": scope.parameter,
        "id": id,
        "states": list(states),
        "jobs": list(jobs),
        "source": source,
        "created": created,
        "last": last,
        "limit": limit,
    }
    return await all_of(connection, Run, _ASK["page"], values)
