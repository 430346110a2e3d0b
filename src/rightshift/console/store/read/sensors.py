"""Who reports: how it is, how completely it sees, what was lost, what it proves itself with. Changing it: `auth`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from rightshift.console.store.pool import Connection
from rightshift.console.store.read.answers import all_of, one_of
from rightshift.console.store.read.stale import SILENT_AFTER
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)

State = Literal["reporting", "silent", "waiting", "expired", "revoked"]


class Sensor(Struct, frozen=True, kw_only=True):
    """A sensor, or another reporter that was enrolled."""

    id: Annotated[str, Meta(description="What its documents name as reporter; a sensor's host has this key")]
    kind: Annotated[str, Meta(description="`sensor`, `kubernetes`, `cloud`")]
    name: str
    version: Annotated[int, Meta(description="Changes with its name")]
    state: Annotated[
        State, Meta(description="`waiting` has told nothing yet; `expired` and `revoked` can tell nothing any more")
    ]
    program: Annotated[str, Meta(description="What made its last document, with its version")]
    host: Annotated[UUID | None, Meta(description="The asset that it runs on; null where none is known yet")]
    host_name: str
    teams: Annotated[list[UUID], Meta(description="Whose the host is, as far as the caller sees them")]
    enrolled: datetime
    heard: Annotated[datetime | None, Meta(description="When its last document came")]
    silent_since: Annotated[datetime | None, Meta(description="Where nothing has come for 5 minutes: since when")]
    skew_ms: Annotated[int, Meta(description="Its clock minus the console's")]
    completeness: Annotated[
        dict[str, str], Meta(description="`events`, `sampled` or `off`, by probe; what is not named was not there")
    ]
    missing: Annotated[int, Meta(description="Documents that were numbered and never came, in all")]
    lost: Annotated[int, Meta(description="Events that its probes lost, in all")]
    dropped: Annotated[int, Meta(description="Documents and items that its spool threw away, in all")]
    gaps: Annotated[int, Meta(description="What it could not read, since its last full document")]
    expires: Annotated[datetime | None, Meta(description="Until when its credential holds; null where none does")]
    conflicts: Annotated[int, Meta(description="Other sensors that say they run on the same machine")]


class Probe(Struct, frozen=True, kw_only=True):
    """One way of looking, as its last document told of it."""

    name: str
    state: str
    method: str = ""
    why: str = ""
    since_ms: int = 0
    lost: Annotated[int, Meta(description="In the last window")] = 0


class Gap(Struct, frozen=True):
    """What it could not read, and why."""

    what: str
    reason: str


class Conflict(Struct, frozen=True):
    """Another sensor that says it runs on the same machine. Neither gets anything of the other."""

    id: str
    name: str
    by: Annotated[Literal["machine_id", "cloud_id"], Meta(description="What both say of their host")]
    value: str
    heard: datetime | None


class Credential(Struct, frozen=True):
    """Something that it proves or proved itself with; never the secret."""

    id: UUID
    hint: Annotated[str, Meta(description="Its last four characters")]
    created: datetime
    used: datetime | None
    expires: datetime
    revoked: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is given must all hold; within one, any."""

    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    text: str = ""
    conflict: bool | None = None


async def page(
    connection: Connection,
    scope: Scope,
    filter: Filter,
    now: datetime,
    *,
    limit: int,
    after: tuple[str, str] | None = None,
) -> list[Sensor]:
    """Up to `limit` sensors by name, after that name and id. One is seen by whoever sees its host."""
    return await all_of(connection, Sensor, _ASK["page"], _values(scope, filter, now, limit, after))


async def one(connection: Connection, scope: Scope, id: str, now: datetime) -> Sensor | None:
    """A sensor; None where it is none or not in scope."""
    return await one_of(connection, Sensor, _ASK["page"], _values(scope, Filter(), now, 1, None) | {"id": id})


async def probes(connection: Connection, id: str) -> list[Probe]:
    """Of a sensor that the caller was found to see, at most 100."""
    return await all_of(connection, Probe, _ASK["probes"], {"id": id})


async def gaps(connection: Connection, id: str) -> list[Gap]:
    """Of a sensor that the caller was found to see, at most 100."""
    return await all_of(connection, Gap, _ASK["gaps"], {"id": id})


async def conflicts(connection: Connection, scope: Scope, id: str) -> list[Conflict]:
    """Of a sensor that the caller was found to see: others that the caller sees, at most 100."""
    return await all_of(connection, Conflict, _ASK["conflicts"], {"id": id, "teams": scope.parameter})


async def credentials(connection: Connection, id: str) -> list[Credential]:
    """Of a sensor that the caller was found to see, the newest first, at most 20."""
    return await all_of(connection, Credential, _ASK["credentials"], {"id": id})


def _values(
    scope: Scope, filter: Filter, now: datetime, limit: int, after: tuple[str, str] | None
) -> dict[str, object]:
    name, id = after or (None, None)
    return {
        "teams": scope.parameter,
        "id": None,
        "now": now,
        "silent": now - SILENT_AFTER,
        "states": list(filter.states) or None,
        "kinds": list(filter.kinds) or None,
        "hosts": list(filter.hosts) or None,
        "text": filter.text or None,
        "conflict": filter.conflict,
        "after_name": name,
        "after_id": id,
        "limit": limit,
    }
