"""Packages: where is this one, what is in that inventory. What is wrong with them: `findings.py`, `advisories.py`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, LiteralString, NamedTuple
from uuid import UUID

from msgspec import Meta, Struct

from rightshift.console.store.pool import Connection
from rightshift.console.store.read import package_names
from rightshift.console.store.read.answers import all_of, one_of
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions
from rightshift.versions import asked
from rightshift.versions.schemes import scheme

_ASK = questions(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """
    `name` is the whole one in any case or its last part; `text` stands somewhere in it. `version` as `versions/asked`
    reads it: bounds are for who says `name` or `purl`, because versions are compared one by one.
    """

    name: str = ""
    text: str = ""
    version: str = ""
    purl: str = ""
    ecosystems: tuple[str, ...] = ()


class Place(NamedTuple):
    """Of a package version in the list."""

    ecosystem: str
    name: str
    version: str
    id: int


class Package(Struct, frozen=True, kw_only=True):
    """A package version, and how many hold it."""

    ecosystem: str
    name: str
    version: str
    purl: str
    version_id: Annotated[
        int, Meta(description="Tells rows apart that look alike: of other distributions, for example")
    ]
    arch: str
    source: Annotated[str, Meta(description="Name of the source package, where it has another")]
    units: Annotated[int, Meta(description="Workloads, hosts, and images that nothing runs")]
    hosts: int
    images: Annotated[int, Meta(description="Distinct contents of images")]
    advisories: int


class Where(Struct, frozen=True, kw_only=True):
    """A unit that holds a package version. `locations` are the first 20."""

    ecosystem: str
    name: str
    version: str
    purl: str
    unit: UUID
    unit_kind: str
    unit_name: str
    cluster: str
    namespace: str
    host: str
    image: str
    inventory: str
    assets: int
    running: bool | None
    state: str
    locations: list[str]
    since: datetime
    holder: int
    version_id: int


class Inventory(Struct, frozen=True, kw_only=True):
    """The packages of one tree, known by a digest over them."""

    digest: str
    packages: int
    created: datetime
    units: int
    findings: int


class Content(Struct, frozen=True, kw_only=True):
    """A package in an inventory."""

    ecosystem: str
    name: str
    version: str
    purl: str
    version_id: Annotated[
        int, Meta(description="Tells rows apart that look alike: of other distributions, for example")
    ]
    arch: str
    source: str
    state: Annotated[str, Meta(description="`installed`, `linked`, `locked`, `claimed`")]
    origin: str
    evidence: str
    locations: Annotated[list[str], Meta(description="The first 100")]
    licenses: list[str]
    layer: int | None
    dev: bool
    optional: bool
    advisories: int


async def page(
    connection: Connection, scope: Scope, filter: Filter, *, limit: int, after: Place | None = None
) -> list[Package]:
    """Up to `limit` package versions that somebody in scope holds, by ecosystem and name."""
    values = await _values(connection, scope, filter, limit)
    return await all_of(connection, Package, _wanted("page"), values | _after(after))


async def places(
    connection: Connection, scope: Scope, filter: Filter, *, limit: int, after: tuple[int, int] | None = None
) -> list[Where]:
    """Up to `limit` places of packages; `after` are `holder` and `version_id` of the last one before."""
    holder, version = after or (None, None)
    values = await _values(connection, scope, filter, limit)
    return await all_of(
        connection, Where, _wanted("places"), values | {"after_holder": holder, "after_version_id": version}
    )


async def inventories(
    connection: Connection, scope: Scope, *, digest: str | None = None, limit: int, after: str | None = None
) -> list[Inventory]:
    """Up to `limit` inventories by digest (hexadecimal) that an asset in scope has or had."""
    values = {"teams": scope.parameter, "digest": digest, "limit": limit, "after": after}
    return await all_of(connection, Inventory, _ASK["inventories"], values)


async def inventory(connection: Connection, scope: Scope, digest: str) -> Inventory | None:
    """One; None where there is none in scope."""
    values = {"teams": scope.parameter, "digest": digest, "limit": 1, "after": None}
    return await one_of(connection, Inventory, _ASK["inventories"], values)


async def contents(
    connection: Connection, scope: Scope, digest: str, filter: Filter, *, limit: int, after: Place | None = None
) -> list[Content]:
    """Up to `limit` packages by name of an `inventory` that the caller was found to see."""
    values = await _values(connection, scope, filter, limit)
    return await all_of(connection, Content, _wanted("contents"), values | _after(after) | {"digest": digest})


def _wanted(name: str) -> LiteralString:
    return _ASK[name].replace("{wanted}", _ASK["wanted"])


async def _values(connection: Connection, scope: Scope, filter: Filter, limit: int) -> dict[str, object]:
    """Raises: Unasked for a version that says nothing."""
    meant = asked.asked(filter.version)
    values: dict[str, object] = {
        "teams": scope.parameter,
        "name": package_names.spelled(filter.name) or None,
        "pypi": package_names.of_pypi(filter.name),
        "text": filter.text or None,
        "exactly": meant.exactly or None,
        "begins": meant.begins or None,
        "below": meant.below or None,
        "ids": None,
        "purl": filter.purl or None,
        "ecosystems": list(filter.ecosystems) or None,
        "limit": limit,
    }
    if meant.bounds:
        found = await (await connection.execute(_wanted("versions"), values)).fetchall()
        values["ids"] = [id for id, of, version in found if asked.within(version, meant.bounds, scheme(of))]
    return values


def _after(after: Place | None) -> dict[str, object]:
    place = after or (None, None, None, None)
    return dict(zip(("after_ecosystem", "after_name", "after_version", "after_id"), place, strict=True))
