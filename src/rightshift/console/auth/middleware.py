"""Finds out who asks, by token or session, and that a browser means what it sends. What they may do: `permission`."""

import hmac
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from rightshift.console.auth import session
from rightshift.console.auth.patience import too_many
from rightshift.console.auth.permission import (
    NEVER_OF_TOKENS,
    NOBODY,
    OF_ROLE,
    OF_WHO_MUST_ENROL,
    Actor,
    Permission,
    role_of,
)
from rightshift.console.auth.secrets import hashed, kind_of
from rightshift.console.auth.session import IDLE, TOUCH, From
from rightshift.console.store import identities
from rightshift.console.store.pool import Connection

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN = frozenset({"same-origin", "none"})
CSRF_HEADER = "x-csrf-token"
FAILURES = "address:"


class Authentication(AbstractAuthenticationMiddleware):
    """Gives each request its `Actor`; nobody is one too. Whoever shows something that does not hold is refused."""

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        """
        Raises: NotAuthorizedException for a token or session that does not hold, PermissionDeniedException for a change
        that a browser was made to send, HTTPException (429) for an address that failed too often.
        """
        state = connection.app.state
        now: datetime = state.now()
        address = peer(connection, state.config.proxies)
        if header := connection.headers.get("authorization"):
            async with state.pool.connection() as database:
                return AuthenticationResult(await _of_token(database, header, address, now), None)
        if secret := session.shown(connection):
            async with state.pool.connection() as database:
                actor = await _of_session(database, secret, address, now)
            if actor is not None:
                _meant(connection, actor.csrf)
                return AuthenticationResult(actor, None)
        _own_page(connection)
        return AuthenticationResult(Actor(name=NOBODY.name, kind="nobody", address=address), None)


async def _of_token(database: Connection, header: str, address: str, now: datetime) -> Actor:
    scheme, _, text = header.partition(" ")
    text = text.strip()
    if scheme.lower() == "bearer" and kind_of(text) not in (None, "link"):
        token = await identities.token(database, hashed(text), now)
        if token is not None:
            if token.used is None or now - token.used > TOUCH:
                await identities.touch_token(database, token.id, now)
            return _token_actor(token, address)
    tried = [FAILURES + address]
    if until := await identities.throttled(database, tried, now):
        raise too_many(until, now, "Too many failures from this address")
    await identities.failed(database, tried, now)
    raise NotAuthorizedException("The token is unknown, has ended or was revoked")


def _token_actor(token: identities.Token, address: str) -> Actor:
    given = frozenset(Permission(name) for name in token.permissions if name in Permission.__members__.values())
    if token.role is not None:
        given &= OF_ROLE[role_of(token.role)]
    return Actor(
        name=token.name,
        kind="sensor" if token.kind == "sensor" else "token",
        permissions=frozenset() if token.must_enrol else given - NEVER_OF_TOKENS,
        scope=token.scope,
        person=token.person,
        token=token.id,
        reporter=token.reporter,
        must_enrol=token.must_enrol,
        address=address,
    )


async def still(connection: ASGIConnection[Any, Any, Any, Any]) -> Actor | None:
    """
    Whoever asked, with what they may do and see by now; None where what they showed holds no longer.

    For what stays open. It does not count as a use, so that a page that nobody looks at keeps no session alive.
    """
    state, actor = connection.app.state, connection.scope["user"]
    now: datetime = state.now()
    async with state.pool.connection() as database:
        if actor.session:
            found = await identities.session(database, actor.session, now, now - IDLE)
            return _person_actor(found, actor.session, actor.address) if found and found.complete else None
        shown = connection.headers.get("authorization", "").partition(" ")[2].strip()
        token = await identities.token(database, hashed(shown), now)
        return _token_actor(token, actor.address) if token else None


async def _of_session(database: Connection, secret: str, address: str, now: datetime) -> Actor | None:
    """None for one that has ended, or that lacks its code yet: then nobody asks."""
    hash = hashed(secret)
    found = await identities.session(database, hash, now, now - IDLE)
    if found is None or not found.complete:
        return None
    if now - found.used > TOUCH:
        await identities.touch_session(database, hash, now)
    return _person_actor(found, hash, address)


def _person_actor(found: identities.Session, hash: bytes, address: str) -> Actor:
    role = role_of(found.role)
    return Actor(
        name=found.name,
        kind="person",
        permissions=OF_WHO_MUST_ENROL if found.must_enrol else OF_ROLE[role],
        scope=found.scope,
        person=found.person,
        role=role,
        session=hash,
        csrf=found.csrf.decode(),
        must_enrol=found.must_enrol,
        address=address,
    )


def _meant(connection: ASGIConnection[Any, Any, Any, Any], csrf: str) -> None:
    """
    A browser sends the cookie whoever made it ask; only our own page knows the word and sends it in a header.

    Source: OWASP CSRF Prevention Cheat Sheet, "Synchronizer Token Pattern", "Fetch Metadata".
    """
    if connection.scope.get("method") in _SAFE:
        return
    _own_page(connection)
    shown = connection.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(shown.encode(), csrf.encode()):
        raise PermissionDeniedException("The request did not come from this console's own page")


def _own_page(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Also for who is not signed in: another page must not sign anybody in as somebody else."""
    if connection.scope.get("method") not in _SAFE:
        own_origin(connection)


def own_origin(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Raises: PermissionDeniedException where a browser says that another site's page asks."""
    site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    own = (site is None or site in _OWN) and (
        origin is None or urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower()
    )
    if not own:
        raise PermissionDeniedException("The request did not come from this console's own page")


def peer(connection: ASGIConnection[Any, Any, Any, Any], proxies: tuple[str, ...]) -> str:
    """
    The address of whoever asks: the connection's, or what the last proxy that is believed says of its own peer.

    X-Forwarded-For is read from its end, since only what a believed proxy added there is true.
    """
    client = connection.scope.get("client")
    address = client[0] if client else ""
    said = [part.strip() for part in connection.headers.get("x-forwarded-for", "").split(",") if part.strip()]
    while address in proxies and said:
        told = said.pop()
        try:
            address = str(ip_address(told))
        except ValueError:
            break
    return address


def where(connection: ASGIConnection[Any, Any, Any, Any]) -> From:
    """Where a request comes from, for sessions and the audit log."""
    actor: Actor = connection.scope["user"]
    return From(actor.address, connection.headers.get("user-agent", ""))
