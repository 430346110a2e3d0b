"""One's own password and second factor. Other people's: `users`; signing in with them: `session`."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, post, put
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, HTTPException, NotAuthorizedException
from litestar.params import JSONBody
from msgspec import Meta, Struct, convert

from rightshift.config import Config
from rightshift.console import vault as vaults
from rightshift.console.api.refusals import refusals
from rightshift.console.auth import password as passwords
from rightshift.console.auth import second_factor, session
from rightshift.console.auth.middleware import where
from rightshift.console.auth.patience import too_many
from rightshift.console.auth.people import line
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store import audit, identities, people, subjects
from rightshift.console.store.identities import Person
from rightshift.console.store.pool import Connection, Pool

Secret = Annotated[str, Meta(min_length=1, max_length=1_000)]
CodeText = Annotated[str, Meta(min_length=6, max_length=40)]
FRESH = timedelta(minutes=10)
"""How long a sign-in through a provider proves who is at the keyboard."""
_MAY = Requires(Permission.ACCOUNT_OWN)


class NewPassword(Struct, forbid_unknown_fields=True, frozen=True):
    """The password of now and the one to come."""

    current: Secret
    password: Secret


class OwnPassword(Struct, forbid_unknown_fields=True, frozen=True):
    """Proves that it is really oneself at the keyboard. Null for who has no password here."""

    password: Secret | None = None


class SecondFactorBegun(Struct, frozen=True, kw_only=True):
    """A secret for the app, shown this once; `uri` is what a QR code holds."""

    secret: str
    uri: str
    ticket: str


class SecondFactorCode(Struct, forbid_unknown_fields=True, frozen=True):
    """The ticket, and the first code of the app."""

    ticket: Annotated[str, Meta(max_length=500)]
    code: CodeText


class OwnCode(Struct, forbid_unknown_fields=True, frozen=True):
    """A code of the second factor of now."""

    code: CodeText


class Renewed(Struct, frozen=True, kw_only=True):
    """The session goes on under a new secret, and changes need a new word."""

    csrf: str
    recovery_codes: Annotated[list[str], Meta(description="Shown this once; empty where there are no new ones")]


@put("/account/password", guards=[_MAY], tags=["account"], summary="Change one's password", responses=refusals(409))
async def change_password(
    request: Request[Actor, Any, Any],
    data: JSONBody[NewPassword],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[Renewed]:
    """Sets a new password. All other sessions end."""
    async with pool.connection() as connection:
        person = await _with_password(connection, request.user, data.current, now)
        passwords.check(data.password, person.name, with_code=person.totp is not None)
        kept = await passwords.hashed(data.password)
        async with connection.transaction():
            await identities.set_password(connection, person.id, kept)
            await audit.add(connection, line(request.user, "people.password", person.name), now)
            return await _renewed(request, connection, person, now)


@post(
    "/account/second-factor",
    guards=[_MAY],
    tags=["account"],
    summary="Begin a second factor",
    responses=refusals(409),
    status_code=200,
)
async def begin_second_factor(
    request: Request[Actor, Any, Any],
    data: JSONBody[OwnPassword],
    pool: NamedDependency[Pool],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> SecondFactorBegun:
    """
    Makes a secret for an app. It counts once its first code comes back with the ticket, within 10 minutes.

    Whoever has no password here has signed in through a provider within the last ten minutes.
    """
    async with pool.connection() as connection:
        person = await _proven(connection, request.user, data.password, now)
    begun = second_factor.begin(vaults.opened(config.vault), person.id, person.name, now)
    return convert(begun, SecondFactorBegun, from_attributes=True)


@put("/account/second-factor", guards=[_MAY], tags=["account"], summary="Set a second factor", responses=refusals())
async def set_second_factor(
    request: Request[Actor, Any, Any],
    data: JSONBody[SecondFactorCode],
    pool: NamedDependency[Pool],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> Response[Renewed]:
    """Sets the second factor by its first code, and gives recovery codes. All other sessions end."""
    actor = request.user
    vault = vaults.opened(config.vault)
    async with pool.connection() as connection:
        person = await _person(connection, actor)
        await _patience(connection, person.id, now)
        async with connection.transaction():
            codes = await second_factor.confirm(connection, vault, person.id, data.ticket, data.code, now)
            if codes is not None:
                await audit.add(connection, line(actor, "people.second_factor", person.name), now)
                return await _renewed(request, connection, person, now, codes)
        await _wrong(connection, actor, person, now)
    raise ClientException("The code is not one of now, or the ticket has ended")


@post(
    "/account/recovery-codes",
    guards=[_MAY],
    tags=["account"],
    summary="Make recovery codes",
    responses=refusals(),
    status_code=200,
)
async def make_recovery_codes(
    request: Request[Actor, Any, Any],
    data: JSONBody[OwnCode],
    pool: NamedDependency[Pool],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> Response[Renewed]:
    """New recovery codes in place of the earlier ones, for a code of now."""
    async with pool.connection() as connection:
        person = await _with_code(connection, request.user, config, data.code, now)
        async with connection.transaction():
            codes = await second_factor.recovery_codes(connection, person.id)
            await audit.add(connection, line(request.user, "people.recovery_codes", person.name), now)
            return await _renewed(request, connection, person, now, codes)


@post(
    "/account/second-factor/end",
    guards=[_MAY],
    tags=["account"],
    summary="End the second factor",
    responses=refusals(),
    status_code=200,
)
async def end_second_factor(
    request: Request[Actor, Any, Any],
    data: JSONBody[OwnCode],
    pool: NamedDependency[Pool],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> Response[Renewed]:
    """Takes the second factor and its recovery codes away, for a code of now. Where it is required, set another."""
    async with pool.connection() as connection:
        person = await _with_code(connection, request.user, config, data.code, now)
        async with connection.transaction():
            await second_factor.end(connection, person.id)
            await audit.add(connection, line(request.user, "people.second_factor_end", person.name), now)
            return await _renewed(request, connection, person, now)


async def _person(connection: Connection, actor: Actor) -> Person:
    person = await identities.person(connection, actor.person) if actor.person else None
    if person is None:
        raise NotAuthorizedException("Sign in")
    return person


async def _proven(connection: Connection, actor: Actor, password: str | None, now: datetime) -> Person:
    person = await _person(connection, actor)
    if person.password is not None:
        return await _with_password(connection, actor, password or "", now)
    began = await subjects.session_began(connection, actor.session)
    if began is None or now - began > FRESH:
        raise HTTPException(status_code=409, detail="Sign in anew through your provider, and begin within ten minutes")
    return person


async def _with_password(connection: Connection, actor: Actor, password: str, now: datetime) -> Person:
    person = await _person(connection, actor)
    if person.password is None:
        raise HTTPException(status_code=409, detail="You sign in through a provider, which asks for your password")
    await _patience(connection, person.id, now)
    if not await passwords.holds(password, person.password):
        await _wrong(connection, actor, person, now)
        raise ClientException("That is not your password")
    return person


async def _with_code(connection: Connection, actor: Actor, config: Config, code: str, now: datetime) -> Person:
    person = await _person(connection, actor)
    await _patience(connection, person.id, now)
    if not await second_factor.holds(connection, vaults.opened(config.vault), person, code, now):
        await _wrong(connection, actor, person, now)
        raise ClientException("The code is not one of now, or was used before")
    return person


async def _patience(connection: Connection, person: UUID, now: datetime) -> None:
    if until := await identities.throttled(connection, [f"code:{person}"], now):
        raise too_many(until, now)


async def _wrong(connection: Connection, actor: Actor, person: Person, now: datetime) -> None:
    async with connection.transaction():
        await identities.failed(connection, [f"code:{person.id}"], now)
        failed = line(actor, "people.proof", person.name)
        await audit.add(connection, audit.failed(failed), now)


async def _renewed(
    request: Request[Actor, Any, Any],
    connection: Connection,
    person: Person,
    now: datetime,
    codes: list[str] | None = None,
) -> Response[Renewed]:
    """A session of a new secret in place of all of the person's."""
    await people.end_sessions(connection, person.id)
    opened = await session.opened(connection, person, where(request), now, complete=True)
    tls = request.scope.get("scheme") == "https"
    return Response(
        Renewed(csrf=opened.csrf, recovery_codes=codes or []), cookies=[session.cookie(opened.secret, tls=tls)]
    )


EXAMPLES = (
    NewPassword("nine unlikely words of mine", "twelve words that nobody thinks of"),
    OwnPassword("nine unlikely words of mine"),
    SecondFactorBegun(
        secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",  # noqa: S106
        uri="otpauth://totp/rightshift:vera?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=rightshift",
        ticket="AX9tZS1lbmNpcGhlcmVkLXRpY2tldA==",
    ),
    SecondFactorCode(ticket="AX9tZS1lbmNpcGhlcmVkLXRpY2tldA==", code="492039"),
    OwnCode(code="492039"),
    Renewed(csrf="Yk3vV2m0rQ0c9h1xq7wTf0aJp5sZb8Ue", recovery_codes=["k7mq-2hzt-9xwc-4rnb"]),
)

ROUTES = (change_password, begin_second_factor, set_second_factor, make_recovery_codes, end_second_factor)
