"""Assets as `derive/assets` concludes them from facts, with their history, and the holders that lists are about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
Id = tuple[str, str]
"""Kind and key."""
Attributes = Mapping[str, Any]
"""As reporters told them: `documents/assets` says which kind has which, and that they are not more than it allows."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What reporters say of an asset, the same of several once. `observer` is False for who only hands in scans."""

    id: Id
    parent: Id | None
    attributes: Attributes
    first_seen: datetime
    last_seen: datetime
    ended: datetime | None
    observer: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """The newest scan of an asset."""

    id: Id
    name: str
    inventory: int
    made: datetime


@dataclass(frozen=True, slots=True)
class Hangs:
    """How an asset hangs together with another one, as somebody told; ended ones have an end."""

    of: Id
    kind: str
    to: Id
    protocol: str
    port: int
    how: str
    first_seen: datetime
    last_seen: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A row that there is. `unit` stands for it in lists; `place` are the names of what it lies in, by column."""

    number: int
    id: Id
    name: str
    place: Mapping[str, str]
    unit: int | None
    inventory: int | None
    running: bool | None
    gone: datetime | None
    addresses: tuple[str, ...]
    labels: Mapping[str, str]


PLACE = ("cloud", "region", "cluster", "namespace", "workload", "host", "image")


class Row(msgspec.Struct, kw_only=True):
    """A row to be written. Without `unit_id` an asset stands for itself."""

    kind: str
    key: str
    name: str
    parent_id: int | None
    attributes: dict[str, Any]
    labels: dict[str, str]
    cloud: str = ""
    region: str = ""
    cluster: str = ""
    namespace: str = ""
    workload: str = ""
    host: str = ""
    image: str = ""
    unit_id: int | None = None
    inventory_id: int | None = None
    running: bool | None = None
    first_seen: datetime
    last_seen: datetime
    gone: datetime | None = None


def _columns(ids: Iterable[Id]) -> dict[str, list[str]]:
    kept = list(ids)
    return {"kinds": [kind for kind, _ in kept], "keys": [key for _, key in kept]}


async def facts(connection: Connection, ids: Iterable[Id]) -> list[Fact]:
    """All that reporters say of these, what was said last at the end."""
    rows = await (await connection.execute(_ASK["facts"], _columns(ids))).fetchall()
    return [
        Fact((kind, key), (above, its_key) if above and its_key else None, attributes, first, last, ended, observer)
        for kind, key, above, its_key, attributes, first, last, ended, observer in rows
    ]


async def scanned(connection: Connection, numbers: Sequence[int]) -> list[Id]:
    """What these scans are of."""
    rows = await (await connection.execute(_ASK["scanned"], {"ids": list(numbers)})).fetchall()
    return [(kind, key) for kind, key in rows]


async def scans(connection: Connection, ids: Iterable[Id]) -> list[Scan]:
    """The newest scan of each, by when it was made: one that was made before and comes later changes nothing."""
    rows = await (await connection.execute(_ASK["scans"], _columns(ids))).fetchall()
    return [Scan((kind, key), name, inventory, made) for kind, key, name, inventory, made in rows]


async def hangs(connection: Connection, ids: Iterable[Id]) -> list[Hangs]:
    """How these hang together with what is above them, and what they lead to."""
    rows = await (await connection.execute(_ASK["hangs"], _columns(ids))).fetchall()
    return [
        Hangs((kind, key), relation, (to, its_key), protocol, port, how, first, last, ended)
        for kind, key, relation, to, its_key, protocol, port, how, first, last, ended in rows
    ]


async def existing(connection: Connection, ids: Iterable[Id]) -> dict[Id, Asset]:
    """Those of these assets that there are, under the names that were asked for: an image has several."""
    rows = await (await connection.execute(_ASK["existing"], _columns(ids))).fetchall()
    return {(asked_kind, asked_key): _asset(rest) for asked_kind, asked_key, *rest in rows}


def _asset(row: Sequence[Any]) -> Asset:
    number, kind, key, name, unit, inventory, running, gone, addresses, labels, *places = row
    return Asset(
        number=number,
        id=(kind, key),
        name=name,
        unit=unit,
        inventory=inventory,
        running=running,
        gone=gone,
        addresses=tuple(addresses or ()),
        labels=labels,
        place=dict(zip(PLACE, places, strict=True)),
    )


async def instances(connection: Connection, numbers: Iterable[int]) -> dict[int, bool]:
    """Images (by number) of which there are or were containers, and whether any of those runs."""
    rows = await (await connection.execute(_ASK["instances"], {"ids": list(numbers)})).fetchall()
    return dict(rows)


async def put(connection: Connection, rows: Sequence[Row]) -> dict[Id, int]:
    """Writes those that are other than what stands there; the numbers of all."""
    if not rows:
        return {}
    values = {"rows": Jsonb(msgspec.to_builtins(list(rows)))}
    await connection.execute(_ASK["put"], values)
    found = await connection.execute(_ASK["numbers"], _columns((row.kind, row.key) for row in rows))
    return {(kind, key): number for number, kind, key in await found.fetchall()}


async def stand_alone(connection: Connection, numbers: Iterable[int]) -> None:
    """These stand for themselves in lists."""
    await connection.execute(_ASK["stand_alone"], {"ids": list(numbers)})


async def dependents(connection: Connection, ids: Iterable[Id]) -> list[Id]:
    """What lies in these or hangs on them, as facts tell; processes aside, which are no rows."""
    rows = await (await connection.execute(_ASK["dependents"], _columns(ids))).fetchall()
    return [(kind, key) for kind, key in rows]


async def hold(connection: Connection, held: Mapping[int, tuple[int, datetime]], now: datetime) -> None:
    """
    History: from when on an asset holds an inventory, by asset. What it held before ends there; a second that is
    already taken is passed over for `now`.
    """
    if held:
        columns = {
            "ids": list(held),
            "inventories": [inventory for inventory, _ in held.values()],
            "since": [since for _, since in held.values()],
            "now": now,
        }
        await connection.execute(_ASK["end_other"], columns)
        await connection.execute(_ASK["hold"], columns)


async def let_go(connection: Connection, ended: Mapping[int, datetime]) -> None:
    """History of assets that are gone ends then."""
    if ended:
        await connection.execute(_ASK["let_go"], {"ids": list(ended), "ends": list(ended.values())})


async def holders(connection: Connection, units: Iterable[int]) -> list[int]:
    """
    What the assets behind each unit hold now; inventories of holders that are new or add other points.

    An image that containers hold stands only for those of them that have no workload.
    """
    values = {"units": list(units)}
    await connection.execute(_ASK["drop_holders"], values)
    rows = await (await connection.execute(_ASK["put_holders"], values)).fetchall()
    return [row[0] for row in rows]


async def units_of(connection: Connection, inventories: Sequence[int]) -> list[int]:
    """The units that hold these inventories."""
    rows = await (await connection.execute(_ASK["units_of"], {"ids": list(inventories)})).fetchall()
    return [row[0] for row in rows]


async def name_images(connection: Connection, names: Sequence[tuple[int, str]]) -> None:
    """Other names of images; a name stands for one image."""
    if names:
        columns = {"ids": [number for number, _ in names], "keys": [key for _, key in names]}
        await connection.execute(_ASK["name_images"], columns)


async def forget(connection: Connection, numbers: Sequence[int]) -> None:
    """Removes rows that turned out to be another asset."""
    await connection.execute(_ASK["forget"], {"ids": list(numbers)})
