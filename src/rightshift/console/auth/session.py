"""Signing in and out, and what a browser keeps of it. What a request shows is read in `middleware`."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from rightshift.console.auth import password as passwords
from rightshift.console.auth import second_factor
from rightshift.console.auth.secrets import hashed, kind_of
from rightshift.console.store import audit, identities
from rightshift.console.store.audit import Line
from rightshift.console.store.pool import Connection
from rightshift.console.vault import Vault

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
FOR_THE_CODE = timedelta(minutes=5)
LINK = timedelta(hours=24)
TOUCH = timedelta(minutes=1)
"""How exactly it is known when something was used last; each use would be a write."""
COOKIE = "__Host-rightshift"
LOCAL_COOKIE = "rightshift"
"""Over plain HTTP, which is only spoken on this machine: browsers keep a `__Host-` cookie from TLS alone."""


@dataclass(frozen=True, slots=True)
class From:
    """Where somebody signs in from: address and program, as they say."""

    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: its secret for the cookie, and the word that changes must be sent with."""

    secret: str
    csrf: str
    person: identities.Person
    complete: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """Too many failures: nothing was compared."""

    until: datetime


async def with_password(
    connection: Connection, name: str, password: str, where: From, now: datetime
) -> Opened | Wait | None:
    """
    A session for the right password, incomplete where a code is needed too; None when name or password are wrong.

    An unknown name takes as long as a wrong password and is throttled alike.
    """
    tried = [f"name:{name.casefold()[:200]}", f"address:{where.address}"]
    if until := await identities.throttled(connection, tried, now):
        return Wait(until)
    person = await identities.person_by_name(connection, name)
    kept = person.password if person and not person.disabled else None
    if not await passwords.holds(password, kept) or person is None:
        async with connection.transaction():
            await identities.failed(connection, tried, now)
            await audit.add(connection, _line("sessions.open", name[:200], where, "failed"), now)
        return None
    async with connection.transaction():
        await identities.succeeded(connection, tried[:1])
        return await opened(connection, person, where, now, complete=person.totp is None)


async def with_code(
    connection: Connection, vault: Vault, shown: str, code: str, where: From, now: datetime
) -> Opened | Wait | None:
    """
    A whole session in place of one that lacks its code, with a secret of its own; None when either does not hold.

    Raises: VaultError.
    """
    hash = hashed(shown)
    begun = await identities.session(connection, hash, now, now - IDLE)
    person = await identities.person(connection, begun.person) if begun and not begun.complete else None
    if person is None:
        return None
    tried = [f"code:{person.id}", f"address:{where.address}"]
    if until := await identities.throttled(connection, tried, now):
        return Wait(until)
    async with connection.transaction():
        if await second_factor.holds(connection, vault, person, code, now):
            await identities.succeeded(connection, tried[:1])
            await identities.end_session(connection, hash)
            return await opened(connection, person, where, now, complete=True)
        await identities.failed(connection, tried, now)
        await audit.add(connection, _line("sessions.code", person.name, where, "failed"), now)
    return None


async def with_link(
    connection: Connection, link: str, password: str, where: From, now: datetime
) -> Opened | Wait | None:
    """
    Sets a password by a one-time link and signs in; None when the link does not hold. A refused password leaves it.

    Raises: RefusedPasswordError.
    """
    tried = [f"address:{where.address}"]
    if until := await identities.throttled(connection, tried, now):
        return Wait(until)
    async with connection.transaction():
        id = await identities.take_link(connection, hashed(link), now) if kind_of(link) == "link" else None
        person = await identities.person(connection, id) if id else None
        if person is not None and not person.disabled:
            passwords.check(password, person.name, with_code=person.totp is not None)
            await identities.set_password(connection, person.id, await passwords.hashed(password))
            await audit.add(connection, _line("people.password", person.name, where, "done"), now)
            return await opened(connection, person, where, now, complete=person.totp is None)
        await identities.failed(connection, tried, now)
        await audit.add(connection, _line("sessions.link", "", where, "failed"), now)
    return None


async def opened(
    connection: Connection,
    person: identities.Person,
    where: From,
    now: datetime,
    *,
    complete: bool,
    provider: str = "",
) -> Opened:
    """A new session with a secret of its own, in the transaction that is open. `provider` is who knows them."""
    secret, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    expires = now + (LONGEST if complete else FOR_THE_CODE)
    await identities.add_session(
        connection,
        hashed(secret),
        person.id,
        csrf.encode(),
        now,
        expires,
        complete=complete,
        address=where.address,
        agent=where.agent[:200],
    )
    line = _line("sessions.open" if complete else "sessions.begin", person.name, where, "done")
    await audit.add(connection, replace(line, after={"provider": provider}) if provider else line, now)
    return Opened(secret, csrf, person, complete)


def cookie(secret: str, *, tls: bool) -> Cookie:
    """What the browser keeps: no script reads it, no other site's form sends it."""
    return Cookie(
        key=COOKIE if tls else LOCAL_COOKIE,
        value=secret,
        path="/",
        httponly=True,
        secure=tls,
        samesite="lax",
        max_age=int(LONGEST.total_seconds()) if secret else 0,
    )


def shown(request: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The secret that a browser shows, if any. By TLS only that of a cookie which no other site can have set."""
    plain = "" if request.scope["scheme"] == "https" else request.cookies.get(LOCAL_COOKIE, "")
    return request.cookies.get(COOKIE) or plain


async def link(connection: Connection, person: UUID, now: datetime, secret: str) -> datetime:
    """Keeps a one-time link of a person, and tells until when it holds."""
    expires = now + LINK
    await identities.add_link(connection, person, hashed(secret), now, expires)
    return expires


def _line(action: str, name: str, where: From, outcome: audit.Outcome) -> Line:
    return Line(actor=name or "nobody", actor_kind="person", action=action, address=where.address, outcome=outcome)
