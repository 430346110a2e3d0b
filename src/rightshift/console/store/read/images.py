"""Images: all their names, what is known of their contents, where they run. What they are selected by: `assets`."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from rightshift.console.store.pool import Connection
from rightshift.console.store.read import assets
from rightshift.console.store.read.answers import rows_of
from rightshift.console.store.read.assets import Filter
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


class Image(Struct, frozen=True, kw_only=True):
    """An image."""

    id: UUID
    key: Annotated[str, Meta(description="Digest of its config, else NAME@DIGEST")]
    name: str
    names: Annotated[list[str], Meta(description="Under which it is found, at most 100")]
    digests: Annotated[list[str], Meta(description="Other digests of it: of its manifest, of an index, at most 100")]
    os: str
    architecture: str
    size_bytes: Annotated[int | None, Meta(description="Null where nobody told")]
    layers: Annotated[int | None, Meta(description="How many its last scan saw; null where there was none")]
    scanned: Annotated[datetime | None, Meta(description="When what is known of its contents was found")]
    inventories: Annotated[int, Meta(description="How many different contents were found in it so far")]
    inventory: Annotated[str | None, Meta(description="Digest of what is in it; null where nobody looked")]
    packages: int | None
    running: Annotated[bool | None, Meta(description="Whether any container of it runs; null is unknown")]
    containers: Annotated[int, Meta(description="Containers of it that are there, as far as the caller sees them")]
    containers_running: int
    where: Annotated[list[str], Meta(description="CLUSTER/NAMESPACE/WORKLOAD or host of those, at most 20")]
    first_seen: datetime
    last_seen: datetime
    gone: datetime | None
    bands: Annotated[
        list[int], Meta(description="Findings of what holds its contents: Fix now, Fix soon, Plan, Routine")
    ]


async def page(
    connection: Connection, scope: Scope, filter: Filter, *, limit: int, after: tuple[str, UUID] | None = None
) -> list[Image]:
    """Up to `limit` images by name, after that name and id; the filter's kinds don't count."""
    found = await assets.page(connection, scope, filter.only("image"), limit=limit, after=after)
    values = {"ids": [one.id for one in found], "teams": scope.parameter}
    more = {row.pop("id"): row for row in await rows_of(connection, _ASK["more"], values)} if found else {}
    # one that went in between two questions is left out
    return [_image(one, more[one.id]) for one in found if one.id in more]


def _image(asset: assets.Asset, more: dict[str, Any]) -> Image:
    names = ("id", "key", "name", "running", "first_seen", "last_seen", "gone")
    return Image(**{name: getattr(asset, name) for name in names}, **more)
