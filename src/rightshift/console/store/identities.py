"""Who there is: people, their sessions and links, tokens, and how often somebody failed. Only `auth` writes here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rightshift.console.store.pool import Connection
from rightshift.console.store.scope import EVERYTHING, Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
FREE_FAILURES = 5
"""Of one name or address before the waiting begins, which doubles up to 15 minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who signs in. `password` and `totp` are what is kept of them, None where there is none."""

    id: UUID
    name: str
    email: str
    role: str
    everything: bool
    password: str | None
    totp: bytes | None
    disabled: bool
    version: int
    created: datetime
    seen: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that has not ended. `complete` is false between password and code."""

    person: UUID
    complete: bool
    csrf: bytes
    used: datetime
    name: str
    role: str
    scope: Scope
    must_enrol: bool
    """A second factor is required of the person, who has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token that holds. What it may is what it was given, and of a person's not more than the person."""

    id: UUID
    kind: str
    name: str
    permissions: tuple[str, ...]
    scope: Scope
    person: UUID | None
    reporter: int | None
    used: datetime | None
    role: str | None
    must_enrol: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLine:
    """A token as it is listed."""

    id: UUID
    kind: str
    name: str
    hint: str
    person: UUID | None
    permissions: tuple[str, ...]
    teams: tuple[UUID, ...] | None
    created: datetime
    created_by: str
    expires: datetime
    used: datetime | None
    revoked: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token that is about to be kept; `hash` is all that is kept of its secret, with the last four characters."""

    kind: str
    name: str
    hash: bytes
    hint: str
    expires: datetime
    by: str
    permissions: tuple[str, ...] = ()
    scope: Scope = EVERYTHING
    person: UUID | None = None
    reporter: int | None = None
    uses_left: int | None = None


async def anybody_signed_in(connection: Connection) -> bool:
    """Whether anybody ever got a password or came through a provider."""
    return bool(await _value(connection, "signed_in_before"))


async def unused_admin(connection: Connection, name: str) -> UUID | None:
    """The administrator of that name who never signed in."""
    found = await _value(connection, "first_person", name=name)
    return found if isinstance(found, UUID) else None


async def add_person(connection: Connection, name: str, role: str, *, everything: bool, email: str = "") -> UUID:
    """Raises: psycopg.errors.UniqueViolation when there is one of that name."""
    found = await _value(connection, "add_person", name=name, role=role, everything=everything, email=email)
    assert isinstance(found, UUID)
    return found


async def add_link(connection: Connection, person: UUID, hash: bytes, now: datetime, expires: datetime) -> None:
    """A one-time link of a person; it takes the place of earlier ones."""
    await connection.execute(_ASK["drop_links"], {"person": person, "now": now})
    await connection.execute(_ASK["add_link"], {"hash": hash, "person": person, "expires": expires})


async def take_link(connection: Connection, hash: bytes, now: datetime) -> UUID | None:
    """Whose link it is; it is gone afterwards."""
    found = await _value(connection, "take_link", hash=hash, now=now)
    return found if isinstance(found, UUID) else None


async def person_by_name(connection: Connection, name: str) -> Person | None:
    """Without regard to case."""
    return _person(await (await connection.execute(_ASK["person_by_name"], {"name": name})).fetchone())


async def person(connection: Connection, id: UUID) -> Person | None:
    """By id."""
    return _person(await (await connection.execute(_ASK["person"], {"id": id})).fetchone())


async def teams_of(connection: Connection, person: UUID) -> frozenset[UUID]:
    """The teams that somebody is in."""
    found = await connection.execute(_ASK["teams_of"], {"person": person})
    return frozenset(row[0] for row in await found.fetchall())


async def people(connection: Connection) -> list[Person]:
    """All of them, by name."""
    rows = await (await connection.execute(_ASK["people"])).fetchall()
    return [found for row in rows if (found := _person(row))]


async def begin_anew(connection: Connection, id: UUID, now: datetime, *, role: str | None = None) -> None:
    """Takes password, second factor, sessions and tokens of a person away, and a block; `role` None leaves theirs."""
    await connection.execute(_ASK["begin_anew"], {"id": id, "now": now, "role": role})


async def set_password(connection: Connection, id: UUID, kept: str) -> None:
    """The hash of a new password; all sessions of the person end."""
    await connection.execute(_ASK["set_password"], {"id": id, "password": kept})
    await connection.execute(_ASK["end_sessions_of"], {"person": id})


async def add_session(
    connection: Connection,
    hash: bytes,
    person: UUID,
    csrf: bytes,
    now: datetime,
    expires: datetime,
    *,
    complete: bool,
    address: str,
    agent: str,
) -> None:
    """A new session; with a complete one the person counts as seen."""
    values = {"hash": hash, "person": person, "csrf": csrf, "now": now, "expires": expires}
    await connection.execute(_ASK["add_session"], values | {"complete": complete, "address": address, "agent": agent})
    if complete:
        await connection.execute(_ASK["signed_in"], {"id": person, "now": now})


async def session(connection: Connection, hash: bytes, now: datetime, idle: datetime) -> Session | None:
    """A session that has not ended and was used since `idle`, of a person who may sign in."""
    row = await (await connection.execute(_ASK["session"], {"hash": hash, "now": now, "idle": idle})).fetchone()
    if row is None:
        return None
    person, complete, csrf, used, name, role, everything, teams, must_enrol = row
    return Session(
        person=person,
        complete=complete,
        csrf=bytes(csrf),
        used=used,
        name=name,
        role=role,
        scope=EVERYTHING if everything else Scope(frozenset(teams)),
        must_enrol=must_enrol,
    )


async def touch_session(connection: Connection, hash: bytes, now: datetime) -> None:
    """It was used."""
    await connection.execute(_ASK["touch_session"], {"hash": hash, "now": now})


async def end_session(connection: Connection, hash: bytes) -> None:
    """Signs out."""
    await connection.execute(_ASK["end_session"], {"hash": hash})


async def token(connection: Connection, hash: bytes, now: datetime) -> Token | None:
    """A token that holds now, with the scope of its person where it has one and no smaller of its own."""
    row = await (await connection.execute(_ASK["token"], {"hash": hash, "now": now}, prepare=True)).fetchone()
    if row is None:
        return None
    id, kind, name, permissions, teams, person, reporter, used, _, _, role, everything, own, must_enrol = row
    scope = EVERYTHING if teams is None else Scope(frozenset(teams))
    if person is not None and not everything:
        scope = Scope(frozenset(own) & scope.teams if scope.teams is not None else frozenset(own))
    return Token(
        id=id,
        kind=kind,
        name=name,
        permissions=tuple(permissions),
        scope=scope,
        person=person,
        reporter=reporter,
        used=used,
        role=role,
        must_enrol=must_enrol,
    )


async def touch_token(connection: Connection, id: UUID, now: datetime) -> None:
    """It was used."""
    await connection.execute(_ASK["touch_token"], {"id": id, "now": now})


async def add_token(connection: Connection, new: NewToken, now: datetime) -> UUID:
    """Keeps a new token and gives its id."""
    found = await _value(
        connection,
        "add_token",
        kind=new.kind,
        name=new.name,
        hash=new.hash,
        hint=new.hint,
        person=new.person,
        reporter=new.reporter,
        permissions=list(new.permissions),
        teams=new.scope.parameter,
        uses_left=new.uses_left,
        now=now,
        by=new.by,
        expires=new.expires,
    )
    assert isinstance(found, UUID)
    return found


@dataclass(frozen=True, slots=True)
class Whose:
    """Which tokens are somebody's to see and to end: one person's own, or all that see no more than the scope."""

    person: UUID | None
    scope: Scope = EVERYTHING

    @property
    def values(self) -> dict[str, object]:
        """For `theirs` in SQL."""
        return {"person": self.person, "teams": self.scope.parameter}


async def tokens(
    connection: Connection, whose: Whose, *, after: tuple[datetime, UUID] | None = None, limit: int | None = None
) -> list[TokenLine]:
    """Tokens but sensors' credentials, the newest first, after a place; all where there is no limit."""
    at, id = after or (None, None)
    question = _ASK["tokens"].replace("{theirs}", _ASK["theirs"])
    found = await connection.execute(question, {**whose.values, "after": at, "after_id": id, "limit": limit})
    return [
        TokenLine(
            id=row[0],
            kind=row[1],
            name=row[2],
            hint=row[3],
            person=row[4],
            permissions=tuple(row[5]),
            teams=None if row[6] is None else tuple(row[6]),
            created=row[7],
            created_by=row[8],
            expires=row[9],
            used=row[10],
            revoked=row[11],
        )
        for row in await found.fetchall()
    ]


async def revoke_token(connection: Connection, id: UUID, now: datetime, whose: Whose) -> str | None:
    """Its name; None when there is none that holds, or it is not theirs."""
    question = _ASK["revoke_token"].replace("{theirs}", _ASK["theirs"])
    row = await (await connection.execute(question, {**whose.values, "id": id, "now": now})).fetchone()
    return None if row is None else str(row[0])


async def use_up(connection: Connection, id: UUID, now: datetime) -> bool:
    """Takes one use of an enrolment token; false when there was none left."""
    return await _value(connection, "use_up", id=id, now=now) is not None


async def add_reporter(connection: Connection, key: str, kind: str, name: str) -> int:
    """Somebody who may bring facts. Raises: psycopg.errors.UniqueViolation."""
    found = await _value(connection, "add_reporter", key=key, kind=kind, name=name)
    assert isinstance(found, int)
    return found


async def throttled(connection: Connection, what: Sequence[str], now: datetime) -> datetime | None:
    """Until when nobody may try with any of these."""
    found = await _value(connection, "throttled", what=list(what), now=now)
    return found if isinstance(found, datetime) else None


async def failed(connection: Connection, what: Sequence[str], now: datetime) -> None:
    """Counts a failure of each; shared by all processes."""
    await connection.execute(_ASK["failed"], {"what": sorted(what), "now": now, "free": FREE_FAILURES})


async def succeeded(connection: Connection, what: Sequence[str]) -> None:
    """Forgets their failures."""
    await connection.execute(_ASK["succeeded"], {"what": list(what)})


async def _value(connection: Connection, question: str, /, **values: object) -> object:
    row = await (await connection.execute(_ASK[question], values)).fetchone()
    return row[0] if row else None


def _person(row: tuple[object, ...] | None) -> Person | None:
    if row is None:
        return None
    return Person(**dict(zip(Person.__slots__, row, strict=True)))  # type: ignore[arg-type]  # in the order of the question
