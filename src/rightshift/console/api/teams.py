"""Teams: what belongs to one is all that its people see. Who is in one: `users`; which assets: `derive/teams`."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotFoundException, PermissionDeniedException
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct, convert, field, to_builtins
from psycopg.errors import UniqueViolation

from rightshift.console.api.names import END, PRINTED
from rightshift.console.api.pages import After, Limit, Text, cut, known, place
from rightshift.console.api.refusals import refusals
from rightshift.console.api.versions import changed, etag, expected
from rightshift.console.auth.people import line
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store import audit, people
from rightshift.console.store.pool import Pool

Pattern = Annotated[str, Meta(min_length=1, max_length=1_024, pattern=r"^([^*\x00]*\*){0,16}[^*\x00]*" + END)]
Patterns = Annotated[list[Pattern], Meta(max_length=200)]


class TeamSelector(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """Patterns with * and ?: of each sort that is named one must fit. Labels are `name=pattern`, and all must fit."""

    clusters: Patterns = []
    namespaces: Patterns = []
    hosts: Patterns = []
    images: Patterns = []
    labels: Patterns = []


class NewTeam(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A team. One whose selector names nothing has nothing."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=PRINTED)]
    selector: TeamSelector = field(default_factory=TeamSelector)


class Team(Struct, frozen=True, kw_only=True):
    """A team as it is."""

    id: UUID
    name: str
    selector: TeamSelector
    version: int
    created: datetime


class Teams(Struct, frozen=True):
    """A page of teams, by name."""

    items: list[Team]
    next: str | None


_MAY_READ, _MAY_WRITE = Requires(Permission.ASSETS_READ), Requires(Permission.TEAMS_WRITE)


@get("/teams", guards=[_MAY_READ, known], tags=["teams"], summary="List teams", responses=refusals())
async def list_teams(
    request: Request[Actor, Any, Any], pool: NamedDependency[Pool], limit: Limit = 50, after: After = None
) -> Teams:
    """The teams that one sees something of."""
    async with pool.connection() as connection:
        found = await people.teams(connection, request.user.scope, place(after, tuple[Text, UUID]), limit + 1)
    shown, following = cut(found, limit, lambda one: (one.name, one.id))
    return Teams([_shown(one) for one in shown], following)


@get("/teams/{team:uuid}", guards=[_MAY_READ, known], tags=["teams"], summary="Show a team", responses=refusals(404))
async def show_team(
    request: Request[Actor, Any, Any], team: FromPath[UUID], pool: NamedDependency[Pool]
) -> Response[Team]:
    """One team; the ETag is what changes are sent with."""
    async with pool.connection() as connection:
        return _answer(await people.team(connection, request.user.scope, team))


@post("/teams", guards=[_MAY_WRITE], tags=["teams"], summary="Make a team", responses=refusals(409))
async def make_team(
    request: Request[Actor, Any, Any],
    data: JSONBody[NewTeam],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[Team]:
    """Makes a team. What belongs to it is concluded within seconds."""
    actor = _of_all(request.user)
    selector = _selector(data)
    async with pool.connection() as connection:
        try:
            async with connection.transaction():
                id = await people.add_team(connection, data.name, selector, now)
                after = {"name": data.name, "selector": selector}
                await audit.add(connection, line(actor, "teams.add", str(id), after=after), now)
        except UniqueViolation as error:
            raise HTTPException(status_code=409, detail="There is a team of that name") from error
        made = _answer(await people.team(connection, actor.scope, id))
        made.status_code = 201
        return made


@put(
    "/teams/{team:uuid}",
    guards=[_MAY_WRITE],
    tags=["teams"],
    summary="Change a team",
    responses=refusals(404, 409, 412, 428),
)
async def change_team(
    request: Request[Actor, Any, Any],
    team: FromPath[UUID],
    data: JSONBody[NewTeam],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[Team]:
    """Changes name and selector."""
    actor, version, selector = _of_all(request.user), expected(request), _selector(data)
    async with pool.connection() as connection:
        try:
            async with connection.transaction():
                before = await people.team(connection, actor.scope, team)
                if before is None:
                    raise NotFoundException("There is no such team")
                if await people.change_team(connection, team, version, data.name, selector) is None:
                    raise changed()
                was = {"name": before.name, "selector": before.selector}
                after = {"name": data.name, "selector": selector}
                await audit.add(connection, line(actor, "teams.change", str(team), was, after), now)
        except UniqueViolation as error:
            raise HTTPException(status_code=409, detail="There is a team of that name") from error
        return _answer(await people.team(connection, actor.scope, team))


@delete(
    "/teams/{team:uuid}",
    guards=[_MAY_WRITE],
    tags=["teams"],
    summary="Remove a team",
    responses=refusals(404, 412, 428),
)
async def remove_team(
    request: Request[Actor, Any, Any],
    team: FromPath[UUID],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> None:
    """Removes a team; its people no longer see what belonged to it alone."""
    actor, version = _of_all(request.user), expected(request)
    async with pool.connection() as connection, connection.transaction():
        before = await people.team(connection, actor.scope, team)
        if before is None:
            raise NotFoundException("There is no such team")
        if not await people.remove_team(connection, team, version):
            raise changed()
        was = {"name": before.name, "selector": before.selector}
        await audit.add(connection, line(actor, "teams.remove", str(team), was), now)


def _of_all(actor: Actor) -> Actor:
    """What a team has decides what others see: that is for whoever sees everything."""
    if actor.scope.teams is not None:
        raise PermissionDeniedException("Teams are made by administrators who see everything")
    return actor


def _selector(data: NewTeam) -> people.Selector:
    found: people.Selector = to_builtins(data.selector)
    return found


def _answer(found: people.Team | None) -> Response[Team]:
    if found is None:
        raise NotFoundException("There is no such team")
    return Response(_shown(found), headers=etag(found.version))


def _shown(team: people.Team) -> Team:
    return convert(team, Team, from_attributes=True)


_ONE = Team(
    id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c21"),
    name="shop",
    selector=TeamSelector(clusters=["production"], namespaces=["shop", "shop-*"]),
    version=1,
    created=datetime(2026, 1, 1, 9, tzinfo=UTC),
)
EXAMPLES = (NewTeam(name="shop", selector=_ONE.selector), _ONE, Teams([_ONE], None))

ROUTES = (list_teams, show_team, make_team, change_team, remove_team)
