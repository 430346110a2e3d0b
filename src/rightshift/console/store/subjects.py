"""People as providers name them, and sign-ins through providers that are under way. Only `auth` writes here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
FLOWS = 200
"""Sign-ins of one address that may be under way at once; a further one ends the oldest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A sign-in under way. Of state and browser's secret only hashes are kept."""

    state: bytes
    browser: bytes
    provider: str
    version: int
    """Of the provider: what was changed meanwhile is not mixed in."""
    redirect_uri: str
    return_to: str
    address: str
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A sign-in that came back."""

    version: int
    redirect_uri: str
    return_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Somebody as a provider names them: no other pair of these is the same person."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A person's subject. `by_groups`: role and teams are those of the provider's groups."""

    subject: Subject
    by_groups: bool


async def add_flow(connection: Connection, flow: Flow, now: datetime) -> None:
    """Begins it; what is over is cleared away."""
    await connection.execute(
        _ASK["add_flow"],
        {
            "state": flow.state,
            "browser": flow.browser,
            "provider": flow.provider,
            "version": flow.version,
            "redirect_uri": flow.redirect_uri,
            "return_to": flow.return_to,
            "address": flow.address,
            "expires": flow.expires,
        },
    )
    await connection.execute(_ASK["drop_flows"], {"now": now, "address": flow.address, "most": FLOWS})


async def take_flow(connection: Connection, state: bytes, browser: bytes, provider: str, now: datetime) -> Taken | None:
    """Ends it, once; None where this browser began none such. Of another browser's nothing is changed."""
    values = {"state": state, "browser": browser, "provider": provider, "now": now}
    row = await (await connection.execute(_ASK["take_flow"], values)).fetchone()
    return None if row is None else Taken(version=row[0], redirect_uri=row[1], return_to=row[2])


async def find(connection: Connection, who: Subject) -> tuple[UUID, bool] | None:
    """Whose subject it is, and whether groups decide what they may."""
    row = await (await connection.execute(_ASK["of_subject"], _named(who))).fetchone()
    return (row[0], row[1]) if row else None


async def of(connection: Connection, person: UUID) -> Linked | None:
    """The subject of a person; None where they have none."""
    row = await (await connection.execute(_ASK["of_person"], {"id": person})).fetchone()
    return Linked(subject=Subject(issuer=row[0], subject=row[1]), by_groups=row[2]) if row else None


async def bring(
    connection: Connection, who: Subject, name: str, email: str, role: str, *, everything: bool
) -> UUID | None:
    """A new person whom groups give what they may; None where there is somebody of that name."""
    values = {**_named(who), "name": name, "email": email, "role": role, "everything": everything}
    row = await (await connection.execute(_ASK["bring"], values)).fetchone()
    return row[0] if row else None


async def grant(connection: Connection, person: UUID, role: str, *, everything: bool) -> None:
    """Another role or view."""
    await connection.execute(_ASK["grant"], {"id": person, "role": role, "everything": everything})


async def put_teams(connection: Connection, person: UUID, teams: Collection[UUID]) -> None:
    """These and no others, of those that there are."""
    await connection.execute(_ASK["drop_teams_of"], {"id": person})
    await connection.execute(_ASK["put_teams_of"], {"id": person, "teams": sorted(teams)})


async def link(connection: Connection, person: UUID, version: int, linked: Linked) -> int | None:
    """The person's new version; None when it is another by now, or the subject is somebody else's."""
    values = {**_named(linked.subject), "by_groups": linked.by_groups, "id": person, "version": version}
    row = await (await connection.execute(_ASK["link"], values)).fetchone()
    return int(row[0]) if row else None


async def unlink(connection: Connection, person: UUID, version: int) -> int | None:
    """The person's new version; None when it is another by now."""
    row = await (await connection.execute(_ASK["unlink"], {"id": person, "version": version})).fetchone()
    return int(row[0]) if row else None


async def shut_out(connection: Connection, person: UUID, now: datetime) -> None:
    """Ends all sessions and tokens of a person."""
    await connection.execute(_ASK["shut_out"], {"id": person, "now": now})


async def end_sessions_of(connection: Connection, issuer: str) -> None:
    """Of all people whom this issuer names."""
    await connection.execute(_ASK["end_sessions_of_issuer"], {"issuer": issuer})


async def session_began(connection: Connection, session: bytes) -> datetime | None:
    """When whoever has this session signed in."""
    row = await (await connection.execute(_ASK["session_began"], {"hash": session})).fetchone()
    return row[0] if row else None


def _named(who: Subject) -> dict[str, object]:
    return {"issuer": who.issuer, "subject": who.subject}
