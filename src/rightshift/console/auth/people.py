"""What administrators do with people: invited, changed, removed, let in again; never the last. All written down."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rightshift.console.auth import session
from rightshift.console.auth.permission import Actor
from rightshift.console.auth.secrets import made
from rightshift.console.store import audit, identities, people
from rightshift.console.store.audit import Line, Values
from rightshift.console.store.people import Member, Rights
from rightshift.console.store.pool import Connection
from rightshift.errors import RightshiftError


class LastAdminError(RightshiftError):
    """Nobody would be left to let others in."""


class BeyondError(RightshiftError):
    """Somebody gives what they don't have."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A person's one-time link, shown once."""

    id: UUID
    link: str
    expires: datetime


async def invite(connection: Connection, actor: Actor, name: str, rights: Rights, now: datetime) -> Invited:
    """
    A new person and the link for the first sign-in.

    Raises: BeyondError; psycopg.errors.UniqueViolation for a name that is taken, ForeignKeyViolation for no team.
    """
    _within(actor, rights)
    async with connection.transaction():
        id = await identities.add_person(
            connection, name, rights.role, everything=rights.everything, email=rights.email
        )
        await people.put_teams(connection, id, rights.teams)
        await audit.add(connection, line(actor, "people.add", name, after=said(rights)), now)
        return await _link(connection, id, now)


async def change(
    connection: Connection, actor: Actor, id: UUID, version: int, rights: Rights, now: datetime
) -> int | None:
    """The new version; None when the person is gone or is another version. Raises: LastAdminError, BeyondError."""
    _within(actor, rights)
    async with connection.transaction():
        await people.lock(connection)
        member = await people.one(connection, actor.scope, id)
        if member is None:
            return None
        if not (rights.role == "admin" and rights.everything and not rights.disabled):
            await _not_the_last(connection, member)
        found = await people.change(connection, id, version, rights)
        if found is not None:
            before = said(rights_of(member))
            await audit.add(connection, line(actor, "people.change", member.name, before, said(rights)), now)
        return found


async def remove(connection: Connection, actor: Actor, id: UUID, version: int, now: datetime) -> bool:
    """False when the person is gone or is another version. Raises: LastAdminError."""
    async with connection.transaction():
        await people.lock(connection)
        member = await people.one(connection, actor.scope, id)
        if member is None:
            return False
        await _not_the_last(connection, member)
        if not await people.remove(connection, id, version):
            return False
        await audit.add(connection, line(actor, "people.remove", member.name, said(rights_of(member))), now)
        return True


async def reset(connection: Connection, actor: Actor, id: UUID, now: datetime) -> Invited | None:
    """
    A new link for somebody who can't sign in; until it is used password, second factor, sessions and tokens are gone.

    The last administrator is let in again by `rightshift user reset --local` alone. Raises: LastAdminError.
    """
    async with connection.transaction():
        await people.lock(connection)
        member = await people.one(connection, actor.scope, id)
        if member is None:
            return None
        await _not_the_last(connection, member)
        await identities.begin_anew(connection, id, now)
        await audit.add(connection, line(actor, "people.reset", member.name), now)
        return await _link(connection, id, now)


def rights_of(member: Member) -> Rights:
    """What a person has now."""
    return Rights(
        email=member.email,
        role=member.role,
        everything=member.everything,
        teams=frozenset(member.teams),
        disabled=member.disabled,
    )


def said(rights: Rights) -> Values:
    """For the audit log."""
    return {
        "email": rights.email,
        "role": rights.role,
        "everything": rights.everything,
        "teams": [str(one) for one in sorted(rights.teams)],
        "disabled": rights.disabled,
    }


def line(actor: Actor, action: str, target: str, before: Values | None = None, after: Values | None = None) -> Line:
    """A line about what an actor did."""
    return Line(
        actor=actor.name,
        actor_kind=actor.kind,
        action=action,
        target=target,
        address=actor.address,
        before=before,
        after=after,
    )


def _within(actor: Actor, rights: Rights) -> None:
    may = actor.scope.teams
    if may is not None and (rights.everything or not rights.teams or rights.teams - may):
        raise BeyondError("You can let others see only what you see yourself", do="Name teams of yours")


async def _not_the_last(connection: Connection, member: Member) -> None:
    counts = member.role == "admin" and member.everything and not member.disabled
    if counts and not await people.other_admins(connection, member.id):
        raise LastAdminError(
            f"{member.name!a} is the last administrator who gets in and sees everything",
            do="Make somebody else one first",
        )


async def _link(connection: Connection, id: UUID, now: datetime) -> Invited:
    secret = made("link")
    return Invited(id, secret, await session.link(connection, id, now, secret))
