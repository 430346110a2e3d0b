"""Packages and inventories: where is log4j-core 2.14, what is in this image. What is wrong with it: `findings`."""

from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from rightshift.console.api import files
from rightshift.console.api.pages import TEXT_CHARS, After, Limit, Small, Texts, known
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import packages
from rightshift.console.store.read.packages import Content, Filter, Inventory, Package, Place, Where
from rightshift.versions import asked as versions

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


def _listed(row: Package | Content) -> _Listed:
    return _Listed(row.ecosystem, row.name, row.version, row.version_id)


_PACKAGES = files.Rows("packages", Package, _Listed, _listed)
_PLACES = files.Rows("places", Where, _Held, lambda row: _Held(row.holder, row.version_id))
_INVENTORIES = files.Rows("inventories", Inventory, _Digest, lambda row: _Digest(row.digest))
_CONTENTS = files.Rows("inventory", Content, _Listed, _listed)


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
    name: Annotated[
        str | None,
        QueryParameter(
            max_length=TEXT_CHARS,
            description="The whole name or its last part, as log4j-core or core; whatever its case",
        ),
    ] = None,
    text: Annotated[str | None, QueryParameter(max_length=TEXT_CHARS, description="Stands in the name")] = None,
    version: Annotated[
        str | None,
        QueryParameter(
            max_length=TEXT_CHARS,
            description="`2.14` has 2.14.1 too, `=2.14` has not, `2.14*` begins so; with `name` or `purl` also bounds,"
            " as `>=2.14,<2.17`, which leave in what can't be compared",
        ),
    ] = None,
    purl: Annotated[str | None, QueryParameter(max_length=TEXT_CHARS, description="The whole package URL")] = None,
    ecosystem: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Type of a package URL")] = None,
) -> Filter:
    """The filter that the parameters are. Raises: ValidationException."""
    try:
        meant = versions.asked(version or "")
    except versions.Unasked as error:
        raise ValidationException(str(error)) from error
    if meant.bounds and not (name or purl):
        raise ValidationException("Bounds of `version` are for one package: say its `name` or `purl`")
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
    """Package versions that somebody in the caller's scope holds, and how many do: `?name=log4j-core&version=2.14`."""
    scope = request.user.scope

    async def ask(connection: Connection, last: _Listed | None, most: int) -> list[Package]:
        return await packages.page(connection, scope, filter, limit=most, after=last and Place(*last))

    return await files.answer(request, pool, now, _PACKAGES, ask, Packages, limit=limit, after=after, format=format)


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
    if not (filter.name or filter.purl):
        raise ValidationException("Say `name` or `purl`: which package is meant")
    scope = request.user.scope

    async def ask(connection: Connection, last: _Held | None, most: int) -> list[Where]:
        return await packages.places(connection, scope, filter, limit=most, after=last)

    return await files.answer(request, pool, now, _PLACES, ask, Places, limit=limit, after=after, format=format)


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
    scope = request.user.scope

    async def ask(connection: Connection, last: _Digest | None, most: int) -> list[Inventory]:
        return await packages.inventories(connection, scope, limit=most, after=last and _digest(last.digest))

    return await files.answer(
        request, pool, now, _INVENTORIES, ask, Inventories, limit=limit, after=after, format=format
    )


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
    scope, its = request.user.scope, _digest(digest)
    async with pool.connection() as connection:
        if await packages.inventory(connection, scope, its) is None:
            raise NotFoundException("There is no such inventory")

    async def ask(connection: Connection, last: _Listed | None, most: int) -> list[Content]:
        return await packages.contents(connection, scope, its, filter, limit=most, after=last and Place(*last))

    return await files.answer(request, pool, now, _CONTENTS, ask, Contents, limit=limit, after=after, format=format)


def _digest(text: str) -> str:
    """Hexadecimal digits of a SHA-256, with or without its name before them. Raises: NotFoundException."""
    digits = text.removeprefix("sha256:").lower()
    if len(digits) != _DIGEST_CHARS or not set(digits) <= set("0123456789abcdef"):
        raise NotFoundException("There is no such inventory")
    return digits


_SEEN = datetime(2026, 1, 3, 6, tzinfo=UTC)
_PURL = "pkg:deb/debian/libssl3@3.0.17-1~deb12u1?distro=debian-12"
_INVENTORY = Inventory(digest="9f" * 32, packages=141, created=_SEEN, units=3, findings=156)
EXAMPLES = (
    Packages(
        [
            Package(
                ecosystem="deb",
                name="libssl3",
                version="3.0.17-1~deb12u1",
                purl=_PURL,
                version_id=77,
                arch="amd64",
                source="openssl",
                units=3,
                hosts=1,
                images=2,
                advisories=4,
            )
        ],
        None,
    ),
    Places(
        [
            Where(
                ecosystem="deb",
                name="libssl3",
                version="3.0.17-1~deb12u1",
                purl=_PURL,
                unit=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c11"),
                unit_kind="workload",
                unit_name="web",
                cluster="production",
                namespace="shop",
                host="",
                image="registry.example/shop/web",
                inventory="9f" * 32,
                assets=3,
                running=True,
                state="installed",
                locations=["usr/lib/x86_64-linux-gnu/libssl.so.3"],
                since=_SEEN,
                holder=12,
                version_id=77,
            )
        ],
        None,
    ),
    _INVENTORY,
    Inventories([_INVENTORY], None),
    Contents(
        [
            Content(
                ecosystem="deb",
                name="libssl3",
                version="3.0.17-1~deb12u1",
                purl=_PURL,
                version_id=77,
                arch="amd64",
                source="openssl",
                state="installed",
                origin="installed",
                evidence="",
                locations=["usr/lib/x86_64-linux-gnu/libssl.so.3"],
                licenses=["Apache-2.0"],
                layer=0,
                dev=False,
                optional=False,
                advisories=4,
            )
        ],
        None,
    ),
)

ROUTES = (list_packages, find_packages, list_inventories, read_inventory, list_contents)
