"""How far runs of jobs are, and which are to begin. Only `jobs` writes here; what people wish: `wishes`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)

Ended = Literal["done", "failed", "cancelled"]
DOING_CHARS = 300
LINE_CHARS = 2_000
LINES = 5_000
"""Of the log of one run; what comes after them is not kept."""
SENT_AT_ONCE = 200
DUE_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run that is wished. Of runs with the same `lock` one waits at most, and one runs at most."""

    name: str
    arguments: str
    """JSON."""
    lock: str
    by: str
    source: UUID | None = None
    schedule: UUID | None = None
    teams: Sequence[UUID] | None = None
    """Who may see it; None is whoever sees everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """How a run stands."""

    name: str
    lock: str
    state: str
    cancel: bool
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A run that is under way. `attempt` counts from 1; `arguments` are JSON."""

    name: str
    arguments: str
    attempt: int
    wished_by: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """A job whose worker is gone. `run` is None where nothing is known of it any more."""

    job: int
    run: UUID | None
    name: str | None
    attempt: int
    cancel: bool
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A schedule whose time has come, with the source that it is for."""

    id: UUID
    name: str
    job: str
    cron: str
    zone: str
    teams: list[UUID] | None
    source: UUID | None
    reference: str | None
    ecosystems: list[str] | None
    trusted: bool | None


def text(foreign: str, chars: int) -> str:
    """Foreign text as it is kept: cut, and without what PostgreSQL can't keep."""
    return foreign[:chars].replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


async def send(connection: Connection) -> int:
    """Puts wished runs on the queue, in the order of the wishes; how many. There may be more when it is the limit."""
    return len(await (await connection.execute(_ASK["send"], {"limit": SENT_AT_ONCE})).fetchall())


async def wish(connection: Connection, run: NewRun, now: datetime) -> UUID | None:
    """Adds a run; None when one with the same lock waits already, which does as well."""
    values: dict[str, object] = {name: getattr(run, name) for name in NewRun.__slots__} | {"now": now}
    row = await (await connection.execute(_ASK["wish"], values)).fetchone()
    return row[0] if row else None


async def take(connection: Connection, lock: str) -> bool:
    """Whether this session now is the only one that works under that lock; it holds until the session ends."""
    row = await (await connection.execute(_ASK["take"], {"lock": lock})).fetchone()
    return bool(row and row[0])


async def look(connection: Connection, id: UUID) -> Stands | None:
    """None when it is not known, or not any more."""
    row = await (await connection.execute(_ASK["look"], {"id": id})).fetchone()
    return Stands(name=row[0], lock=row[1], state=row[2], cancel=row[3], attempt=row[4]) if row else None


async def begin(connection: Connection, id: UUID, now: datetime) -> Begun | None:
    """One more attempt; None when it has ended or is to be cancelled."""
    row = await (await connection.execute(_ASK["begin"], {"id": id, "now": now})).fetchone()
    if row is None:
        return None
    return Begun(name=row[0], arguments=row[1], attempt=row[2], wished_by=row[3], created=row[4])


async def doing(connection: Connection, id: UUID, what: str, done: int, total: int | None) -> None:
    """What it is at, for whoever looks."""
    values = {"id": id, "doing": text(what, DOING_CHARS), "done": done, "total": total}
    await connection.execute(_ASK["doing"], values)


async def log(connection: Connection, id: UUID, lines: Sequence[str], now: datetime) -> None:
    """Adds to its log, up to a limit."""
    values = {"id": id, "now": now, "lines": [text(line, LINE_CHARS) for line in lines], "most": LINES}
    await connection.execute(_ASK["log"], values)


async def wait(connection: Connection, id: UUID, error: str) -> None:
    """It will begin again."""
    await connection.execute(_ASK["wait"], {"id": id, "error": text(error, LINE_CHARS)})


async def end(
    connection: Connection, id: UUID, state: Ended, now: datetime, *, error: str = "", result: str | None = None
) -> None:
    """It has ended for good. `result` is JSON. What ended before stays as it is."""
    values = {"id": id, "state": state, "now": now, "error": text(error, LINE_CHARS), "result": result}
    await connection.execute(_ASK["end"], values)


async def dead(connection: Connection, lease: timedelta) -> list[Dead]:
    """Jobs whose worker was not heard of for `lease`, held for the transaction that is open."""
    rows = await (await connection.execute(_ASK["dead"], {"lease": lease})).fetchall()
    return [Dead(job=j, run=r, name=n, attempt=a, cancel=c, state=s) for j, r, n, a, c, s in rows]


async def heard(connection: Connection, worker: int, within: timedelta) -> bool:
    """Whether the queue heard of a worker lately."""
    row = await (await connection.execute(_ASK["heard"], {"worker": worker, "within": within})).fetchone()
    return bool(row and row[0])


async def give_back(connection: Connection, job: int) -> None:
    """Another worker may have it."""
    await connection.execute(_ASK["give_back"], {"job": job})


async def give_up(connection: Connection, job: int) -> None:
    """Nobody shall have it again."""
    await connection.execute(_ASK["give_up"], {"job": job})


async def known_document(connection: Connection, document: str) -> bool:
    """Whether a scan of that id is kept."""
    row = await (await connection.execute(_ASK["known_document"], {"document": document})).fetchone()
    return bool(row and row[0])


async def tell(connection: Connection, channel: Literal["feed", "wishes"]) -> None:
    """Wakes whoever listens."""
    await connection.execute(_ASK["tell"], {"channel": channel})


async def due(connection: Connection, now: datetime) -> list[Due]:
    """Schedules whose time has come, held for the transaction that is open; there may be more when it is the limit."""
    rows = await (await connection.execute(_ASK["due"], {"now": now, "limit": DUE_AT_ONCE})).fetchall()
    return [Due(**dict(zip(Due.__slots__, row, strict=True))) for row in rows]


async def ran(connection: Connection, schedule: UUID, now: datetime, following: datetime | None) -> None:
    """A schedule's turn was taken; None is never again."""
    await connection.execute(_ASK["ran"], {"id": schedule, "now": now, "next": following})


async def next_due(connection: Connection) -> datetime | None:
    """When the next schedule is due; None without any."""
    row = await (await connection.execute(_ASK["next"])).fetchone()
    return row[0] if row else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A schedule that a new console begins with, in UTC; `reference` is the source that it scans, under its name."""

    name: str
    job: str
    cron: str
    first: datetime
    reference: str = ""


async def begin_schedules(connection: Connection, made: Iterable[Beginning], now: datetime) -> bool:
    """
    The schedules that a new console begins with, once: what people change or remove later stays so.

    Whether it was the first time.
    """
    async with connection.transaction():
        if await (await connection.execute(_ASK["begin_schedules"])).fetchone() is None:
            return False
        for one in made:
            if one.reference:
                source = {"name": one.name, "reference": one.reference, "now": now}
                await connection.execute(_ASK["begin_source"], source)
            values = {"name": one.name, "job": one.job, "cron": one.cron, "next": one.first, "now": now}
            await connection.execute(_ASK["begin_schedule"], values | {"source": one.name})
    return True


async def installation(connection: Connection) -> UUID:
    """What tells this console from all others."""
    row = await (await connection.execute(_ASK["installation"])).fetchone()
    assert row is not None
    found: UUID = row[0]
    return found
