"""Containers, with what is known of their posture. What they are selected by: `assets`, of which this reads more."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct, convert

from rightshift.console.store.pool import Connection
from rightshift.console.store.read import assets
from rightshift.console.store.read.answers import rows_of
from rightshift.console.store.read.assets import Bands, Filter
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)

Listening = Annotated[list[str], Meta(description="`PROTOCOL ADDRESS:PORT`, at most 100")]


class HostMount(Struct, frozen=True):
    """A piece of the host inside a container."""

    source: str
    target: str
    writable: bool = False


class Privileges(Struct, frozen=True, kw_only=True):
    """What it may do to its host; null is unknown."""

    privileged: bool | None = None
    user: int | None = None
    user_namespace: bool | None = None
    capabilities: Annotated[int | None, Meta(description="Bit n is capability n of Linux")] = None
    host_namespaces: list[str] | None = None
    mounts: list[HostMount] | None = None
    read_only_root: bool | None = None
    no_new_privileges: bool | None = None


class Container(Struct, frozen=True, kw_only=True):
    """A container."""

    id: UUID
    key: Annotated[str, Meta(description="Its runtime's id")]
    name: str
    image: Annotated[str, Meta(description="As it was asked for")]
    image_id: Annotated[UUID | None, Meta(description="The image's asset; null where it is not known")]
    runtime: str
    state: str
    running: Annotated[bool | None, Meta(description="Null is unknown")]
    cluster: str
    namespace: str
    workload: str
    host: str
    started: datetime | None
    addresses: list[str]
    listening: Listening
    from_internet: Annotated[
        bool | None, Meta(description="True where somebody came from there; null is unknown, which is not no")
    ]
    privileges: Annotated[Privileges | None, Meta(description="Null where nothing is known of them")]
    inventory: Annotated[str | None, Meta(description="Digest of what is in it; null where nobody looked")]
    packages: int | None
    first_seen: datetime
    last_seen: datetime
    gone: datetime | None
    bands: Bands


async def page(
    connection: Connection, scope: Scope, filter: Filter, *, limit: int, after: tuple[str, UUID] | None = None
) -> list[Container]:
    """Up to `limit` containers by name, after that name and id; the filter's kinds don't count."""
    found = await assets.page(connection, scope, filter.only("container"), limit=limit, after=after)
    values = {"ids": [one.id for one in found], "teams": scope.parameter}
    more = {row.pop("id"): row for row in await rows_of(connection, _ASK["more"], values)} if found else {}
    # one that went in between two questions is left out
    return [_container(one, more[one.id]) for one in found if one.id in more]


def _container(asset: assets.Asset, more: dict[str, Any]) -> Container:
    names = ("id", "key", "name", "running", "cluster", "namespace", "workload", "host")
    seen = ("first_seen", "last_seen", "gone", "bands")
    privileges = more.pop("privileges")
    return Container(
        **{name: getattr(asset, name) for name in (*names, *seen)},
        **more,
        privileges=convert(privileges, Privileges) if isinstance(privileges, dict) else None,
    )
