"""Images: their names and digests, what is known to be in them, where they run. One with its history: `assets`."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from rightshift.console.api import files
from rightshift.console.api.assets import PLACED
from rightshift.console.api.pages import TEXT_CHARS, After, Limit, Text, known
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import images
from rightshift.console.store.read.assets import Filter
from rightshift.console.store.read.images import Image


class _Named(NamedTuple):
    name: Text
    id: UUID


_IMAGES = files.Rows("images", Image, _Named, lambda row: _Named(row.name, row.id))


class Images(Struct, frozen=True):
    """Images by name."""

    items: list[Image]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


@get(
    "/images",
    guards=[Requires(Permission.ASSETS_READ), known],
    dependencies=PLACED,
    tags=["assets"],
    summary="List images",
    operation_class=files.Listing,
    responses=refusals(406, 413),
)
async def list_images(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    placed: NamedDependency[Filter],
    architecture: Annotated[
        str | None, QueryParameter(max_length=TEXT_CHARS, description="`amd64`, `arm64`, …")
    ] = None,
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Images]:
    """Images that are known in the caller's scope: scanned, stored on a host, or run by a container."""
    scope = request.user.scope
    filter = replace(placed, attributes={"architecture": architecture} if architecture else {})

    async def ask(connection: Connection, last: _Named | None, most: int) -> list[Image]:
        return await images.page(connection, scope, filter, limit=most, after=last)

    return await files.answer(request, pool, now, _IMAGES, ask, Images, limit=limit, after=after, format=format)


EXAMPLES = (
    Images(
        [
            Image(
                id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c52"),
                key="sha256:" + "ab" * 32,
                name="registry.example/shop/web:1.27",
                names=["registry.example/shop/web:1.27", "registry.example/shop/web:latest"],
                digests=["sha256:" + "cd" * 32],
                os="linux",
                architecture="amd64",
                size_bytes=187_654_321,
                layers=7,
                scanned=datetime(2026, 1, 5, 2, tzinfo=UTC),
                inventories=1,
                inventory="9f" * 32,
                packages=141,
                running=True,
                containers=3,
                containers_running=3,
                where=["production/shop/web"],
                first_seen=datetime(2026, 1, 4, 9, tzinfo=UTC),
                last_seen=datetime(2026, 1, 5, 12, tzinfo=UTC),
                gone=None,
                bands=[1, 4, 31, 120],
            )
        ],
        None,
    ),
)
ROUTES = (list_images,)
