"""The estate as a graph, at the level of detail that is asked for. As lists: `assets`."""

from datetime import UTC, datetime
from typing import Annotated, Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.exceptions import ValidationException
from litestar.params import QueryParameter
from msgspec import Meta

from rightshift.console.api.pages import known
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store.pool import Pool
from rightshift.console.store.read.topology import Edge, Node, Topology, is_id, topology

KINDS = ("connects-to", "routes-to", "exposes")
_Id = Annotated[str, Meta(max_length=80)]
_Kind = Annotated[str, Meta(max_length=40)]


@get(
    "/topology",
    guards=[Requires(Permission.ASSETS_READ), known],
    tags=["assets"],
    summary="Draw the estate",
    responses=refusals(),
)
async def draw(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    expand: Annotated[
        list[_Id] | None, QueryParameter(max_items=500, description="Ids of nodes that are opened, with those above")
    ] = None,
    depth: Annotated[int, QueryParameter(ge=1, le=8, description="Levels that are opened without being named")] = 1,
    limit: Annotated[int, QueryParameter(ge=1, le=2_000, description="How many nodes at most")] = 400,
    relation: Annotated[
        list[_Kind] | None, QueryParameter(max_items=10, description="Kinds of relations; else what carries traffic")
    ] = None,
) -> Topology:
    """
    What exists in the caller's scope as boxes in boxes, with relations put together between those that are shown.

    Many of one kind in one place are one bundle until it is opened. There are never more nodes than `limit`; `hidden`
    says for how many assets there was no place.
    """
    if wrong := [one for one in expand or () if not is_id(one)]:
        raise ValidationException(f"`expand` takes ids of nodes; {wrong[0]!r} is none")
    async with pool.connection() as connection:
        return await topology(
            connection,
            request.user.scope,
            expand=frozenset(expand or ()),
            depth=depth,
            limit=limit,
            kinds=tuple(relation or KINDS),
        )


_SHOP = "0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c12"
EXAMPLES = (
    Topology(
        nodes=[
            Node(
                id=_SHOP,
                kind="namespace",
                name="shop",
                parent=None,
                assets=1,
                children=4,
                expanded=False,
                running=None,
                bands=[1, 4, 31, 120],
            ),
            Node(
                id="internet@",
                kind="internet",
                name="",
                parent=None,
                assets=1,
                children=0,
                expanded=False,
                running=None,
                bands=[0, 0, 0, 0],
            ),
        ],
        edges=[
            Edge(
                source="internet@",
                target=_SHOP,
                kind="connects-to",
                relations=1,
                count=1_204,
                ports=[443],
                last_seen=datetime(2026, 1, 5, 12, tzinfo=UTC),
            )
        ],
        hidden=0,
        hidden_edges=0,
    ),
)

ROUTES = (draw,)
