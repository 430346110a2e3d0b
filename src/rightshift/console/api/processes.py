"""Processes: what they are, where they run, whether they listen. What they load counts for their container or host."""

from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from rightshift.console.api import files
from rightshift.console.api.pages import TEXT_CHARS, After, Limit, Texts, known
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import processes
from rightshift.console.store.read.processes import Filter, Process

_MANY = 100


class _Keyed(NamedTuple):
    id: Annotated[str, Meta(max_length=2_000)]


_PROCESSES = files.Rows("processes", Process, _Keyed, lambda row: _Keyed(row.id))


class Processes(Struct, frozen=True):
    """Processes by id, so those of one host stand together."""

    items: list[Process]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


@get(
    "/processes",
    guards=[Requires(Permission.ASSETS_READ), known],
    tags=["assets"],
    summary="List processes",
    operation_class=files.Listing,
    responses=refusals(406, 413),
)
async def list_processes(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    host: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Name of a host")] = None,
    namespace: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Name of a namespace")] = None,
    workload: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Name of a workload")] = None,
    container: Annotated[UUID | None, QueryParameter(description="In this container")] = None,
    runtime: Annotated[Texts | None, QueryParameter(max_items=10, description="`python`, `java`, `node`, …")] = None,
    uid: Annotated[int | None, QueryParameter(ge=0, le=2**32 - 1, description="As whom it runs; 0 is root")] = None,
    port: Annotated[int | None, QueryParameter(ge=1, le=65_535, description="It listens there")] = None,
    text: Annotated[str | None, QueryParameter(max_length=TEXT_CHARS, description="Stands in its name or path")] = None,
    gone: Annotated[bool, QueryParameter(description="Also what has ended")] = False,
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Processes]:
    """
    Processes that sensors see, in the caller's scope: those of containers with these, all others with their host.

    Arguments and environment hold secrets, so that no sensor reports them.
    """
    scope = request.user.scope
    filter = Filter(
        hosts=tuple(host or ()),
        namespaces=tuple(namespace or ()),
        workloads=tuple(workload or ()),
        container=container,
        runtimes=tuple(runtime or ()),
        uid=uid,
        port=port,
        text=text or "",
        gone=gone,
    )

    async def ask(connection: Connection, last: _Keyed | None, most: int) -> list[Process]:
        return await processes.page(connection, scope, filter, limit=most, after=last and last.id)

    return await files.answer(request, pool, now, _PROCESSES, ask, Processes, limit=limit, after=after, format=format)


_STARTED = datetime(2026, 1, 4, 9, tzinfo=UTC)
EXAMPLES = (
    Processes(
        [
            Process(
                id=f"5d41402abc4b2a76b9719d911017c592/{'1c' * 16}/4711-360000",
                pid=4711,
                name="nginx",
                exe="/usr/sbin/nginx",
                runtime="native",
                uid=0,
                capabilities=2_818_844_155,
                container=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c51"),
                container_name="web",
                host=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c41"),
                host_name="node-1.example",
                namespace="shop",
                workload="web",
                started=_STARTED,
                started_by=f"5d41402abc4b2a76b9719d911017c592/{'1c' * 16}/4700-359990",
                listening=["tcp 0.0.0.0:8080"],
                watched_since=_STARTED,
                watch_complete=True,
                watch_why="",
                first_seen=_STARTED,
                last_seen=datetime(2026, 1, 5, 12, tzinfo=UTC),
                gone=None,
            )
        ],
        None,
    ),
)
ROUTES = (list_processes,)
