"""Assets and relations: what exists and how it hangs together. As a graph: `topology`; what is in them: `packages`."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from rightshift.console.api import files
from rightshift.console.api.pages import TEXT_CHARS, After, Large, Limit, Texts, known
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import assets
from rightshift.console.store.read.assets import About, Above, Asset, Filter, Held, Relation

_MANY = 100


class _Named(NamedTuple):
    name: str
    id: UUID


class _Numbered(NamedTuple):
    id: Large


_ASSETS = files.Rows("assets", Asset, _Named, lambda row: _Named(row.name, row.id))
_RELATIONS = files.Rows("relations", Relation, _Numbered, lambda row: _Numbered(row.id))


class Assets(Struct, frozen=True):
    """Assets by name."""

    items: list[Asset]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


class AssetDetail(Struct, frozen=True, kw_only=True):
    """An asset with all that is known of it."""

    asset: Asset
    about: About
    above: Annotated[list[Above], Meta(description="What it lies in, the nearest first")]
    held: Annotated[list[Held], Meta(description="Its inventories, the newest first, at most 100")]


class Relations(Struct, frozen=True):
    """Relations, in the order in which they were seen first."""

    items: list[Relation]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


def placed(
    cloud: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Name of a cloud")] = None,
    region: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Name of a region")] = None,
    cluster: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Name of a cluster")] = None,
    namespace: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Name of a namespace")] = None,
    workload: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Name of a workload")] = None,
    host: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Name of a host")] = None,
    image: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Name of an image")] = None,
    running: Annotated[
        list[Literal["true", "false", "unknown"]] | None, QueryParameter(max_items=3, description="Whether it runs")
    ] = None,
    parent: Annotated[UUID | None, QueryParameter(description="What lies right in this asset")] = None,
    key: Annotated[
        str | None,
        QueryParameter(max_length=TEXT_CHARS, description="What its reporter calls it, or another name of it"),
    ] = None,
    label: Annotated[str | None, QueryParameter(max_length=TEXT_CHARS, description="NAME=VALUE of a label")] = None,
    text: Annotated[str | None, QueryParameter(max_length=TEXT_CHARS, description="Stands in its name or key")] = None,
    gone: Annotated[bool, QueryParameter(description="Also what is gone")] = False,
) -> Filter:
    """The filter that the parameters are, of assets of any kind. Raises: ValidationException."""
    name, equals, value = (label or "").partition("=")
    if label and not (name and equals):
        raise ValidationException("`label` is NAME=VALUE")
    return Filter(
        clouds=tuple(cloud or ()),
        regions=tuple(region or ()),
        clusters=tuple(cluster or ()),
        namespaces=tuple(namespace or ()),
        workloads=tuple(workload or ()),
        hosts=tuple(host or ()),
        images=tuple(image or ()),
        running=tuple(running or ()),
        parent=parent,
        key=key or "",
        label=(name, value) if label else None,
        text=text or "",
        gone=gone,
    )


PLACED = {"placed": Provide(placed, sync_to_thread=False)}
"""For a list of assets of one kind, which has these parameters and its own."""


def asked(
    placed: NamedDependency[Filter],
    kind: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Kind of asset; any of several")] = None,
) -> Filter:
    """The same with kinds."""
    return replace(placed, kinds=tuple(kind or ()))


@get(
    "/assets",
    guards=[Requires(Permission.ASSETS_READ), known],
    dependencies={"filter": Provide(asked, sync_to_thread=False), **PLACED},
    tags=["assets"],
    summary="List assets",
    operation_class=files.Listing,
    responses=refusals(406, 413),
)
async def list_assets(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    filter: NamedDependency[Filter],
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Assets]:
    """Hosts, clusters, workloads, containers, processes, images and all else that exists in the caller's scope."""
    scope = request.user.scope

    async def ask(connection: Connection, last: _Named | None, most: int) -> list[Asset]:
        return await assets.page(connection, scope, filter, limit=most, after=last)

    return await files.answer(request, pool, now, _ASSETS, ask, Assets, limit=limit, after=after, format=format)


@get(
    "/assets/{asset:uuid}",
    guards=[Requires(Permission.ASSETS_READ), known],
    tags=["assets"],
    summary="Read an asset",
    responses=refusals(404),
)
async def read_asset(
    request: Request[Actor, Any, Any], pool: NamedDependency[Pool], asset: FromPath[UUID]
) -> AssetDetail:
    """One asset: its attributes, what it lies in and what it held when."""
    async with pool.connection() as connection:
        found = await assets.one(connection, request.user.scope, asset)
        about = await assets.about(connection, request.user.scope, asset) if found else None
        if found is None or about is None:
            raise NotFoundException("There is no such asset")
        return AssetDetail(
            asset=found,
            about=about,
            above=await assets.above(connection, request.user.scope, asset),
            held=await assets.held(connection, asset),
        )


@get(
    "/relations",
    guards=[Requires(Permission.ASSETS_READ), known],
    tags=["assets"],
    summary="List relations",
    operation_class=files.Listing,
    responses=refusals(406, 413),
)
async def list_relations(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    kind: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="`connects-to`, `runs-on`, …")] = None,
    asset: Annotated[UUID | None, QueryParameter(description="Either end")] = None,
    from_: Annotated[UUID | None, QueryParameter(name="from", description="The end that comes first")] = None,
    to: Annotated[UUID | None, QueryParameter(description="The end that comes second")] = None,
    port: Annotated[int | None, QueryParameter(ge=0, le=65_535, description="Port of a connection")] = None,
    ended: Annotated[bool, QueryParameter(description="Also those that ended")] = False,
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Relations]:
    """How assets hang together: connections, routes, what runs where. Both ends are in the caller's scope."""
    scope = request.user.scope

    async def ask(connection: Connection, last: _Numbered | None, most: int) -> list[Relation]:
        return await assets.relations(
            connection,
            scope,
            kinds=tuple(kind or ()),
            asset=asset,
            from_id=from_,
            to_id=to,
            port=port,
            ended=ended,
            limit=most,
            after=last and last.id,
        )

    return await files.answer(request, pool, now, _RELATIONS, ask, Relations, limit=limit, after=after, format=format)


_SEEN = datetime(2026, 1, 3, 6, tzinfo=UTC)
_NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
_ONE = Asset(
    id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c11"),
    kind="workload",
    key="production/shop/deployment/web",
    name="web",
    parent=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c12"),
    cloud="",
    region="",
    cluster="production",
    namespace="shop",
    workload="web",
    host="",
    image="",
    labels={"app": "web"},
    running=True,
    unit=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c11"),
    first_seen=_SEEN,
    last_seen=_NOW,
    gone=None,
    bands=[1, 4, 31, 120],
)
EXAMPLES = (
    Assets([_ONE], None),
    AssetDetail(
        asset=_ONE,
        about=About(attributes={"replicas": 3}, inventory="9f" * 32, packages=141, aliases=[], children=3),
        above=[Above(UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c12"), "namespace", "shop")],
        held=[Held("9f" * 32, _SEEN, None, 141)],
    ),
    Relations(
        [
            Relation(
                id=4711,
                kind="connects-to",
                from_id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c11"),
                from_kind="workload",
                from_name="web",
                to_id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c13"),
                to_kind="workload",
                to_name="orders",
                protocol="tcp",
                port=8443,
                how="events",
                count=1_204,
                first_seen=_SEEN,
                last_seen=_NOW,
                ended=None,
            )
        ],
        None,
    ),
)

ROUTES = (list_assets, read_asset, list_relations)
