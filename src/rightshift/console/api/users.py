"""People who sign in: invited, changed, removed, let in again. Who one is: `session`; second factors: `account`."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, HTTPException, NotFoundException, PermissionDeniedException
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct, convert
from psycopg.errors import ForeignKeyViolation, UniqueViolation

from rightshift.console.api.names import END, PRINTED
from rightshift.console.api.pages import After, Limit, Text, cut, known, place
from rightshift.console.api.refusals import refusals
from rightshift.console.api.versions import changed, etag, expected
from rightshift.console.auth import people as auth
from rightshift.console.auth.permission import Actor, Permission, Requires, Role
from rightshift.console.store import people
from rightshift.console.store.people import Member, Rights
from rightshift.console.store.pool import Pool


class UserRights(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What a person may do and see. `everything` false: only what belongs to the teams."""

    email: Annotated[str, Meta(max_length=320, pattern=r"^([^\s\x00-\x1f\x7f@]+@[^\s\x00-\x1f\x7f@]+)?" + END)] = ""
    role: Role
    everything: bool = False
    teams: Annotated[list[UUID], Meta(max_length=1_000)] = []
    disabled: bool = False


class NewUser(UserRights, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Somebody who is invited."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=PRINTED)]


class User(Struct, frozen=True, kw_only=True):
    """A person, without anything secret."""

    id: UUID
    name: str
    email: str
    role: str
    everything: bool
    teams: list[UUID]
    disabled: bool
    second_factor: bool
    provider: Annotated[bool, Meta(description="Signs in through the OpenID provider")]
    version: int
    created: datetime
    seen: datetime | None


class Users(Struct, frozen=True):
    """A page of people, by name."""

    items: list[User]
    next: str | None


class UserLink(Struct, frozen=True, kw_only=True):
    """A one-time link, shown this once."""

    id: UUID
    link: str
    expires: datetime


_MAY_READ, _MAY_WRITE = Requires(Permission.USERS_READ), Requires(Permission.USERS_WRITE)


@get("/users", guards=[_MAY_READ, known], tags=["users"], summary="List people", responses=refusals())
async def list_users(
    request: Request[Actor, Any, Any], pool: NamedDependency[Pool], limit: Limit = 50, after: After = None
) -> Users:
    """People by name; an administrator of some teams sees those who see no more."""
    async with pool.connection() as connection:
        found = await people.page(connection, request.user.scope, place(after, tuple[Text, UUID]), limit + 1)
    shown, following = cut(found, limit, lambda one: (one.name.lower(), one.id))
    return Users([_shown(one) for one in shown], following)


@get("/users/{user:uuid}", guards=[_MAY_READ, known], tags=["users"], summary="Show a person", responses=refusals(404))
async def show_user(
    request: Request[Actor, Any, Any], user: FromPath[UUID], pool: NamedDependency[Pool]
) -> Response[User]:
    """One person; the ETag is what changes are sent with."""
    async with pool.connection() as connection:
        found = await people.one(connection, request.user.scope, user)
    if found is None:
        raise NotFoundException("There is no such person")
    return Response(_shown(found), headers=etag(found.version))


@post("/users", guards=[_MAY_WRITE], tags=["users"], summary="Invite somebody", responses=refusals(409))
async def invite_user(
    request: Request[Actor, Any, Any],
    data: JSONBody[NewUser],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> UserLink:
    """Makes a person, and a link with which they sign in for the first time and set their password."""
    async with pool.connection() as connection:
        try:
            made = await auth.invite(connection, request.user, data.name, _rights(data), now)
        except UniqueViolation as error:
            raise HTTPException(status_code=409, detail="There is somebody of that name") from error
        except ForeignKeyViolation as error:
            raise ClientException("There is no such team") from error
        except auth.BeyondError as error:
            raise PermissionDeniedException(error.what) from error
    return convert(made, UserLink, from_attributes=True)


@put(
    "/users/{user:uuid}",
    guards=[_MAY_WRITE],
    tags=["users"],
    summary="Change a person",
    responses=refusals(404, 409, 412, 428),
)
async def change_user(
    request: Request[Actor, Any, Any],
    user: FromPath[UUID],
    data: JSONBody[UserRights],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[User]:
    """Changes what a person may do and see; their sessions end. The last administrator stays one."""
    version = expected(request)
    async with pool.connection() as connection:
        try:
            if await people.one(connection, request.user.scope, user) is None:
                raise NotFoundException("There is no such person")
            if await auth.change(connection, request.user, user, version, _rights(data), now) is None:
                raise changed()
            found = await people.one(connection, request.user.scope, user)
        except ForeignKeyViolation as error:
            raise ClientException("There is no such team") from error
        except auth.BeyondError as error:
            raise PermissionDeniedException(error.what) from error
        except auth.LastAdminError as error:
            raise HTTPException(status_code=409, detail=error.what) from error
    if found is None:
        raise NotFoundException("There is no such person")
    return Response(_shown(found), headers=etag(found.version))


@delete(
    "/users/{user:uuid}",
    guards=[_MAY_WRITE],
    tags=["users"],
    summary="Remove a person",
    responses=refusals(404, 409, 412, 428),
)
async def remove_user(
    request: Request[Actor, Any, Any],
    user: FromPath[UUID],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> None:
    """Removes a person with sessions and own tokens. The last administrator stays."""
    version = expected(request)
    async with pool.connection() as connection:
        if await people.one(connection, request.user.scope, user) is None:
            raise NotFoundException("There is no such person")
        try:
            if not await auth.remove(connection, request.user, user, version, now):
                raise changed()
        except auth.LastAdminError as error:
            raise HTTPException(status_code=409, detail=error.what) from error


@post(
    "/users/{user:uuid}/reset",
    guards=[_MAY_WRITE],
    tags=["users"],
    summary="Let somebody in again",
    responses=refusals(404, 409),
)
async def reset_user(
    request: Request[Actor, Any, Any],
    user: FromPath[UUID],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> UserLink:
    """Takes password, second factor, sessions and tokens of a person away, and makes a link to begin anew."""
    async with pool.connection() as connection:
        try:
            made = await auth.reset(connection, request.user, user, now)
        except auth.LastAdminError as error:
            raise HTTPException(status_code=409, detail=error.what) from error
    if made is None:
        raise NotFoundException("There is no such person")
    return convert(made, UserLink, from_attributes=True)


def _rights(data: UserRights) -> Rights:
    return Rights(
        email=data.email,
        role=data.role,
        everything=data.everything,
        teams=frozenset(data.teams),
        disabled=data.disabled,
    )


def _shown(member: Member) -> User:
    return convert(member, User, from_attributes=True)


_ONE = User(
    id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c91"),
    name="vera",
    email="vera@example.org",
    role="viewer",
    everything=False,
    teams=[UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c21")],
    disabled=False,
    second_factor=True,
    provider=False,
    version=1,
    created=datetime(2026, 1, 1, 9, tzinfo=UTC),
    seen=datetime(2026, 1, 5, 12, tzinfo=UTC),
)
EXAMPLES = (
    UserRights(email="vera@example.org", role="operator", teams=[UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c21")]),
    NewUser(name="vera", email="vera@example.org", role="viewer", teams=[UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c21")]),
    _ONE,
    Users([_ONE], None),
    UserLink(
        id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c91"),
        link="rs_l_2Qm0rQ0c9h1xq7wTf0aJp5sZb8UeYk3vV2m0rQ0c9h1xExamp",
        expires=datetime(2026, 1, 6, 12, tzinfo=UTC),
    ),
)

ROUTES = (list_users, show_user, invite_user, change_user, remove_user, reset_user)
