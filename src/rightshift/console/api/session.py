"""Signing in and out, and who one is. People and their rights: `people`; what programs show: `tokens`."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotAuthorizedException
from litestar.params import JSONBody
from msgspec import Meta, Struct

from rightshift.config import Config
from rightshift.console import vault as vaults
from rightshift.console.api.names import END
from rightshift.console.auth import session
from rightshift.console.auth.middleware import where
from rightshift.console.auth.patience import too_many
from rightshift.console.auth.permission import Actor, Public
from rightshift.console.auth.session import Opened, Wait
from rightshift.console.store import audit, identities
from rightshift.console.store.audit import Line
from rightshift.console.store.identities import Whose
from rightshift.console.store.pool import Pool


class Credentials(Struct, forbid_unknown_fields=True, frozen=True):
    """A name and its password."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=rf"^[^\x00]*{END}")]
    password: Annotated[str, Meta(min_length=1, max_length=1_000)]


class Code(Struct, forbid_unknown_fields=True, frozen=True):
    """Six digits of now, or a recovery code."""

    code: Annotated[str, Meta(min_length=6, max_length=40)]


class Link(Struct, forbid_unknown_fields=True, frozen=True):
    """A one-time link, and the password that the person takes."""

    link: Annotated[str, Meta(min_length=1, max_length=100)]
    password: Annotated[str, Meta(min_length=1, max_length=1_000)]


class Session(Struct, frozen=True, kw_only=True):
    """A session that began. `csrf` is sent as X-CSRF-Token with each change that a browser makes."""

    name: str
    complete: Annotated[bool, Meta(description="False where the code of the second factor is needed first")]
    csrf: Annotated[str, Meta(description="Empty as long as it is not complete")]


class Me(Struct, frozen=True, kw_only=True):
    """Who asks, and what they may do and see."""

    name: str
    kind: Annotated[str, Meta(description="`person`, `token` or `sensor`")]
    role: str | None
    permissions: list[str]
    teams: Annotated[list[UUID] | None, Meta(description="Null is everything")]
    csrf: Annotated[str, Meta(description="Of the session; empty for tokens")]
    must_enrol: Annotated[bool, Meta(description="A second factor is required, and is to be set up before all else")]


@post("/session", guards=[Public("nobody is signed in before")], tags=["session"], summary="Sign in", status_code=201)
async def sign_in(
    request: Request[Actor, Any, Any],
    data: JSONBody[Credentials],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[Session]:
    """Signs in by name and password. What is wrong of the two is not said."""
    async with pool.connection() as connection:
        return _answer(request, await session.with_password(connection, data.name, data.password, where(request), now))


@post("/session/code", guards=[Public("nobody is signed in before")], tags=["session"], summary="Give the code")
async def give_code(
    request: Request[Actor, Any, Any],
    data: JSONBody[Code],
    pool: NamedDependency[Pool],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> Response[Session]:
    """Completes a session by a code of the second factor, or by a recovery code, within five minutes."""
    shown = session.shown(request)
    async with pool.connection() as connection:
        vault = vaults.opened(config.vault)
        return _answer(request, await session.with_code(connection, vault, shown, data.code, where(request), now))


@post("/session/link", guards=[Public("nobody is signed in before")], tags=["session"], summary="Use a one-time link")
async def use_link(
    request: Request[Actor, Any, Any],
    data: JSONBody[Link],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[Session]:
    """Sets a password and signs in, once: for the first administrator, who was invited, and who forgot theirs."""
    async with pool.connection() as connection:
        return _answer(request, await session.with_link(connection, data.link, data.password, where(request), now))


@get("/me", guards=[Public("it says who asks")], tags=["session"], summary="Who am I?")
async def me(request: Request[Actor, Any, Any]) -> Me:
    """Name, role, permissions and scope of whoever asks."""
    actor = request.user
    if actor.kind == "nobody":
        raise NotAuthorizedException("Sign in, or send a token")
    return Me(
        name=actor.name,
        kind=actor.kind,
        role=actor.role,
        permissions=sorted(actor.permissions),
        teams=None if actor.scope.teams is None else sorted(actor.scope.teams),
        csrf=actor.csrf,
        must_enrol=actor.must_enrol,
    )


@delete("/session", guards=[Public("also what has ended can be ended")], tags=["session"], summary="Sign out")
async def sign_out(
    request: Request[Actor, Any, Any], pool: NamedDependency[Pool], now: NamedDependency[datetime]
) -> None:
    """Ends the session, also in other windows; asked with a person's own token, it ends that token."""
    actor = request.user
    line = Line(actor=actor.name, actor_kind=actor.kind, action="sessions.end", address=actor.address)
    if actor.session:
        async with pool.connection() as connection, connection.transaction():
            await identities.end_session(connection, actor.session)
            await audit.add(connection, line, now)
    elif actor.token and actor.person:
        async with pool.connection() as connection, connection.transaction():
            if await identities.revoke_token(connection, actor.token, now, Whose(actor.person)) is not None:
                await audit.add(connection, replace(line, action="tokens.revoke", target=str(actor.token)), now)


def _answer(request: Request[Actor, Any, Any], opened: Opened | Wait | None) -> Response[Session]:
    tls = request.scope.get("scheme") == "https"
    if isinstance(opened, Wait):
        raise too_many(opened.until, request.app.state.now())
    if opened is None:
        raise NotAuthorizedException("Name, password, code or link are wrong")
    shown = Session(name=opened.person.name, complete=opened.complete, csrf=opened.csrf if opened.complete else "")
    return Response(shown, status_code=201, cookies=[session.cookie(opened.secret, tls=tls)])


EXAMPLES = (
    Credentials("vera", "nine unlikely words of mine"),
    Code(code="492039"),
    Link("rs_l_2Qm0rQ0c9h1xq7wTf0aJp5sZb8UeYk3vV2m0rQ0c9h1xExamp", "nine unlikely words of mine"),
    Session(name="vera", complete=True, csrf="Yk3vV2m0rQ0c9h1xq7wTf0aJp5sZb8Ue"),
    Me(
        name="vera",
        kind="person",
        role="viewer",
        permissions=["assets:read", "findings:read"],
        teams=[UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c21")],
        csrf="Yk3vV2m0rQ0c9h1xq7wTf0aJp5sZb8Ue",
        must_enrol=False,
    ),
)

ROUTES = (sign_in, give_code, use_link, me, sign_out)
