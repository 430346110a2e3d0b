"""What the owner of the console's home may do without signing in: it is their machine. All of it is written down."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.errors import UniqueViolation

from rightshift.console.auth import session
from rightshift.console.auth.permission import NEVER_OF_TOKENS, Permission, Role
from rightshift.console.auth.secrets import hashed, made
from rightshift.console.store import audit, identities
from rightshift.console.store.audit import Line, Values
from rightshift.console.store.identities import NewToken, Person, Whose
from rightshift.console.store.pool import Connection
from rightshift.errors import UsageError

MOST_DAYS = 366
_HINT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What was made: shown once, and until when it holds."""

    id: UUID
    secret: str
    expires: datetime


async def people(connection: Connection) -> list[Person]:
    """Everybody there is, by name."""
    return await identities.people(connection)


async def invite(connection: Connection, name: str, role: Role, *, by: str, now: datetime) -> Secret:
    """
    A new person who sees everything, and a one-time link for the first sign-in.

    Raises: UsageError when there is one of that name.
    """
    if not 0 < len(name) <= 200 or not name.isprintable() or name != name.strip():
        raise UsageError(f"{name[:200]!a} is no name", do="Take up to 200 characters that can be seen")
    try:
        async with connection.transaction():
            person = await identities.add_person(connection, name, role, everything=True)
            await audit.add(connection, _line(by, "people.add", name, {"role": role}), now)
            return await _link(connection, person, now)
    except UniqueViolation as error:
        raise UsageError(
            f"There is somebody called {name!a} already", do="`rightshift user reset` gives a link"
        ) from error


async def reset(connection: Connection, name: str, *, by: str, now: datetime, role: Role | None = None) -> Secret:
    """
    A one-time link for somebody who can't sign in any more, an administrator too.

    Until it is used nobody signs in as them: password, second factor, sessions and tokens are taken away, and a block.
    Raises: UsageError when there is nobody of that name.
    """
    async with connection.transaction():
        person = await identities.person_by_name(connection, name)
        if person is None:
            raise UsageError(f"There is nobody called {name[:200]!a}", do="See `rightshift user list --local`")
        await identities.begin_anew(connection, person.id, now, role=role)
        await audit.add(connection, _line(by, "people.reset", person.name, {"role": role or person.role}), now)
        return await _link(connection, person.id, now)


async def token(
    connection: Connection, name: str, permissions: frozenset[Permission], days: int, *, by: str, now: datetime
) -> Secret:
    """A token of a service that sees everything. Raises: UsageError for what no token may, or has no end."""
    if beyond := sorted(permissions & NEVER_OF_TOKENS):
        raise UsageError(f"No token may have {', '.join(beyond)}", do="Sign in as a person for that")
    if not permissions or not 1 <= days <= MOST_DAYS or not 0 < len(name) <= 100:
        raise UsageError(
            "A token has a name of at most 100 characters, permissions, and holds 1 to 366 days",
            do="Name what it may with --permission",
        )
    secret, expires = made("service"), now + timedelta(days=days)
    kept = NewToken(
        kind="service",
        name=name,
        hash=hashed(secret),
        hint=secret[-_HINT:],
        expires=expires,
        by=by,
        permissions=tuple(sorted(permissions)),
    )
    after = {"kind": "service", "name": name, "permissions": sorted(permissions), "expires": expires.isoformat()}
    async with connection.transaction():
        id = await identities.add_token(connection, kept, now)
        await audit.add(connection, _line(by, "tokens.make", str(id), after), now)
    return Secret(id=id, secret=secret, expires=expires)


async def tokens(connection: Connection) -> list[identities.TokenLine]:
    """All but sensors' credentials, the newest first."""
    return await identities.tokens(connection, Whose(None))


async def revoke(connection: Connection, id: UUID, *, by: str, now: datetime) -> None:
    """Ends a token. Raises: UsageError when there is none that holds."""
    async with connection.transaction():
        name = await identities.revoke_token(connection, id, now, Whose(None))
        if name is None:
            raise UsageError(f"There is no token {id} that holds", do="See `rightshift token list --local`")
        await audit.add(connection, _line(by, "tokens.revoke", str(id), {"name": name}), now)


async def _link(connection: Connection, person: UUID, now: datetime) -> Secret:
    secret = made("link")
    return Secret(id=person, secret=secret, expires=await session.link(connection, person, now, secret))


def _line(by: str, action: str, target: str, after: Values) -> Line:
    return Line(actor=by, actor_kind="shell", action=action, target=target, after=after)
