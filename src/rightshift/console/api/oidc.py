"""Signing in through a provider: which there are, going there, coming back. Their settings: `identity_providers`."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from rightshift import escape
from rightshift.config import Config
from rightshift.console import vault as vaults
from rightshift.console.api.pages import known
from rightshift.console.api.refusals import refusals
from rightshift.console.auth import session
from rightshift.console.auth.middleware import where
from rightshift.console.auth.oidc import addresses, begin
from rightshift.console.auth.oidc.discovery import Discovered
from rightshift.console.auth.oidc.finish import Done, Returned, failure, finish
from rightshift.console.auth.oidc.refused import RefusedError
from rightshift.console.auth.patience import too_many
from rightshift.console.auth.permission import Actor, Public
from rightshift.console.auth.session import Wait
from rightshift.console.door.problems import problem
from rightshift.console.store import audit, identities
from rightshift.console.store.pool import Pool
from rightshift.console.store.read import identity_providers
from rightshift.console.store.read.identity_providers import Provider

PARAMETER_CHARS = 4_096
CODE_PAGE = "/sign-in/code"
"""Where the page asks for the code of a second factor, and sends it to `/session/code`."""
_FOR_ALL = Public("nobody is signed in before")


class Button(Struct, frozen=True):
    """A provider that one may sign in through."""

    name: str
    label: str


class Methods(Struct, frozen=True):
    """How one may sign in beside name and password."""

    providers: list[Button]


class Wish(Struct, forbid_unknown_fields=True, frozen=True):
    """Where the browser is to be after the sign-in: a path of this console; anything else is `/`."""

    return_to: Annotated[str, Meta(max_length=4_000)] = addresses.HOME


class Going(Struct, frozen=True):
    """Where the browser goes now."""

    url: str


@get(
    "/session/methods",
    guards=[_FOR_ALL, known],
    tags=["session"],
    summary="How one may sign in",
    responses=refusals(),
)
async def methods(pool: NamedDependency[Pool]) -> Methods:
    """The providers that are in use; by name and password one may always sign in."""
    async with pool.connection() as connection:
        found = await identity_providers.every(connection)
    return Methods([Button(one.name, one.about.label) for one in found if one.about.enabled])


@post(
    "/session/providers/{provider:str}",
    guards=[_FOR_ALL],
    tags=["session"],
    summary="Sign in through a provider",
    responses=refusals(404),
    status_code=201,
)
async def go(
    request: Request[Actor, Any, Any],
    provider: FromPath[str],
    data: JSONBody[Wish],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[Going]:
    """Begins a sign-in in this browser, which then goes to the address of the answer, within ten minutes."""
    async with pool.connection() as connection:
        if until := await identities.throttled(connection, [f"address:{request.user.address}"], now):
            raise too_many(until, now)
        through = await identity_providers.one(connection, provider) if "\0" not in provider else None
    if through is None or not through.about.enabled:
        raise NotFoundException("There is no such provider")
    try:
        metadata = await _discovered(request).metadata(through, now)
    except RefusedError as error:
        if not error.known:
            async with pool.connection() as connection, connection.transaction():
                await audit.add(connection, failure(through.name, error, where(request)), now)
        raise HTTPException(status_code=error.status, detail=error.what) from error
    uri, path = addresses.redirect_uri(request, through), addresses.return_to(data.return_to)
    async with pool.connection() as connection:
        begun = await begin.begin(connection, through, metadata, uri, path, request.user.address, now)
    return Response(Going(begun.url), cookies=[begin.cookie(begun.browser, tls=_tls(request, through))])


@get(
    "/session/providers/{provider:str}/callback",
    guards=[_FOR_ALL],
    tags=["session"],
    summary="Come back from a provider",
    include_in_schema=False,
)
async def come_back(
    request: Request[Actor, Any, Any],
    provider: FromPath[str],
    pool: NamedDependency[Pool],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """For browsers alone: signs in and goes on to where the sign-in began, or says why not."""
    async with pool.connection() as connection:
        through = await identity_providers.one(connection, provider) if "\0" not in provider else None
    tls = _tls(request, through)
    returned = _returned(request, through.name if through else "", begin.COOKIE if tls else begin.LOCAL_COOKIE)
    try:
        done = await finish(pool, _discovered(request), vaults.opened(config.vault), returned, where(request), now)
    except RefusedError as error:
        return _refused(request, error)
    if isinstance(done, Wait):
        raise too_many(done.until, now)
    return await _welcome(request, pool, done, tls=tls)


def _discovered(request: Request[Actor, Any, Any]) -> Discovered:
    found: Discovered = request.app.state.discovered
    return found


def _returned(request: Request[Actor, Any, Any], provider: str, cookie: str) -> Returned:
    """Each parameter once; what comes twice, or is longer than any, is none."""

    def once(parameter: str) -> str:
        found = request.query_params.getall(parameter, [])
        return found[0] if len(found) == 1 and len(found[0]) <= PARAMETER_CHARS else ""

    return Returned(
        provider=provider,
        state=once("state"),
        code=once("code"),
        issuer=once("iss") if "iss" in request.query_params else None,
        error=once("error"),
        description=once("error_description"),
        browser=request.cookies.get(cookie, ""),
    )


def _tls(request: Request[Actor, Any, Any], provider: Provider | None) -> bool:
    """Whether the browser comes by TLS: then only a cookie counts that no other site can have set."""
    reached = addresses.console(request, provider) if provider else str(request.scope["scheme"])
    return reached.startswith("https")


async def _welcome(request: Request[Actor, Any, Any], pool: Pool, done: Done, *, tls: bool) -> Response[Any]:
    """The session that the browser had ends; one that lacks its code goes on where that is asked for."""
    if request.user.session:
        async with pool.connection() as connection:
            await identities.end_session(connection, request.user.session)
    onward = done.return_to if done.opened.complete else f"{CODE_PAGE}?return_to={quote(done.return_to, safe='')}"
    return Response(
        None,
        status_code=303,
        headers={"Location": onward},
        cookies=[session.cookie(done.opened.secret, tls=tls), begin.cookie("", tls=tls)],
    )


def _refused(request: Request[Actor, Any, Any], error: RefusedError) -> Response[Any]:
    """For people, since their browser shows it, and for programs."""
    if MediaType.HTML in request.headers.get("accept", ""):
        text = f"<!doctype html><title>Not signed in</title><p>{escape.html(error.what)}.</p>"
        text += '<p><a href="/">To the start</a></p>'
        return Response(text, status_code=error.status, media_type=MediaType.HTML)
    return problem(error.status, error.what)


EXAMPLES = (
    Methods([Button("corp", "Corp")]),
    Wish("/findings"),
    Going("https://login.corp.example/authorize?response_type=code&client_id=rightshift"),
)
ROUTES = (methods, go, come_back)
