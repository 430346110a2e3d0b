"""Who comes back from a provider becomes a person here: known by issuer and subject alone, made where new."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from rightshift.console.auth import session
from rightshift.console.auth.oidc import claims as said
from rightshift.console.auth.oidc.claims import Rights
from rightshift.console.auth.oidc.id_token import Claims
from rightshift.console.auth.oidc.refused import RefusedError
from rightshift.console.auth.permission import role_of
from rightshift.console.auth.session import From, Opened
from rightshift.console.store import audit, identities, people, subjects
from rightshift.console.store.audit import Line, Values
from rightshift.console.store.identities import Person
from rightshift.console.store.pool import Connection
from rightshift.console.store.read import identity_providers
from rightshift.console.store.read.identity_providers import Provider
from rightshift.console.store.subjects import Subject

_NAMES = 50
"""How many people may be called the same."""


async def arrive(connection: Connection, provider: Provider, claims: Claims, where: From, now: datetime) -> Opened:
    """
    A session for who the claims are about, whole unless a code is needed too.

    Nobody is found by a name or a mail address. Whom no group gives a role any more loses sessions and tokens.
    Raises: RefusedError.
    """
    who = Subject(issuer=provider.about.issuer, subject=claims["sub"])
    groups = said.groups(claims, provider.about.groups_claim)
    async with connection.transaction():
        await people.lock(connection)
        if not await identity_providers.unchanged(connection, provider):
            raise RefusedError("state", why="the provider's settings were changed meanwhile")
        found = await subjects.find(connection, who)
        id, by_groups = found or (await _brought(connection, provider, claims, groups, now), False)
        person = await identities.person(connection, id)
        if person is None or person.disabled:
            raise RefusedError("disabled", person=person.name if person else "")
        try:
            if by_groups:
                await _regrouped(connection, person, said.rights(provider.about, groups), now)
            whole = provider.about.trust_mfa or person.totp is None
            return await session.opened(connection, person, where, now, complete=whole, provider=provider.name)
        except RefusedError as error:
            error.told = {**error.told, "person": person.name}
            lost = error
        await subjects.shut_out(connection, id, now)
    raise lost


async def _brought(
    connection: Connection, provider: Provider, claims: Claims, groups: frozenset[str], now: datetime
) -> UUID:
    """Raises: RefusedError."""
    name, email, rights = said.name(claims), said.email(claims), said.rights(provider.about, groups)
    who = Subject(issuer=provider.about.issuer, subject=claims["sub"])
    for called in _called(name, provider.name):
        id = await subjects.bring(connection, who, called, email, rights.role, everything=rights.everything)
        if id is not None:
            await subjects.put_teams(connection, id, rights.teams)
            after = {**_told(rights), "email": email, "provider": provider.name, "subject": who.subject}
            await audit.add(connection, _line("people.add", called, after=after), now)
            return id
    raise RefusedError("name", why=f"{_NAMES} people are called that")


async def _regrouped(connection: Connection, person: Person, rights: Rights, now: datetime) -> None:
    """What was open with other rights ends. The last local administrator stays one, whatever groups say."""
    before = Rights(role_of(person.role), person.everything, await identities.teams_of(connection, person.id))
    if rights == before:
        return
    line = _line("people.change", person.name, _told(before), {**_told(rights), "by": "groups"})
    local = person.role == "admin" and person.everything and person.password is not None
    stays = rights.role == "admin" and rights.everything
    if local and not stays and not await people.other_admins(connection, person.id):
        await audit.add(connection, replace(line, outcome="denied"), now)
        return
    await subjects.grant(connection, person.id, rights.role, everything=rights.everything)
    await subjects.put_teams(connection, person.id, rights.teams)
    await people.end_sessions(connection, person.id)
    await audit.add(connection, line, now)


def _called(name: str, provider: str) -> Iterator[str]:
    yield name
    yield f"{name} ({provider})"
    for number in range(2, _NAMES):
        yield f"{name} ({provider} {number})"


def _told(rights: Rights) -> Values:
    return {"role": rights.role, "everything": rights.everything, "teams": [str(one) for one in sorted(rights.teams)]}


def _line(action: str, target: str, before: Values | None = None, after: Values | None = None) -> Line:
    return Line(actor="console", actor_kind="console", action=action, target=target, before=before, after=after)
