"""Relations between assets as `derive/relations` concludes them. As seen, address to address: `connection_fact`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rightshift.console.store.conclusions.assets import Id
from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Between two assets, by their numbers. `port` is the server's, 0 for none."""

    kind: str
    from_: int
    to: int
    protocol: str = ""
    port: int = 0
    how: str
    count: int = 0
    first_seen: datetime
    last_seen: datetime
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Traffic:
    """Of an asset with one remote address at one server port, all its processes together."""

    of: Id
    protocol: str
    incoming: bool
    remote: str
    port: int
    name: str
    how: str
    count: int
    first_seen: datetime
    last_seen: datetime


async def put_structure(connection: Connection, of: Sequence[int], relations: Sequence[Relation]) -> None:
    """How these assets hang together with others takes the place of what was known of that; traffic stays."""
    columns = _columns(relations)
    await connection.execute(_ASK["drop_structure"], {"of": list(of), **columns})
    await connection.execute(_ASK["put"], columns)


async def add(connection: Connection, relations: Sequence[Relation]) -> None:
    """Adds traffic to what is known; it ages, and is never swept."""
    if relations:
        await connection.execute(_ASK["put"], _columns(relations))


def _columns(relations: Sequence[Relation]) -> dict[str, list[object]]:
    return {
        "kinds": [one.kind for one in relations],
        "froms": [one.from_ for one in relations],
        "tos": [one.to for one in relations],
        "protocols": [one.protocol for one in relations],
        "ports": [one.port for one in relations],
        "hows": [one.how for one in relations],
        "counts": [one.count for one in relations],
        "firsts": [one.first_seen for one in relations],
        "lasts": [one.last_seen for one in relations],
        "ends": [one.ended for one in relations],
    }


@dataclass(frozen=True, slots=True)
class Unseen:
    """Traffic of an asset that it does not show any more; `other` is the other end, `number` its."""

    id: int
    from_: int
    to: int
    protocol: str
    port: int
    other: Id
    number: int


async def unseen(connection: Connection, numbers: Sequence[int], found: Sequence[Relation]) -> list[Unseen]:
    """All known traffic of these assets that was not found."""
    rows = await (await connection.execute(_ASK["unseen"], {"of": list(numbers), **_columns(found)})).fetchall()
    return [
        Unseen(id, from_, to, protocol, port, (kind, key), number)
        for id, from_, to, protocol, port, kind, key, number in rows
    ]


async def drop(connection: Connection, ids: Sequence[int]) -> None:
    """Removes relations, and what was there only because of them."""
    if ids:
        await connection.execute(_ASK["drop"], {"ids": list(ids)})


async def owners(connection: Connection, processes: Iterable[str]) -> list[Id]:
    """What these processes lie in."""
    rows = await (await connection.execute(_ASK["owners"], {"keys": list(processes)})).fetchall()
    return [(kind, key) for kind, key in rows]


async def traffic(connection: Connection, ids: Sequence[Id]) -> list[Traffic]:
    """All of these assets' traffic, and that of the processes in them."""
    columns = {"kinds": [kind for kind, _ in ids], "keys": [key for _, key in ids]}
    rows = await (await connection.execute(_ASK["traffic"], columns)).fetchall()
    return [Traffic((kind, key), *rest) for kind, key, *rest in rows]


async def at_addresses(connection: Connection, addresses: Sequence[str]) -> list[tuple[str, str, int]]:
    """(address, kind, number) of the assets that have these addresses now, alone of their kind."""
    rows = await (await connection.execute(_ASK["at_addresses"], {"addresses": list(addresses)})).fetchall()
    return [(address, kind, number) for address, kind, number in rows]


async def outside(connection: Connection, ids: Sequence[Id], now: datetime) -> dict[Id, int]:
    """Numbers of the internet and of endpoints, which are made where they are not there yet."""
    if not ids:
        return {}
    columns = {"kinds": [kind for kind, _ in ids], "keys": [key for _, key in ids]}
    await connection.execute(_ASK["make_outside"], {**columns, "now": now})
    rows = await (await connection.execute(_ASK["outside"], columns)).fetchall()
    return {(kind, key): number for number, kind, key in rows}


async def unmask(connection: Connection, addresses: Sequence[str]) -> list[Id]:
    """Removes endpoints that are nothing but one of these addresses; whoever spoke with them is told."""
    rows = await (await connection.execute(_ASK["unmask"], {"addresses": list(addresses)})).fetchall()
    return [(kind, key) for kind, key in rows]
