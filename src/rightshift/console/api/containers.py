"""Containers: of which image, where, how they are reached, what they may do. One with its history: `assets`."""

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
from rightshift.console.store.read import containers
from rightshift.console.store.read.assets import Filter
from rightshift.console.store.read.containers import Container, HostMount, Privileges


class _Named(NamedTuple):
    name: Text
    id: UUID


_CONTAINERS = files.Rows("containers", Container, _Named, lambda row: _Named(row.name, row.id))


class Containers(Struct, frozen=True):
    """Containers by name."""

    items: list[Container]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


@get(
    "/containers",
    guards=[Requires(Permission.ASSETS_READ), known],
    dependencies=PLACED,
    tags=["assets"],
    summary="List containers",
    operation_class=files.Listing,
    responses=refusals(406, 413),
)
async def list_containers(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    placed: NamedDependency[Filter],
    runtime: Annotated[
        str | None, QueryParameter(max_length=TEXT_CHARS, description="`docker`, `podman`, `containerd`, `cri-o`")
    ] = None,
    state_: Annotated[
        str | None, QueryParameter(max_length=TEXT_CHARS, name="state", description="`running`, `exited`, …")
    ] = None,
    privileged: Annotated[bool | None, QueryParameter(description="Whether it is known to be, or not to be")] = None,
    port: Annotated[int | None, QueryParameter(ge=1, le=65_535, description="Something in it listens there")] = None,
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Containers]:
    """What runs or ran in containers, in the caller's scope; what is not known of one is null, which is not no."""
    scope = request.user.scope
    told: dict[str, object] = {"runtime": runtime, "state": state_}
    if privileged is not None:
        told["privileges"] = {"privileged": privileged}
    filter = replace(placed, port=port, attributes={name: value for name, value in told.items() if value is not None})

    async def ask(connection: Connection, last: _Named | None, most: int) -> list[Container]:
        return await containers.page(connection, scope, filter, limit=most, after=last)

    return await files.answer(request, pool, now, _CONTAINERS, ask, Containers, limit=limit, after=after, format=format)


EXAMPLES = (
    Containers(
        [
            Container(
                id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c51"),
                key="4f" * 32,
                name="web",
                image="registry.example/shop/web:1.27",
                image_id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c52"),
                runtime="containerd",
                state="running",
                running=True,
                cluster="production",
                namespace="shop",
                workload="web",
                host="node-1.example",
                started=datetime(2026, 1, 4, 9, tzinfo=UTC),
                addresses=["10.1.2.3"],
                listening=["tcp 0.0.0.0:8080"],
                from_internet=True,
                privileges=Privileges(
                    privileged=False, user=0, capabilities=2_818_844_155, host_namespaces=[],
                    mounts=[HostMount("/var/log", "/logs", writable=True)],
                ),
                inventory="9f" * 32,
                packages=141,
                first_seen=datetime(2026, 1, 4, 9, tzinfo=UTC),
                last_seen=datetime(2026, 1, 5, 12, tzinfo=UTC),
                gone=None,
                bands=[1, 4, 31, 120],
            )
        ],
        None,
    ),
)  # fmt: skip
ROUTES = (list_containers,)
