"""An administrator says who a person is at a provider. At a first sign-in it is said by `arrive`."""

from datetime import datetime

from rightshift.console.auth.people import line
from rightshift.console.auth.permission import Actor
from rightshift.console.store import audit, people, subjects
from rightshift.console.store.audit import Values
from rightshift.console.store.people import Member
from rightshift.console.store.pool import Connection
from rightshift.console.store.subjects import Linked


async def link(connection: Connection, actor: Actor, member: Member, linked: Linked, now: datetime) -> int | None:
    """The person's new version; None when the subject is somebody else's, or the person was changed meanwhile."""
    async with connection.transaction():
        await people.lock(connection)
        before = await subjects.of(connection, member.id)
        made = await subjects.link(connection, member.id, member.version, linked)
        if made is not None:
            said = line(actor, "people.link_provider", member.name, _told(before), _told(linked))
            await audit.add(connection, said, now)
        return made


async def unlink(connection: Connection, actor: Actor, member: Member, now: datetime) -> None:
    """Ends the person's sessions too. One that was changed meanwhile is left as it is."""
    async with connection.transaction():
        before = await subjects.of(connection, member.id)
        if before is not None and await subjects.unlink(connection, member.id, member.version) is not None:
            await people.end_sessions(connection, member.id)
            await audit.add(connection, line(actor, "people.unlink_provider", member.name, _told(before)), now)


def _told(linked: Linked | None) -> Values | None:
    if linked is None:
        return None
    return {"issuer": linked.subject.issuer, "subject": linked.subject.subject, "by_groups": linked.by_groups}
