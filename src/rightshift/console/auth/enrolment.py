"""How a sensor gets what it proves itself with, renews it and loses it. What it may with it: `permission`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from rightshift.console.auth.people import line
from rightshift.console.auth.permission import Actor, Permission
from rightshift.console.auth.secrets import hashed, made
from rightshift.console.store import audit, identities, sensors
from rightshift.console.store.identities import NewToken
from rightshift.console.store.pool import Connection

HOLDS = timedelta(days=5 * 365)
"""A sensor nobody looks at must not fall silent; it is revoked, not forgotten."""
OVERLAP = timedelta(hours=24)
"""A credential that was renewed goes on so long where the new one never arrived: as long as a sensor's spool lasts."""
MAY = (Permission.FACTS_WRITE, Permission.SCANS_WRITE)


@dataclass(frozen=True, slots=True)
class Given:
    """A credential, whose secret is kept by its sensor alone."""

    reporter: str
    secret: str
    id: UUID
    expires: datetime


async def enrol(connection: Connection, actor: Actor, name: str, kind: str, now: datetime) -> Given | None:
    """A new reporter with an id of its own; None when the enrolment token was used as often as it may be."""
    async with connection.transaction():
        if actor.token is None or not await identities.use_up(connection, actor.token, now):
            return None
        key = uuid4().hex
        reporter = await identities.add_reporter(connection, key, kind, name)
        given = await _give(connection, actor, key, reporter, name, MAY if kind == "sensor" else MAY[:1], now)
        after = {"name": name, "kind": kind, "credential": str(given.id)}
        await audit.add(connection, line(actor, "sensors.enrol", key, after=after), now)
        return given


async def renew(connection: Connection, actor: Actor, now: datetime) -> Given | None:
    """
    A new credential in the place of the one that was shown; None where another one took its place before.

    Until the new one is shown, the old one may ask again: the answer may have been lost. From then on it renews
    nothing, whoever may have stolen it, and soon holds no longer.
    """
    async with connection.transaction():
        shown = await sensors.credential(connection, actor.token, now) if actor.token else None
        if shown is None or actor.token is None:
            return None
        if not await sensors.withdraw_unused(connection, actor.token, now):
            denied = audit.Line(
                actor=actor.name, actor_kind=actor.kind, action="sensors.renew", target=shown.key,
                address=actor.address, after={"replaced": str(actor.token)}, outcome="denied",
            )  # fmt: skip
            await audit.add(connection, denied, now)
            return None
        permissions = tuple(Permission(one) for one in shown.permissions)
        given = await _give(connection, actor, shown.key, shown.reporter, shown.name, permissions, now)
        await sensors.succeed(connection, actor.token, given.id, now + OVERLAP)
        change = {"credential": str(actor.token)}, {"credential": str(given.id)}
        await audit.add(connection, line(actor, "sensors.renew", shown.key, *change), now)
        return given


async def rename(
    connection: Connection, actor: Actor, key: str, version: int, before: str, after: str, now: datetime
) -> bool:
    """False where it is another version by now."""
    async with connection.transaction():
        if not await sensors.rename(connection, key, version, after):
            return False
        await audit.add(connection, line(actor, "sensors.rename", key, {"name": before}, {"name": after}), now)
        return True


async def revoke(connection: Connection, actor: Actor, key: str, now: datetime) -> None:
    """It brings nothing more from now on; what it told stays. Where nothing held any more, nothing changes."""
    async with connection.transaction():
        if number := await sensors.revoke(connection, key, now):
            await audit.add(connection, line(actor, "sensors.revoke", key, after={"credentials": number}), now)


async def _give(
    connection: Connection,
    actor: Actor,
    key: str,
    reporter: int,
    name: str,
    permissions: tuple[Permission, ...],
    now: datetime,
) -> Given:
    secret, expires = made("sensor"), now + HOLDS
    kept = NewToken(
        kind="sensor",
        name=name,
        hash=hashed(secret),
        hint=secret[-4:],
        expires=expires,
        by=actor.name,
        permissions=permissions,
        reporter=reporter,
    )
    return Given(key, secret, await identities.add_token(connection, kept, now), expires)
