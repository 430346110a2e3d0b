"""Which subject of which provider a person is: made at a first sign-in, or set by an administrator. People: `users`."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, put
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from rightshift.console.api.names import END
from rightshift.console.api.pages import known
from rightshift.console.api.refusals import refusals
from rightshift.console.api.versions import current, etag, expected
from rightshift.console.auth.oidc import link
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store import people, subjects
from rightshift.console.store.people import Member
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import identity_providers
from rightshift.console.store.subjects import Linked, Subject


class NewIdentity(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Whom a provider means when it means this person."""

    provider: Annotated[str, Meta(min_length=1, max_length=40, pattern=rf"^[a-z0-9-]+{END}")]
    subject: Annotated[str, Meta(min_length=1, max_length=255, pattern=rf"^[\x20-\x7e]+{END}")]
    by_groups: Annotated[bool, Meta(description="Take role and teams from the groups at each sign-in")] = False


class Identity(Struct, frozen=True, kw_only=True):
    """A person at a provider; null where they are linked to none, `provider` also where that was removed."""

    provider: str | None
    issuer: str | None
    subject: str | None
    by_groups: bool


_MAY_READ, _MAY_WRITE = Requires(Permission.USERS_READ), Requires(Permission.USERS_WRITE)


@get(
    "/users/{user:uuid}/identity",
    guards=[_MAY_READ, known],
    tags=["users"],
    summary="Show who a person is at a provider",
    responses=refusals(404),
)
async def show_identity(
    request: Request[Actor, Any, Any], user: FromPath[UUID], pool: NamedDependency[Pool]
) -> Response[Identity]:
    """Issuer and subject; the ETag is the person's, and what changes are sent with."""
    async with pool.connection() as connection:
        member = await _member(connection, request.user, user)
        return Response(await _shown(connection, await subjects.of(connection, user)), headers=etag(member.version))


@put(
    "/users/{user:uuid}/identity",
    guards=[_MAY_WRITE],
    tags=["users"],
    summary="Link a person to a provider",
    responses=refusals(404, 409, 412, 428),
)
async def put_identity(
    request: Request[Actor, Any, Any],
    user: FromPath[UUID],
    data: JSONBody[NewIdentity],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[Identity]:
    """Lets whoever the provider knows by that subject in as this person. Their password goes on to hold."""
    version = expected(request)
    async with pool.connection() as connection:
        member = current(await people.one(connection, request.user.scope, user), version, _absent())
        provider = await identity_providers.one(connection, data.provider)
        if provider is None:
            raise NotFoundException("There is no such provider")
        linked = Linked(subject=Subject(issuer=provider.about.issuer, subject=data.subject), by_groups=data.by_groups)
        made = await link.link(connection, request.user, member, linked, now)
        if made is None:
            raise HTTPException(status_code=409, detail="That subject is somebody else")
        return Response(await _shown(connection, linked), headers=etag(made))


@delete(
    "/users/{user:uuid}/identity",
    guards=[_MAY_WRITE],
    tags=["users"],
    summary="Unlink a person from a provider",
    responses=refusals(404, 412, 428),
)
async def remove_identity(
    request: Request[Actor, Any, Any],
    user: FromPath[UUID],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> None:
    """Nobody comes in as them through a provider any more; their sessions end. Without a password they stay out."""
    version = expected(request)
    async with pool.connection() as connection:
        member = current(await people.one(connection, request.user.scope, user), version, _absent())
        await link.unlink(connection, request.user, member, now)


async def _member(connection: Connection, actor: Actor, id: UUID) -> Member:
    found = await people.one(connection, actor.scope, id)
    if found is None:
        raise _absent()
    return found


async def _shown(connection: Connection, linked: Linked | None) -> Identity:
    if linked is None:
        return Identity(provider=None, issuer=None, subject=None, by_groups=False)
    issuer = linked.subject.issuer
    provider = await identity_providers.of_issuer(connection, issuer)
    return Identity(provider=provider, issuer=issuer, subject=linked.subject.subject, by_groups=linked.by_groups)


def _absent() -> NotFoundException:
    return NotFoundException("There is no such person")


EXAMPLES = (
    NewIdentity(provider="corp", subject="f3a1c9e2-77d0"),
    Identity(
        provider="corp", issuer="https://login.corp.example/realms/staff", subject="f3a1c9e2-77d0", by_groups=False
    ),
)
ROUTES = (show_identity, put_identity, remove_identity)
