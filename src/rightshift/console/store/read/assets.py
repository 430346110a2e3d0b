"""What exists, and how it hangs together. What is in it: `inventories.py`; as a graph: `topology.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from psycopg.types.json import Jsonb

from rightshift.console.store.pool import Connection
from rightshift.console.store.read.answers import all_of, one_of
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)

Bands = Annotated[list[int], Meta(description="Findings by band: Fix now, Fix soon, Plan, Routine")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is given must all hold; within one, any. What is gone is left out unless `gone`."""

    kinds: tuple[str, ...] = ()
    clouds: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    workloads: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    parent: UUID | None = None
    key: str = ""
    """As its reporter names it, or another name of it: the digest of an image's manifest."""
    label: tuple[str, str] | None = None
    text: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict)
    """That its reporter told, with these values."""
    port: int | None = None
    """It, or a process in it, listens there."""
    gone: bool = False

    def only(self, kind: str) -> "Filter":
        """The same of one kind."""
        return replace(self, kinds=(kind,))


class Asset(Struct, frozen=True, kw_only=True):
    """Something that exists or existed."""

    id: UUID
    kind: str
    key: Annotated[str, Meta(description="What it is called by whoever reports it")]
    name: str
    parent: UUID | None
    cloud: str
    region: str
    cluster: str
    namespace: str
    workload: str
    host: str
    image: str
    labels: dict[str, str]
    running: Annotated[bool | None, Meta(description="Null is unknown")]
    unit: Annotated[UUID | None, Meta(description="What stands for it in lists of findings")]
    first_seen: datetime
    last_seen: datetime
    gone: datetime | None
    bands: Bands


class Held(Struct, frozen=True):
    """What an asset held when. The open one has no end."""

    digest: str
    since: datetime
    until: datetime | None
    packages: int


class Above(Struct, frozen=True):
    """What an asset lies in."""

    id: UUID
    kind: str
    name: str


class About(Struct, frozen=True, kw_only=True):
    """What is read of one asset only. `attributes` are as its reporter told them."""

    attributes: dict[str, object]
    inventory: str | None
    packages: int | None
    aliases: list[str]
    children: int


class Relation(Struct, frozen=True, kw_only=True):
    """How two assets hang together."""

    id: int
    kind: str
    from_id: UUID
    from_kind: str
    from_name: str
    to_id: UUID
    to_kind: str
    to_name: str
    protocol: str
    port: int
    how: str
    count: int
    first_seen: datetime
    last_seen: datetime
    ended: datetime | None


async def page(
    connection: Connection, scope: Scope, filter: Filter, *, limit: int, after: tuple[str, UUID] | None = None
) -> list[Asset]:
    """Up to `limit` assets by name, after that name and id."""
    return await all_of(connection, Asset, _ASK["page"], _values(scope, filter, limit, after))


async def one(connection: Connection, scope: Scope, id: UUID) -> Asset | None:
    """An asset, gone or not; None where it is none or not in scope."""
    values = _values(scope, Filter(gone=True), 1, None) | {"id": id}
    return await one_of(connection, Asset, _ASK["page"], values)


async def about(connection: Connection, scope: Scope, id: UUID) -> About | None:
    """More of an asset that the caller was found to see. None when it went away in between."""
    return await one_of(connection, About, _ASK["one"], {"id": id, "teams": scope.parameter})


async def held(connection: Connection, id: UUID) -> list[Held]:
    """The inventories of an asset that the caller was found to see, the newest first, at most 100."""
    return await all_of(connection, Held, _ASK["held"], {"id": id})


async def above(connection: Connection, scope: Scope, id: UUID) -> list[Above]:
    """What the asset lies in, the nearest first, as far as the caller sees it."""
    return await all_of(connection, Above, _ASK["above"], {"id": id, "teams": scope.parameter})


async def relations(
    connection: Connection,
    scope: Scope,
    *,
    kinds: tuple[str, ...] = (),
    asset: UUID | None = None,
    from_id: UUID | None = None,
    to_id: UUID | None = None,
    port: int | None = None,
    ended: bool = False,
    limit: int,
    after: int | None = None,
) -> list[Relation]:
    """Up to `limit` relations whose ends the caller sees, after that number. `asset` is either end."""
    values = {
        "teams": scope.parameter,
        "kinds": list(kinds) or None,
        "asset": asset,
        "from_id": from_id,
        "to_id": to_id,
        "port": port,
        "ended": ended,
        "limit": limit,
        "after": after,
    }
    return await all_of(connection, Relation, _ASK["relations"], values)


def _values(scope: Scope, filter: Filter, limit: int, after: tuple[str, UUID] | None) -> dict[str, object]:
    name, id = after or (None, None)
    return {
        "teams": scope.parameter,
        "id": None,
        "kinds": list(filter.kinds) or None,
        "clouds": list(filter.clouds) or None,
        "regions": list(filter.regions) or None,
        "clusters": list(filter.clusters) or None,
        "namespaces": list(filter.namespaces) or None,
        "workloads": list(filter.workloads) or None,
        "hosts": list(filter.hosts) or None,
        "images": list(filter.images) or None,
        "running": list(filter.running) or None,
        "parent": filter.parent,
        "key": filter.key or None,
        "label": Jsonb(dict([filter.label])) if filter.label else None,
        "text": filter.text or None,
        "attributes": Jsonb(dict(filter.attributes)) if filter.attributes else None,
        "port": filter.port,
        "gone": filter.gone,
        "after_name": name,
        "after_id": id,
        "limit": limit,
    }
