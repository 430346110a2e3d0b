"""Schedules: when jobs run by themselves. What they scan: `sources`; what came of it: `jobs`."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotFoundException, PermissionDeniedException, ValidationException
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from rightshift.console import cron as times
from rightshift.console.api.jobs import JobName
from rightshift.console.api.names import PRINTED
from rightshift.console.api.pages import After, Limit, Text, cut, known, place
from rightshift.console.api.refusals import refusals
from rightshift.console.api.versions import current, etag, expected
from rightshift.console.auth.people import line
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.cron import MalformedSchedule
from rightshift.console.store import audit
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import schedules as read
from rightshift.console.store.read import sources
from rightshift.console.store.read.schedules import Schedule
from rightshift.console.store.wishes import schedules as wishes
from rightshift.console.store.wishes.schedules import Wanted

PREVIEW = 5
_ALSO = {"update_feed": Permission.FEED_WRITE, "retain": Permission.SETTINGS_WRITE}
"""What one needs besides for schedules of jobs that are about the whole console."""
_MAY_READ, _MAY_WRITE = Requires(Permission.JOBS_READ), Requires(Permission.SCHEDULES_WRITE)

Cron = Annotated[
    str,
    Meta(
        max_length=times.CRON_CHARS,
        description="Minute, hour, day of month, month, day of week, as crontab(5) has them",
        examples=["30 2 * * MON-FRI"],
    ),
]
Zone = Annotated[str, Meta(max_length=times.ZONE_CHARS, description="Name of a time zone", examples=["Europe/Berlin"])]


class NewSchedule(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A job and its times. A run that was missed is made up for once; one at a time runs of each source."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=PRINTED)]
    job: JobName = "scan_source"
    source: Annotated[UUID | None, Meta(description="What scan_source scans")] = None
    cron: Cron
    zone: Zone = "UTC"
    enabled: bool = True


class Schedules(Struct, frozen=True):
    """Schedules by name."""

    items: list[Schedule]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


class Times(Struct, frozen=True):
    """When a schedule would be due."""

    times: list[datetime]


@get("/schedules", guards=[_MAY_READ, known], tags=["schedules"], summary="List schedules", responses=refusals())
async def list_schedules(
    request: Request[Actor, Any, Any], pool: NamedDependency[Pool], limit: Limit = 50, after: After = None
) -> Schedules:
    """What runs by itself, in the caller's scope."""
    begin = place(after, tuple[Text, UUID])
    async with pool.connection() as connection:
        found = await read.page(connection, request.user.scope, limit=limit + 1, after=begin)
    return Schedules(*cut(found, limit, lambda one: (one.name, one.id)))


@get(
    "/schedules/times",
    guards=[_MAY_READ, known],
    tags=["schedules"],
    summary="Preview times",
    responses=refusals(),
)
async def preview(
    now: NamedDependency[datetime],
    cron: Annotated[str, QueryParameter(max_length=times.CRON_CHARS, description="Five fields")],
    zone: Annotated[str, QueryParameter(max_length=times.ZONE_CHARS, description="Name of a time zone")] = "UTC",
    count: Annotated[int, QueryParameter(ge=1, le=50, description="How many")] = PREVIEW,
) -> Times:
    """The next times of a schedule that is not made yet, in UTC."""
    return Times(_following(cron, zone, now, count))


@get(
    "/schedules/{schedule:uuid}",
    guards=[_MAY_READ, known],
    tags=["schedules"],
    summary="Read a schedule",
    responses=refusals(404),
)
async def read_schedule(
    request: Request[Actor, Any, Any], pool: NamedDependency[Pool], schedule: FromPath[UUID]
) -> Response[Schedule]:
    """One schedule; the ETag is what changes are sent with."""
    async with pool.connection() as connection:
        return _answer(await read.one(connection, request.user.scope, schedule))


@post(
    "/schedules",
    guards=[_MAY_WRITE],
    tags=["schedules"],
    summary="Add a schedule",
    status_code=201,
    responses=refusals(409),
)
async def add_schedule(
    request: Request[Actor, Any, Any],
    data: JSONBody[NewSchedule],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[Schedule]:
    """Has a job run at certain times from now on."""
    actor = request.user
    following = _following(data.cron, data.zone, now, 1)[0]
    async with pool.connection() as connection, connection.transaction():
        want = await _wanted(connection, actor, data)
        id = await wishes.add(connection, want, actor.scope, actor.name, now, following)
        if id is None:
            raise _taken()
        await audit.add(connection, line(actor, "schedules.add", str(id), after=_told(want)), now)
        made = _answer(await read.one(connection, actor.scope, id))
    made.status_code = 201
    return made


@put(
    "/schedules/{schedule:uuid}",
    guards=[_MAY_WRITE],
    tags=["schedules"],
    summary="Change a schedule",
    responses=refusals(404, 409, 412, 428),
)
async def change_schedule(
    request: Request[Actor, Any, Any],
    schedule: FromPath[UUID],
    data: JSONBody[NewSchedule],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[Schedule]:
    """Changes all of it but the job. Other times count from now."""
    actor, version = request.user, expected(request)
    following = _following(data.cron, data.zone, now, 1)[0]
    async with pool.connection() as connection, connection.transaction():
        before = current(await wishes.held(connection, actor.scope, schedule), version, _absent())
        want = await _wanted(connection, actor, data)
        if want.job != before.wanted.job:
            raise ValidationException("The job of a schedule stays; make another one")
        if await wishes.change(connection, schedule, want, following) is None:
            raise _taken()
        said = line(actor, "schedules.change", str(schedule), _told(before.wanted), _told(want))
        await audit.add(connection, said, now)
        return _answer(await read.one(connection, actor.scope, schedule))


@delete(
    "/schedules/{schedule:uuid}",
    guards=[_MAY_WRITE],
    tags=["schedules"],
    summary="Remove a schedule",
    responses=refusals(404, 412, 428),
)
async def remove_schedule(
    request: Request[Actor, Any, Any],
    schedule: FromPath[UUID],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> None:
    """Removes it. What it started goes on."""
    actor, version = request.user, expected(request)
    async with pool.connection() as connection, connection.transaction():
        before = current(await wishes.held(connection, actor.scope, schedule), version, _absent())
        _may(actor, before.wanted.job)
        await wishes.remove(connection, schedule)
        await audit.add(connection, line(actor, "schedules.remove", str(schedule), _told(before.wanted)), now)


async def _wanted(connection: Connection, actor: Actor, data: NewSchedule) -> Wanted:
    _may(actor, data.job)
    if (data.job == "scan_source") != (data.source is not None):
        raise ValidationException("scan_source needs a source, and other jobs have none")
    if data.source is not None and await sources.one(connection, actor.scope, data.source) is None:
        raise ValidationException("There is no such source", extra=[{"key": "source", "message": "unknown"}])
    return Wanted(
        name=data.name, job=data.job, source=data.source, cron=data.cron, zone=data.zone, enabled=data.enabled
    )


def _may(actor: Actor, job: str) -> None:
    """Raises: PermissionDeniedException."""
    also = _ALSO.get(job)
    if also is None:
        return
    if also not in actor.permissions:
        raise PermissionDeniedException(f"This job needs the permission {also}")
    if actor.scope.teams is not None:
        raise PermissionDeniedException("This job is for whoever sees everything")


def _following(cron: str, zone: str, now: datetime, count: int) -> list[datetime]:
    try:
        return times.following(cron, zone, now, count)
    except MalformedSchedule as error:
        raise ValidationException(str(error), extra=[{"key": "cron", "message": str(error)}]) from error


def _told(want: Wanted) -> dict[str, object]:
    return {
        "name": want.name,
        "job": want.job,
        "source": str(want.source) if want.source else None,
        "cron": want.cron,
        "zone": want.zone,
        "enabled": want.enabled,
    }


def _answer(found: Schedule | None) -> Response[Schedule]:
    if found is None:
        raise _absent()
    return Response(found, headers=etag(found.version))


def _absent() -> NotFoundException:
    return NotFoundException("There is no such schedule")


def _taken() -> HTTPException:
    return HTTPException(status_code=409, detail="There is a schedule of that name")


_ONE = Schedule(
    id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c71"),
    name="web each night",
    job="scan_source",
    source=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c61"),
    cron="30 2 * * *",
    zone="Europe/Berlin",
    enabled=True,
    next_run=datetime(2026, 1, 6, 1, 30, tzinfo=UTC),
    last_run=datetime(2026, 1, 5, 1, 30, tzinfo=UTC),
    version=1,
    created=datetime(2026, 1, 1, 9, tzinfo=UTC),
    created_by="vera",
)
EXAMPLES = (
    NewSchedule(
        name="web each night",
        source=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c61"),
        cron="30 2 * * *",
        zone="Europe/Berlin",
    ),
    _ONE,
    Schedules([_ONE], None),
    Times([datetime(2026, 1, 6, 1, 30, tzinfo=UTC), datetime(2026, 1, 7, 1, 30, tzinfo=UTC)]),
)

ROUTES = (list_schedules, preview, read_schedule, add_schedule, change_schedule, remove_schedule)
