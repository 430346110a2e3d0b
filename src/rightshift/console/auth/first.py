"""The first administrator: there is no default password, only a link that signs in once."""

from datetime import datetime

from rightshift.console.auth import session
from rightshift.console.auth.secrets import made
from rightshift.console.store import audit, identities
from rightshift.console.store.audit import Line
from rightshift.console.store.pool import Connection

NAME = "admin"


async def first_link(connection: Connection, now: datetime) -> str | None:
    """
    A new link for the first administrator, for 24 hours; None once anybody has signed in.

    An earlier link that was not used ends.
    """
    async with connection.transaction():
        if await identities.anybody_signed_in(connection):
            return None
        secret = made("link")
        person = await identities.unused_admin(connection, NAME)
        if person is None:
            person = await identities.add_person(connection, NAME, "admin", everything=True)
        await session.link(connection, person, now, secret)
        line = Line(actor="console", actor_kind="console", action="people.link", target=NAME)
        await audit.add(connection, line, now)
    return secret
