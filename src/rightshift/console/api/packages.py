"""Packages and inventories: where is log4j-core 2.14, what is in this image. What is wrong with it: `findings`."""

from datetime import datetime
from typing import Annotated, Any, NamedTuple

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from rightshift.console.api import files
from rightshift.console.api.pages import MOST, After, Limit, Small, Text, Texts, cut, every, known, place
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import packages
from rightshift.console.store.read.packages import Content, Filter, Inventory, Package, Place, Where

_MANY = 100
_DIGEST_CHARS = 64


class _Held(NamedTuple):
    holder: Small
    version: Small


class _Listed(NamedTuple):
    ecosystem: str
    name: str
    version: str
    id: Small


class _Digest(NamedTuple):
    digest: str


class Packages(Struct, frozen=True):
    """Package versions by name."""

    items: list[Package]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


class Places(Struct, frozen=True):
    """Where packages are."""

    items: list[Where]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


class Inventories(Struct, frozen=True):
    """Inventories by digest."""

    items: list[Inventory]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


class Contents(Struct, frozen=True):
    """Packages of an inventory by name."""

    items: list[Content]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


def asked(
    name: Annotated[Text | None, QueryParameter(description="The package's whole name, whatever its case")] = None,
    text: Annotated[Text | None, QueryParameter(description="Stands in the name")] = None,
    version: Annotated[
        Text | None, QueryParameter(description="A version, or with `*` at its end how it begins")
    ] = None,
    purl: Annotated[Text | None, QueryParameter(description="The whole package URL")] = None,
    ecosystem: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Type of a package URL")] = None,
) -> Filter:
    """The filter that the parameters are."""
    return Filter(
        name=name or "", text=text or "", version=version or "", purl=purl or "", ecosystems=tuple(ecosystem or ())
    )


_FILTER = {"filter": Provide(asked, sync_to_thread=False)}


@get(
    "/packages",
    guards=[Requires(Permission.ASSETS_READ), known],
    dependencies=_FILTER,
    tags=["packages"],
    summary="List packages",
    operation_class=files.Listing,
    responses=refusals(406, 413),
)
async def list_packages(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    filter: NamedDependency[Filter],
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Packages]:
    """Package versions that somebody in the caller's scope holds, and how many do: `?name=log4j-core&version=2.14*`."""
    kind = files.wanted(request, format)
    begin = _place(after)
    scope = request.user.scope

    async def ask(connection: Connection, last: Place | None) -> list[Package]:
        return await packages.page(connection, scope, filter, limit=MOST, after=last)

    if kind != "json":
        rows = every(pool, ask, lambda row: Place(row.ecosystem, row.name, row.version, row.version_id))
        return await files.send(request, pool, kind, "packages", Package, rows, now)
    async with pool.connection() as connection:
        found = await packages.page(connection, scope, filter, limit=limit + 1, after=begin)
    return Response(Packages(*cut(found, limit, lambda row: (row.ecosystem, row.name, row.version, row.version_id))))


@get(
    "/packages/places",
    guards=[Requires(Permission.ASSETS_READ), known],
    dependencies=_FILTER,
    tags=["packages"],
    summary="Find packages",
    operation_class=files.Listing,
    responses=refusals(406, 413),
)
async def find_packages(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    filter: NamedDependency[Filter],
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Places]:
    """
    Where a package is: the workloads, hosts and images that hold it, each with its version and where it lies there.

    Needs `name` or `purl`.
    """
    kind = files.wanted(request, format)
    if not (filter.name or filter.purl):
        raise ValidationException("Say `name` or `purl`: which package is meant")
    begin = place(after, _Held)
    scope = request.user.scope

    async def ask(connection: Connection, last: tuple[int, int] | None) -> list[Where]:
        return await packages.places(connection, scope, filter, limit=MOST, after=last)

    if kind != "json":
        rows = every(pool, ask, lambda row: (row.holder, row.version_id))
        return await files.send(request, pool, kind, "places", Where, rows, now)
    async with pool.connection() as connection:
        found = await packages.places(connection, scope, filter, limit=limit + 1, after=begin)
    return Response(Places(*cut(found, limit, lambda row: (row.holder, row.version_id))))


@get(
    "/inventories",
    guards=[Requires(Permission.ASSETS_READ), known],
    tags=["packages"],
    summary="List inventories",
    operation_class=files.Listing,
    responses=refusals(406, 413),
)
async def list_inventories(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Inventories]:
    """Distinct contents of images, hosts and trees that something in the caller's scope holds or held."""
    kind = files.wanted(request, format)
    begin = place(after, _Digest)
    scope = request.user.scope

    async def ask(connection: Connection, last: str | None) -> list[Inventory]:
        return await packages.inventories(connection, scope, limit=MOST, after=last)

    if kind != "json":
        rows = every(pool, ask, lambda row: row.digest)
        return await files.send(request, pool, kind, "inventories", Inventory, rows, now)
    last = None if begin is None else _digest(begin.digest)
    async with pool.connection() as connection:
        found = await packages.inventories(connection, scope, limit=limit + 1, after=last)
    return Response(Inventories(*cut(found, limit, lambda row: (row.digest,))))


@get(
    "/inventories/{digest:str}",
    guards=[Requires(Permission.ASSETS_READ), known],
    tags=["packages"],
    summary="Read an inventory",
    responses=refusals(404),
)
async def read_inventory(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    digest: FromPath[str],
) -> Inventory:
    """One inventory, by its SHA-256: how much is in it and how many hold it."""
    async with pool.connection() as connection:
        found = await packages.inventory(connection, request.user.scope, _digest(digest))
    if found is None:
        raise NotFoundException("There is no such inventory")
    return found


@get(
    "/inventories/{digest:str}/packages",
    guards=[Requires(Permission.ASSETS_READ), known],
    dependencies=_FILTER,
    tags=["packages"],
    summary="List packages of an inventory",
    operation_class=files.Listing,
    responses=refusals(404, 406, 413),
)
async def list_contents(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    filter: NamedDependency[Filter],
    digest: FromPath[str],
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Contents]:
    """What is in an image, host or tree: each package with its state and where it lies."""
    kind = files.wanted(request, format)
    begin = _place(after)
    scope, its = request.user.scope, _digest(digest)
    async with pool.connection() as connection:
        if await packages.inventory(connection, scope, its) is None:
            raise NotFoundException("There is no such inventory")

    async def ask(connection: Connection, last: Place | None, most: int = MOST) -> list[Content]:
        return await packages.contents(connection, scope, its, filter, limit=most, after=last)

    if kind != "json":
        rows = every(pool, ask, lambda row: Place(row.ecosystem, row.name, row.version, row.version_id))
        return await files.send(request, pool, kind, "inventory", Content, rows, now)
    async with pool.connection() as connection:
        found = await ask(connection, begin, limit + 1)
    return Response(Contents(*cut(found, limit, lambda row: (row.ecosystem, row.name, row.version, row.version_id))))


def _place(after: str | None) -> Place | None:
    begin = place(after, _Listed)
    return None if begin is None else Place(*begin)


def _digest(text: str) -> str:
    """Hexadecimal digits of a SHA-256, with or without its name before them. Raises: NotFoundException."""
    digits = text.removeprefix("sha256:").lower()
    if len(digits) != _DIGEST_CHARS or not set(digits) <= set("0123456789abcdef"):
        raise NotFoundException("There is no such inventory")
    return digits


ROUTES = (list_packages, find_packages, list_inventories, read_inventory, list_contents)
