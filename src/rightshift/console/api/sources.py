"""Sources: what is scanned, by name, when it is asked for or by `schedules`. How far a scan is: `jobs`."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotFoundException, PermissionDeniedException, ValidationException
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct, json

from rightshift.console import wanted
from rightshift.console.api.jobs import accepted
from rightshift.console.api.names import PRINTED
from rightshift.console.api.pages import After, Limit, Text, cut, known, place
from rightshift.console.api.refusals import refusals
from rightshift.console.api.versions import current, etag, expected
from rightshift.console.auth.people import line
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store import audit
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import runs
from rightshift.console.store.read import sources as read
from rightshift.console.store.read.runs import Run
from rightshift.console.store.read.sources import Source
from rightshift.console.store.wishes import runs as run_wishes
from rightshift.console.store.wishes import sources as wishes
from rightshift.console.store.wishes.runs import NewRun
from rightshift.console.store.wishes.sources import Wanted
from rightshift.errors import UsageError

Reference = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=wanted.REFERENCE_CHARS,
        description="Name of an image, as nginx:1.27 or registry:HOST/NAME; with the permission sources:local also "
        "host:, dir:/PATH and the other kinds that `rightshift scan` reads",
        examples=["nginx:1.27"],
    ),
]
Ecosystems = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=50)]],
    Meta(max_length=100, description="Only these, in purl's, OSV's or people's words; all when empty"),
]
_MAY_READ, _MAY_WRITE = Requires(Permission.SCANS_READ), Requires(Permission.SOURCES_WRITE)


class NewScan(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is to be scanned now."""

    reference: Reference
    ecosystems: Ecosystems = []


class NewSource(NewScan, frozen=True, kw_only=True):
    """A source. Who may see it is who sees all that its maker sees."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=PRINTED)]


class Sources(Struct, frozen=True):
    """Sources by name."""

    items: list[Source]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


@get("/sources", guards=[_MAY_READ, known], tags=["sources"], summary="List sources", responses=refusals())
async def list_sources(
    request: Request[Actor, Any, Any], pool: NamedDependency[Pool], limit: Limit = 50, after: After = None
) -> Sources:
    """What is scanned, in the caller's scope."""
    begin = place(after, tuple[Text, UUID])
    async with pool.connection() as connection:
        found = await read.page(connection, request.user.scope, limit=limit + 1, after=begin)
    return Sources(*cut(found, limit, lambda one: (one.name, one.id)))


@get(
    "/sources/{source:uuid}",
    guards=[_MAY_READ, known],
    tags=["sources"],
    summary="Read a source",
    responses=refusals(404),
)
async def read_source(
    request: Request[Actor, Any, Any], pool: NamedDependency[Pool], source: FromPath[UUID]
) -> Response[Source]:
    """One source; the ETag is what changes are sent with."""
    async with pool.connection() as connection:
        return _answer(await read.one(connection, request.user.scope, source))


@post(
    "/sources", guards=[_MAY_WRITE], tags=["sources"], summary="Add a source", responses=refusals(409), status_code=201
)
async def add_source(
    request: Request[Actor, Any, Any],
    data: JSONBody[NewSource],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[Source]:
    """Adds something to scan. Nothing is scanned yet."""
    actor = request.user
    want = Wanted(
        name=data.name,
        reference=data.reference,
        ecosystems=_ecosystems(data),
        trusted=_trusted(actor, data.reference),
    )
    async with pool.connection() as connection, connection.transaction():
        id = await wishes.add(connection, want, actor.scope, actor.name, now)
        if id is None:
            raise _taken()
        await audit.add(connection, line(actor, "sources.add", str(id), after=_told(want)), now)
        made = _answer(await read.one(connection, actor.scope, id))
    made.status_code = 201
    return made


@put(
    "/sources/{source:uuid}",
    guards=[_MAY_WRITE],
    tags=["sources"],
    summary="Change a source",
    responses=refusals(404, 409, 412, 428),
)
async def change_source(
    request: Request[Actor, Any, Any],
    source: FromPath[UUID],
    data: JSONBody[NewSource],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[Source]:
    """Changes all of it. Whoever writes another reference needs the permission for that one."""
    actor, version = request.user, expected(request)
    async with pool.connection() as connection, connection.transaction():
        before = current(await wishes.held(connection, actor.scope, source), version, _absent())
        same = before.wanted.reference == data.reference
        want = Wanted(
            name=data.name,
            reference=data.reference,
            ecosystems=_ecosystems(data),
            trusted=before.wanted.trusted if same else _trusted(actor, data.reference),
        )
        if await wishes.change(connection, source, want) is None:
            raise _taken()
        said = line(actor, "sources.change", str(source), _told(before.wanted), _told(want))
        await audit.add(connection, said, now)
        return _answer(await read.one(connection, actor.scope, source))


@delete(
    "/sources/{source:uuid}",
    guards=[_MAY_WRITE],
    tags=["sources"],
    summary="Remove a source",
    responses=refusals(404, 412, 428),
)
async def remove_source(
    request: Request[Actor, Any, Any],
    source: FromPath[UUID],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> None:
    """Removes it with its schedules. What was found in it stays."""
    actor, version = request.user, expected(request)
    async with pool.connection() as connection, connection.transaction():
        before = current(await wishes.held(connection, actor.scope, source), version, _absent())
        await wishes.remove(connection, source)
        await audit.add(connection, line(actor, "sources.remove", str(source), _told(before.wanted)), now)


@post(
    "/sources/{source:uuid}/scan",
    guards=[Requires(Permission.SCANS_RUN)],
    tags=["sources"],
    summary="Scan a source now",
    status_code=202,
    responses=refusals(404),
)
async def scan_source(
    request: Request[Actor, Any, Any],
    source: FromPath[UUID],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[Run]:
    """Has it scanned; the answer is the job, which is the one that waits already where there is one."""
    actor = request.user
    async with pool.connection() as connection, connection.transaction():
        found = await wishes.held(connection, actor.scope, source)
        if found is None:
            raise _absent()
        run = NewRun(name="scan_source", arguments=_arguments(found.wanted), lock=f"source {source}", source=source)
        return await _wish(connection, actor, run, {"source": str(source), "name": found.wanted.name}, now)


@post(
    "/scans",
    guards=[Requires(Permission.SCANS_RUN)],
    tags=["scans"],
    summary="Scan something now",
    status_code=202,
    responses=refusals(),
)
async def scan_now(
    request: Request[Actor, Any, Any],
    data: JSONBody[NewScan],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[Run]:
    """Has it scanned once; the answer is the job."""
    actor = request.user
    want = Wanted(
        name="", reference=data.reference, ecosystems=_ecosystems(data), trusted=_trusted(actor, data.reference)
    )
    arguments = _arguments(want)
    teams = "" if actor.scope.parameter is None else ",".join(map(str, actor.scope.parameter))
    async with pool.connection() as connection, connection.transaction():
        run = NewRun(name="scan_source", arguments=arguments, lock=f"scan {teams} {arguments}")
        return await _wish(connection, actor, run, {"reference": data.reference}, now)


async def _wish(
    connection: Connection, actor: Actor, run: NewRun, told: dict[str, object], now: datetime
) -> Response[Run]:
    wished = await run_wishes.add(connection, run, actor.scope, actor.name, now)
    await audit.add(connection, line(actor, "scans.run", str(wished.id), after=told), now)
    found = await runs.one(connection, actor.scope, wished.id)
    if found is None:  # somebody else's, who sees more, waits already; it will do
        raise HTTPException(status_code=409, detail="It is about to be scanned already")
    return accepted(found)


def _trusted(actor: Actor, reference: str) -> bool:
    """Whether it may lead to this machine and to private networks. Raises: UsageError; PermissionDeniedException."""
    try:
        local = wanted.is_local(wanted.kind(reference))
    except UsageError as error:
        raise ValidationException(str(error), extra=[{"key": "reference", "message": error.what}]) from error
    may = Permission.SOURCES_LOCAL in actor.permissions and actor.scope.teams is None
    if local and not may:
        raise PermissionDeniedException(
            f"It reads the console's own machine: that needs the permission {Permission.SOURCES_LOCAL} and all teams"
        )
    return may


def _ecosystems(data: NewScan) -> list[str]:
    from rightshift.catalog.declared import catalogue
    from rightshift.model.ecosystem import OSV, SPOKEN, purl_type

    known_types = {form.ecosystem for form in catalogue().formats} | set(OSV) | set(SPOKEN.values())
    found = sorted({purl_type(word) for word in data.ecosystems})
    if unknown := [one for one in found if one not in known_types]:
        said = f"There is no ecosystem {unknown[0]!a}"
        raise ValidationException(said, extra=[{"key": "ecosystems", "message": said}])
    return found


def _arguments(want: Wanted) -> str:
    order = {"reference": want.reference, "ecosystems": list(want.ecosystems), "trusted": want.trusted}
    return json.encode(order).decode()


def _told(want: Wanted) -> dict[str, object]:
    return {"name": want.name, "reference": want.reference, "ecosystems": list(want.ecosystems)}


def _answer(found: Source | None) -> Response[Source]:
    if found is None:
        raise _absent()
    return Response(found, headers=etag(found.version))


def _absent() -> NotFoundException:
    return NotFoundException("There is no such source")


def _taken() -> HTTPException:
    return HTTPException(status_code=409, detail="There is a source of that name")


_ONE = Source(
    id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c61"),
    name="web",
    reference="registry.example/shop/web:1.27",
    ecosystems=["deb", "npm"],
    version=1,
    created=datetime(2026, 1, 1, 9, tzinfo=UTC),
    created_by="vera",
    last_run=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c51"),
    last_state="done",
    last_ended=datetime(2026, 1, 5, 12, 0, 9, tzinfo=UTC),
)
EXAMPLES = (
    NewScan(reference="nginx:1.27"),
    NewSource(name="web", reference="registry.example/shop/web:1.27", ecosystems=["deb", "npm"]),
    _ONE,
    Sources([_ONE], None),
)

ROUTES = (list_sources, read_source, add_source, change_source, remove_source, scan_source, scan_now)
