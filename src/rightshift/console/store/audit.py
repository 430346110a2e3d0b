"""The audit log: a line for each wish and refusal, in its transaction, each with the hash of the one before."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal

import msgspec
from psycopg.types.json import Jsonb

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
Outcome = Literal["done", "denied", "failed"]
Values = Mapping[str, object]
"""What was before and after, in plain JSON values; never a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Who did what to what, from where, and what became of it. `actor_kind`: person, token, sensor, console, shell."""

    actor: str
    actor_kind: str
    action: str
    target: str = ""
    address: str = ""
    before: Values | None = None
    after: Values | None = None
    outcome: Outcome = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A line as it stands in the log."""

    id: int
    at: datetime
    line: Line


def failed(line: Line) -> Line:
    """The same, tried in vain."""
    return replace(line, outcome="failed")


async def add(connection: Connection, line: Line, now: datetime) -> int:
    """
    Adds a line in the transaction that is open on the connection, and returns its number.

    Until that ends, other lines wait: the chain has one end. An action that can't be written down doesn't happen.
    """
    await connection.execute(_ASK["lock"])
    last = await (await connection.execute(_ASK["last"])).fetchone()
    id, before = (last[0] + 1, bytes(last[1])) if last else (1, b"")
    at = now.astimezone(UTC)
    values: dict[str, object] = {
        "id": id,
        "at": at,
        "actor": line.actor,
        "actor_kind": line.actor_kind,
        "action": line.action,
        "target": line.target,
        "address": line.address,
        "before": None if line.before is None else Jsonb(dict(line.before)),
        "after": None if line.after is None else Jsonb(dict(line.after)),
        "outcome": line.outcome,
        "hash": _hash(before, id, at, line),
    }
    await connection.execute(_ASK["add"], values)
    return id


async def verify(connection: Connection) -> int | None:
    """The number of the first line that was changed, removed or put in; None where the chain holds."""
    before, expected = b"", 1
    async with connection.transaction(), connection.cursor(name="audit") as cursor:
        await cursor.execute(_ASK["all"])
        async for id, at, *rest, kept in cursor:
            line = _line(rest)
            if id != expected or bytes(kept) != _hash(before, id, at, line):
                return int(id)
            before, expected = bytes(kept), id + 1
    return None


async def page(
    connection: Connection, *, before: int | None, limit: int, actor: str | None = None, action: str | None = None
) -> list[Kept]:
    """Lines, newest first, before a number; of one actor, of one action or all below it (`users` for `users.add`)."""
    values = {"before": before, "limit": limit, "actor": actor, "action": action}
    found = await connection.execute(_ASK["page"], values)
    return [Kept(id=id, at=at, line=_line(rest)) for id, at, *rest in await found.fetchall()]


def _line(values: list[object]) -> Line:
    return msgspec.convert(dict(zip(Line.__slots__, _order(values), strict=True)), Line)


def _order(values: list[object]) -> list[object]:
    actor, actor_kind, action, target, address, before, after, outcome = values
    return [actor, actor_kind, action, target, address, before, after, outcome]


def _hash(before: bytes, id: int, at: datetime, line: Line) -> bytes:
    said = msgspec.json.encode([id, at.isoformat(), msgspec.to_builtins(line)], order="deterministic")
    return sha256(before + said).digest()
