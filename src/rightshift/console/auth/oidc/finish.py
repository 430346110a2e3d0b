"""A sign-in that comes back from a provider: the browser's, once, with a code that the provider confirms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rightshift import escape
from rightshift.console.auth.oidc import begin, code, id_token, secret
from rightshift.console.auth.oidc.arrive import arrive
from rightshift.console.auth.oidc.code import Client
from rightshift.console.auth.oidc.discovery import Discovered
from rightshift.console.auth.oidc.id_token import Claims, Expected
from rightshift.console.auth.oidc.refused import RefusedError
from rightshift.console.auth.secrets import hashed
from rightshift.console.auth.session import From, Opened, Wait
from rightshift.console.store import audit, identities, subjects
from rightshift.console.store.audit import Line
from rightshift.console.store.pool import Pool
from rightshift.console.store.read import identity_providers
from rightshift.console.store.read.identity_providers import Provider
from rightshift.console.store.subjects import Taken
from rightshift.console.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a browser brings back. Source: RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207, section 2."""

    provider: str
    state: str = field(repr=False)
    code: str = field(repr=False)
    issuer: str | None
    error: str
    description: str
    browser: str = field(repr=False)
    """The secret of its cookie."""


@dataclass(frozen=True, slots=True)
class Done:
    """A session, and where its browser goes on."""

    opened: Opened
    return_to: str


async def finish(
    pool: Pool, discovered: Discovered, vault: Vault, returned: Returned, where: From, now: datetime
) -> Done | Wait:
    """
    Ends the sign-in that this browser began. Failures count for its address, and all are written down.

    Raises: RefusedError; VaultError.
    """
    tried = [f"address:{where.address}"]
    async with pool.connection() as connection:
        if until := await identities.throttled(connection, tried, now):
            return Wait(until)
    try:
        provider, taken = await _taken(pool, returned, now)
        claims = await _claims(discovered, vault, provider, taken, returned, now)
        try:
            async with pool.connection() as connection:
                opened = await arrive(connection, provider, claims, where, now)
        except RefusedError as error:
            error.told = {**error.told, "subject": claims["sub"]}
            raise
        return Done(opened, taken.return_to)
    except RefusedError as error:
        async with pool.connection() as connection, connection.transaction():
            if error.reason != "provider":
                await identities.failed(connection, tried, now)
            await audit.add(connection, failure(returned.provider, error, where), now)
        raise


def failure(provider: str, error: RefusedError, where: From) -> Line:
    """For the audit log: by whom where that is known, and why."""
    told: Mapping[str, str] = {name: escape.line(text, 300) for name, text in error.told.items() if text}
    return Line(
        actor=told.get("person", "nobody"),
        actor_kind="person",
        action="sessions.provider",
        target=escape.line(provider, 40),
        address=where.address,
        after={"reason": error.reason, **told},
        outcome="failed",
    )


async def _taken(pool: Pool, returned: Returned, now: datetime) -> tuple[Provider, Taken]:
    """Ends the sign-in before anything else is looked at, so that it can't be tried twice."""
    state, browser = hashed(returned.state), hashed(returned.browser)
    async with pool.connection() as connection:
        taken = await subjects.take_flow(connection, state, browser, returned.provider, now)
        provider = await identity_providers.one(connection, returned.provider)
    if taken is None or provider is None:
        raise RefusedError("state", why="not begun by this browser, used, or over")
    if provider.version != taken.version or not provider.about.enabled:
        raise RefusedError("state", why="the provider's settings were changed meanwhile")
    return provider, taken


async def _claims(
    discovered: Discovered, vault: Vault, provider: Provider, taken: Taken, returned: Returned, now: datetime
) -> Claims:
    metadata = await discovered.metadata(provider, now)
    named = returned.issuer
    if named != provider.about.issuer and (named or metadata.authorization_response_iss_parameter_supported):
        raise RefusedError("issuer", why="`iss` names another, or none")
    if returned.error or not returned.code:
        raise RefusedError("denied", why=returned.error or "no code", description=returned.description)
    client = Client(id=provider.about.client_id, secret=secret.opened(vault, provider))
    verifier = begin.verifier(returned.browser)
    uri = taken.redirect_uri
    text = await discovered.reach.run(provider, lambda: code.exchange(metadata, client, returned.code, verifier, uri))
    token = id_token.parse(text)
    keys = await discovered.keys(provider, token.header.kid, now)
    expected = Expected(
        issuer=provider.about.issuer, client_id=provider.about.client_id, nonce=begin.nonce(returned.browser)
    )
    return id_token.verified(token, keys, expected, now)
