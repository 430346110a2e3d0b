"""People and teams as administrators see and change them, and second factors. How they sign in: `identities`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from rightshift.console.store.pool import Connection
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
Selector = Mapping[str, Sequence[str]]
"""Patterns by what they are compared with: `derive/teams`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person without anything secret."""

    id: UUID
    name: str
    email: str
    role: str
    everything: bool
    disabled: bool
    version: int
    created: datetime
    seen: datetime | None
    second_factor: bool
    provider: bool
    teams: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What administrators change of a person."""

    email: str
    role: str
    everything: bool
    teams: frozenset[UUID]
    disabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team and what belongs to it."""

    id: UUID
    name: str
    selector: Selector
    version: int
    created: datetime


async def page(connection: Connection, scope: Scope, after: tuple[str, UUID] | None, limit: int) -> list[Member]:
    """By name; a scope of teams shows those who see no more than it."""
    name, id = after or (None, None)
    values = {"teams": scope.parameter, "after": name, "after_id": id, "limit": limit}
    return [_member(row) for row in await (await connection.execute(_ASK["page"], values)).fetchall()]


async def one(connection: Connection, scope: Scope, id: UUID) -> Member | None:
    """None also for who sees more than the scope."""
    row = await (await connection.execute(_ASK["one"], {"id": id, "teams": scope.parameter})).fetchone()
    return None if row is None else _member(row)


async def lock(connection: Connection) -> None:
    """Until the transaction ends nobody else changes who is an administrator."""
    await connection.execute(_ASK["lock"])


async def other_admins(connection: Connection, id: UUID) -> int:
    """How many administrators get in beside this person."""
    row = await (await connection.execute(_ASK["other_admins"], {"id": id})).fetchone()
    return int(row[0]) if row else 0


async def change(connection: Connection, id: UUID, version: int, rights: Rights) -> int | None:
    """
    The new version; None when it is another by now. What the person could do in open sessions ends with them.

    Raises: psycopg.errors.ForeignKeyViolation for teams that are none.
    """
    values = {"id": id, "version": version, "email": rights.email, "role": rights.role}
    values |= {"everything": rights.everything, "disabled": rights.disabled}
    row = await (await connection.execute(_ASK["change"], values)).fetchone()
    if row is None:
        return None
    await put_teams(connection, id, rights.teams)
    await end_sessions(connection, id)
    return int(row[0])


async def put_teams(connection: Connection, id: UUID, teams: frozenset[UUID]) -> None:
    """These and no others."""
    await connection.execute(_ASK["drop_teams_of"], {"id": id})
    if teams:
        await connection.execute(_ASK["put_teams_of"], {"id": id, "teams": sorted(teams)})


async def remove(connection: Connection, id: UUID, version: int) -> bool:
    """With sessions and tokens; false when the version is another by now."""
    found = await connection.execute(_ASK["remove"], {"id": id, "version": version})
    return await found.fetchone() is not None


async def end_sessions(connection: Connection, id: UUID, *, but: bytes = b"") -> None:
    """All sessions of a person, but the one with this hash."""
    await connection.execute(_ASK["end_other_sessions_of"], {"id": id, "hash": but})


async def set_totp(connection: Connection, id: UUID, sealed: bytes | None, step: int) -> None:
    """The secret of the second factor, enciphered; `step` is the last that counts as used."""
    await connection.execute(_ASK["set_totp"], {"id": id, "totp": sealed, "step": step})


async def use_step(connection: Connection, id: UUID, step: int) -> bool:
    """Whether a code of this step was not used before; now it was, and so were all earlier ones."""
    return await (await connection.execute(_ASK["use_step"], {"id": id, "step": step})).fetchone() is not None


async def put_codes(connection: Connection, id: UUID, hashes: Sequence[bytes]) -> None:
    """Recovery codes in place of earlier ones."""
    await connection.execute(_ASK["drop_codes"], {"id": id})
    if hashes:
        await connection.execute(_ASK["put_codes"], {"id": id, "hashes": list(hashes)})


async def use_code(connection: Connection, id: UUID, hash: bytes) -> bool:
    """Whether there was this recovery code; it is gone now."""
    return await (await connection.execute(_ASK["use_code"], {"id": id, "hash": hash})).fetchone() is not None


async def teams(connection: Connection, scope: Scope, after: tuple[str, UUID] | None, limit: int) -> list[Team]:
    """By name; a scope of teams shows those."""
    name, id = after or (None, None)
    values = {"teams": scope.parameter, "after": name, "after_id": id, "limit": limit}
    return [_team(row) for row in await (await connection.execute(_ASK["teams"], values)).fetchall()]


async def team(connection: Connection, scope: Scope, id: UUID) -> Team | None:
    """By id."""
    row = await (await connection.execute(_ASK["team"], {"id": id, "teams": scope.parameter})).fetchone()
    return None if row is None else _team(row)


async def add_team(connection: Connection, name: str, selector: Selector, now: datetime) -> UUID:
    """Raises: psycopg.errors.UniqueViolation when there is one of that name."""
    values = {"name": name, "selector": Jsonb(selector), "now": now}
    row = await (await connection.execute(_ASK["add_team"], values)).fetchone()
    assert row is not None
    await _teams_changed(connection)
    id: UUID = row[0]
    return id


async def change_team(connection: Connection, id: UUID, version: int, name: str, selector: Selector) -> int | None:
    """The new version; None when it is another by now. Raises: psycopg.errors.UniqueViolation."""
    values = {"id": id, "version": version, "name": name, "selector": Jsonb(selector)}
    row = await (await connection.execute(_ASK["change_team"], values)).fetchone()
    await _teams_changed(connection)
    return int(row[0]) if row else None


async def remove_team(connection: Connection, id: UUID, version: int) -> bool:
    """False when the version is another by now."""
    row = await (await connection.execute(_ASK["remove_team"], {"id": id, "version": version})).fetchone()
    await _teams_changed(connection)
    return row is not None


async def _teams_changed(connection: Connection) -> None:
    await connection.execute(_ASK["teams_changed"])
    await connection.execute(_ASK["notify"])


def _member(row: Sequence[object]) -> Member:
    *values, teams = row
    assert isinstance(teams, list)
    return Member(**dict(zip(Member.__slots__, [*values, tuple(teams)], strict=True)))  # type: ignore[arg-type]  # in order


def _team(row: Sequence[object]) -> Team:
    return Team(**dict(zip(Team.__slots__, row, strict=True)))  # type: ignore[arg-type]  # in order
