"""Sensors and other reporters: listed, renamed, revoked. How one gets in: `enrol`; what it tells: `ingest`."""

from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from litestar import Request, Response, delete, get, put
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from rightshift.console.api import files
from rightshift.console.api.names import PRINTED
from rightshift.console.api.pages import TEXT_CHARS, After, Limit, Text, Texts, known
from rightshift.console.api.refusals import refusals
from rightshift.console.api.versions import changed, current, etag, expected
from rightshift.console.auth import enrolment
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import sensors
from rightshift.console.store.read.sensors import Conflict, Credential, Filter, Gap, Probe, Sensor, State


class _Named(NamedTuple):
    name: Text
    id: Text


_SENSORS = files.Rows("sensors", Sensor, _Named, lambda row: _Named(row.name, row.id))


class Sensors(Struct, frozen=True):
    """Sensors by name."""

    items: list[Sensor]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


class SensorDetail(Struct, frozen=True, kw_only=True):
    """A sensor with all that is known of it."""

    sensor: Sensor
    probes: list[Probe]
    unread: Annotated[list[Gap], Meta(description="What it could not read, at most 100")]
    conflicts: Annotated[list[Conflict], Meta(description="At most 100")]
    credentials: Annotated[list[Credential], Meta(description="The newest first, at most 20")]


class SensorName(Struct, forbid_unknown_fields=True, frozen=True):
    """What people call it."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=PRINTED)]


_MAY_READ, _MAY_WRITE = Requires(Permission.SENSORS_READ), Requires(Permission.SENSORS_WRITE)


@get(
    "/sensors",
    guards=[_MAY_READ, known],
    tags=["sensors"],
    summary="List sensors",
    operation_class=files.Listing,
    responses=refusals(406, 413),
)
async def list_sensors(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    state_: Annotated[
        list[State] | None, QueryParameter(name="state", max_items=5, description="Any of several")
    ] = None,
    kind: Annotated[Texts | None, QueryParameter(max_items=10, description="`sensor`, `kubernetes`, `cloud`")] = None,
    host: Annotated[Texts | None, QueryParameter(max_items=100, description="Name of a host")] = None,
    text: Annotated[
        str | None, QueryParameter(max_length=TEXT_CHARS, description="Stands in its name, its host's or its id")
    ] = None,
    conflict: Annotated[
        bool | None, QueryParameter(description="Whether another one says that it runs on the same machine")
    ] = None,
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Sensors]:
    """Enrolled sensors whose host is in the caller's scope; watchers of clusters and clouds for who sees everything."""
    scope = request.user.scope
    filter = Filter(
        states=tuple(state_ or ()),
        kinds=tuple(kind or ()),
        hosts=tuple(host or ()),
        text=text or "",
        conflict=conflict,
    )

    async def ask(connection: Connection, last: _Named | None, most: int) -> list[Sensor]:
        return await sensors.page(connection, scope, filter, now, limit=most, after=last)

    return await files.answer(request, pool, now, _SENSORS, ask, Sensors, limit=limit, after=after, format=format)


@get(
    "/sensors/{sensor:str}",
    guards=[_MAY_READ, known],
    tags=["sensors"],
    summary="Read a sensor",
    responses=refusals(404),
)
async def read_sensor(
    request: Request[Actor, Any, Any],
    sensor: FromPath[str],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[SensorDetail]:
    """One sensor: how completely it sees, what was lost, with whom it is in conflict. The ETag is for changes."""
    async with pool.connection() as connection:
        return await _answer(connection, request.user, sensor, now)


@put(
    "/sensors/{sensor:str}",
    guards=[_MAY_WRITE, known],
    tags=["sensors"],
    summary="Rename a sensor",
    responses=refusals(404, 412, 428),
)
async def rename_sensor(
    request: Request[Actor, Any, Any],
    sensor: FromPath[str],
    data: JSONBody[SensorName],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[SensorDetail]:
    """Changes what people call it; its id stays."""
    actor, version = request.user, expected(request)
    async with pool.connection() as connection:
        found = await sensors.one(connection, actor.scope, sensor, now)
        before = current(found, version, _absent())
        if not await enrolment.rename(connection, actor, sensor, version, before.name, data.name, now):
            raise changed()
        return await _answer(connection, actor, sensor, now)


@delete(
    "/sensors/{sensor:str}",
    guards=[_MAY_WRITE, known],
    tags=["sensors"],
    summary="Revoke a sensor",
    responses=refusals(404),
)
async def revoke_sensor(
    request: Request[Actor, Any, Any],
    sensor: FromPath[str],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> None:
    """It brings nothing more, at once. What it told stays until it is too old; enrolled anew it is another one."""
    async with pool.connection() as connection:
        if await sensors.one(connection, request.user.scope, sensor, now) is None:
            raise _absent()
        await enrolment.revoke(connection, request.user, sensor, now)


async def _answer(connection: Connection, actor: Actor, id: str, now: datetime) -> Response[SensorDetail]:
    found = await sensors.one(connection, actor.scope, id, now)
    if found is None:
        raise _absent()
    detail = SensorDetail(
        sensor=found,
        probes=await sensors.probes(connection, id),
        unread=await sensors.gaps(connection, id),
        conflicts=await sensors.conflicts(connection, actor.scope, id),
        credentials=await sensors.credentials(connection, id),
    )
    return Response(detail, headers=etag(found.version))


def _absent() -> NotFoundException:
    return NotFoundException("There is no such sensor")


_NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
_ONE = Sensor(
    id="5d41402abc4b2a76b9719d911017c592",
    kind="sensor",
    name="web-1.example",
    version=1,
    state="reporting",
    program="rightshift 0.1.0",
    host=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c41"),
    host_name="web-1.example",
    teams=[UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c21")],
    enrolled=datetime(2026, 1, 4, 12, tzinfo=UTC),
    heard=_NOON,
    silent_since=None,
    skew_ms=-12,
    completeness={"flows": "events", "files": "sampled"},
    missing=0,
    lost=3,
    dropped=0,
    gaps=1,
    expires=datetime(2031, 1, 4, 12, tzinfo=UTC),
    conflicts=1,
)
EXAMPLES = (
    Sensors([_ONE], None),
    SensorDetail(
        sensor=_ONE,
        probes=[
            Probe(
                name="files", state="sampled", method="procfs", why="no BPF: not permitted", since_ms=1_767_268_800_000
            ),
            Probe(name="flows", state="events", method="inet_sock_set_state", since_ms=1_767_268_800_000, lost=3),
        ],
        unread=[Gap("/proc/4711/root", "permission denied")],
        conflicts=[Conflict("9b74c9897bac770ffc029102a200c5de", "web-1-clone", "machine_id", "2f6f8e1b7c41", _NOON)],
        credentials=[
            Credential(
                UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c31"),
                "xAmp",
                _NOON,
                _NOON,
                datetime(2031, 1, 4, tzinfo=UTC),
                None,
            )
        ],
    ),
    SensorName("web-1.example"),
)
ROUTES = (list_sensors, read_sensor, rename_sensor, revoke_sensor)
