"""Jobs: how far they are, what came of them, and their end before their time. What starts them: `sources`, `feed`."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from rightshift.console.api.pages import After, Large, Limit, cut, known, place
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.people import line
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store import audit
from rightshift.console.store.pool import Pool
from rightshift.console.store.read import runs
from rightshift.console.store.read.runs import Line, Run, State
from rightshift.console.store.wishes import runs as wishes

JobName = Literal["scan_source", "update_feed", "retain"]
_MAY_READ = Requires(Permission.JOBS_READ)


class _Created(NamedTuple):
    at: datetime
    id: UUID


class _Numbered(NamedTuple):
    id: Large


class Jobs(Struct, frozen=True):
    """Jobs, the newest first."""

    items: list[Run]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


class JobLog(Struct, frozen=True):
    """Lines of a job, in their order. The last page may grow as long as it runs."""

    items: list[Line]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


@get("/jobs", guards=[_MAY_READ, known], tags=["jobs"], summary="List jobs", responses=refusals())
async def list_jobs(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    states: Annotated[
        list[State] | None, QueryParameter(name="state", max_items=5, description="Any of several")
    ] = None,
    job: Annotated[list[JobName] | None, QueryParameter(max_items=3, description="Any of several")] = None,
    source: Annotated[UUID | None, QueryParameter(description="That scan this source")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Jobs:
    """What waits, runs and has ended in the caller's scope."""
    begin = place(after, _Created)
    async with pool.connection() as connection:
        found = await runs.page(
            connection,
            request.user.scope,
            states=tuple(states or ()),
            jobs=tuple(job or ()),
            source=source,
            limit=limit + 1,
            after=begin,
        )
    return Jobs(*cut(found, limit, lambda run: (run.created, run.id)))


@get("/jobs/{job:uuid}", guards=[_MAY_READ, known], tags=["jobs"], summary="Read a job", responses=refusals(404))
async def read_job(request: Request[Actor, Any, Any], pool: NamedDependency[Pool], job: FromPath[UUID]) -> Run:
    """How far it is, and what came of it."""
    async with pool.connection() as connection:
        found = await runs.one(connection, request.user.scope, job)
    if found is None:
        raise _absent()
    return found


@get(
    "/jobs/{job:uuid}/log",
    guards=[_MAY_READ, known],
    tags=["jobs"],
    summary="Read a job's log",
    responses=refusals(404),
)
async def read_job_log(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    job: FromPath[UUID],
    limit: Limit = 50,
    after: After = None,
) -> JobLog:
    """What it wrote, the first line first."""
    begin = place(after, _Numbered)
    async with pool.connection() as connection:
        found = await runs.log(connection, request.user.scope, job, limit=limit + 1, after=begin.id if begin else 0)
    if found is None:
        raise _absent()
    return JobLog(*cut(found, limit, lambda one: (one.id,)))


@post(
    "/jobs/{job:uuid}/cancel",
    guards=[Requires(Permission.JOBS_RUN)],
    tags=["jobs"],
    summary="Cancel a job",
    status_code=202,
    responses=refusals(404, 409),
)
async def cancel_job(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    job: FromPath[UUID],
) -> Run:
    """One that waits ends at once, one that runs within seconds; what it had stored already stays."""
    actor = request.user
    async with pool.connection() as connection, connection.transaction():
        name = await wishes.cancel(connection, actor.scope, job, now)
        found = await runs.one(connection, actor.scope, job)
        if found is None:
            raise _absent()
        if name is None:
            raise HTTPException(status_code=409, detail="It has ended, or is about to")
        await audit.add(connection, line(actor, "jobs.cancel", str(job), after={"job": name}), now)
    return found


def accepted(run: Run) -> Response[Run]:
    """The answer to whoever wished a job."""
    return Response(run, status_code=202, headers={"Location": f"/api/v1/jobs/{run.id}"})


def _absent() -> NotFoundException:
    return NotFoundException("There is no such job")


_ONE = Run(
    id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c51"),
    job="scan_source",
    state="done",
    attempt=1,
    doing="",
    done=141,
    total=141,
    result={"packages": 141},
    error="",
    wished_by="vera",
    source=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c61"),
    schedule=None,
    created=datetime(2026, 1, 5, 12, tzinfo=UTC),
    started=datetime(2026, 1, 5, 12, 0, 1, tzinfo=UTC),
    ended=datetime(2026, 1, 5, 12, 0, 9, tzinfo=UTC),
    cancelling=False,
)
EXAMPLES = (
    _ONE,
    Jobs([_ONE], None),
    JobLog([Line(id=1, at=datetime(2026, 1, 5, 12, 0, 1, tzinfo=UTC), line="reads nginx:1.27")], None),
)

ROUTES = (list_jobs, read_job, read_job_log, cancel_job)
