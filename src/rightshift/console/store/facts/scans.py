"""Inventories, once each by what they hold, and the scans that found them. Which asset it is about: `ingest/scans`."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import psycopg

from rightshift.console.store.pool import Connection
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
SLICE = 2_000
"""Rows in one statement: others are answered between two of them, however large a document is."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A package at one version, with all that matching looks at; `key` stands for it. `distro` is JSON or None."""

    key: bytes
    ecosystem: str
    name: str
    version: str
    purl: str
    namespace: str
    arch: str
    source_name: str
    source_version: str
    distro: str | None
    modularity: str
    matchable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A package version in one inventory: how it is there, and where."""

    version: Version
    state: str
    origin: str
    evidence: str
    owner: str
    locations: tuple[str, ...]
    licenses: tuple[str, ...]
    layer: int | None
    dev: bool
    optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The packages of an inventory, each version once, in the order of their keys; `digest` is of all of it."""

    digest: bytes
    packages: tuple[Held, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScan:
    """A scan that is about to be kept. `attributes`, `distro` and the lists are JSON texts."""

    document: str
    sent_by: str
    made: datetime
    format: str
    kind: str
    key: str
    name: str
    partial: bool
    tool: str
    tool_version: str
    catalogue: str
    attributes: str
    distro: str | None
    layers: str
    gaps: str
    covered: str
    notes: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What stands there now. `new` is false when the same document was kept before."""

    scan: int
    kind: str
    key: str
    digest: bytes
    new: bool


class OtherDocument(Exception):
    """A scan of this id was kept, and says something else."""


class NotTheirScan(Exception):
    """What was scanned belongs to others than whoever sends it."""


async def keep(connection: Connection, scan: NewScan, contents: Contents, scope: Scope, now: datetime) -> Kept:
    """
    Keeps a scan and its inventory in one transaction, and marks what is to be derived.

    `scope` is of whoever sends it: of what is there already they must see what was scanned. Raises: NotTheirScan.

    Safe beside others that keep the same packages: rows are made in the same order everywhere, so that nobody waits in
    a circle. Raises: OtherDocument; psycopg.Error, and then nothing was kept.
    """
    try:
        async with connection.transaction():
            if kept := await _known(connection, scan, contents):
                return kept
            await _may(connection, scan, scope)
            return await _add(connection, scan, contents, now)
    except psycopg.errors.UniqueViolation:
        # the same document at the same time; by now the other one is there
        async with connection.transaction():
            if kept := await _known(connection, scan, contents):
                return kept
        raise


async def _may(connection: Connection, scan: NewScan, scope: Scope) -> None:
    values: dict[str, object] = {"kind": scan.kind, "key": scan.key, "teams": scope.parameter}
    if scope.teams is not None and await _one(connection, "of_others", values):
        raise NotTheirScan(scan.document)


async def _known(connection: Connection, scan: NewScan, contents: Contents) -> Kept | None:
    row = await (await connection.execute(_ASK["known_scan"], {"document": scan.document})).fetchone()
    if row is None:
        return None
    id, kind, key, digest = row
    if (kind, key, bytes(digest)) != (scan.kind, scan.key, contents.digest):
        raise OtherDocument(scan.document)
    return Kept(id, kind, key, bytes(digest), new=False)


async def _add(connection: Connection, scan: NewScan, contents: Contents, now: datetime) -> Kept:
    reporter = await _reporter(connection)
    values: dict[str, object] = {"digest": contents.digest, "packages": len(contents.packages)}
    fresh: list[int] = []
    inventory = await _one(connection, "add_inventory", values)
    new = inventory is not None
    if inventory is None:
        inventory = await _one(connection, "inventory", values)
        assert inventory is not None
    else:
        fresh = await _fill(connection, inventory, contents.packages)
    said: dict[str, object] = {name: getattr(scan, name) for name in NewScan.__slots__}
    said |= {"reporter": reporter, "inventory": inventory, "now": now}
    id = await _one(connection, "add_scan", said)
    assert id is not None
    await connection.execute(_ASK["put_asset"], said)
    marks: dict[str, object] = {"versions": fresh, "kind": scan.kind, "key": scan.key, "scan": id}
    await connection.execute(_ASK["mark"], marks | {"inventory": inventory if new else 0})
    await connection.execute(_ASK["tell"])
    return Kept(id, scan.kind, scan.key, contents.digest, new=True)


async def _reporter(connection: Connection) -> int:
    found = await _one(connection, "reporter", {})
    if found is None:
        await connection.execute(_ASK["add_reporter"])
        found = await _one(connection, "reporter", {})
    assert found is not None
    return found


async def _fill(connection: Connection, inventory: int, packages: Sequence[Held]) -> list[int]:
    """The packages of a new inventory; gives the versions that nobody had before."""
    ids, fresh = await _versions(connection, [held.version for held in packages])
    async with connection.cursor() as cursor, cursor.copy(_ASK["copy_packages"]) as copy:
        for at, held in enumerate(packages, 1):
            if not at % SLICE:
                await asyncio.sleep(0)
            await copy.write_row(
                (
                    inventory,
                    ids[held.version.key],
                    held.state,
                    held.origin,
                    held.evidence,
                    held.owner,
                    list(held.locations),
                    list(held.licenses),
                    held.layer,
                    held.dev,
                    held.optional,
                )
            )
    return fresh


async def _versions(connection: Connection, versions: Sequence[Version]) -> tuple[dict[bytes, int], list[int]]:
    ids = await _ids(connection, [one.key for one in versions])
    missing = sorted((one for one in versions if one.key not in ids), key=lambda one: one.key)
    if not missing:
        return ids, []
    # all names and then all versions, each in order, in every transaction: so nobody waits in a circle
    for names in _slices(sorted({(one.ecosystem, one.name) for one in missing})):
        columns: dict[str, object] = {"ecosystems": [one for one, _ in names], "names": [one for _, one in names]}
        await connection.execute(_ASK["add_packages"], columns)
    made: dict[bytes, int] = {}
    for some in _slices(missing):
        made |= await _add_versions(connection, some)
    others = [one.key for one in missing if one.key not in made]
    # somebody else made these meanwhile, and marked them
    return ids | made | (await _ids(connection, others) if others else {}), sorted(made.values())


async def _add_versions(connection: Connection, versions: Sequence[Version]) -> dict[bytes, int]:
    columns: dict[str, object] = {
        "keys": [one.key for one in versions],
        "ecosystems": [one.ecosystem for one in versions],
        "names": [one.name for one in versions],
        "versions": [one.version for one in versions],
        "purls": [one.purl for one in versions],
        "namespaces": [one.namespace for one in versions],
        "arches": [one.arch for one in versions],
        "source_names": [one.source_name for one in versions],
        "source_versions": [one.source_version for one in versions],
        "distros": [one.distro for one in versions],
        "modularities": [one.modularity for one in versions],
        "matchable": [one.matchable for one in versions],
    }
    rows = await (await connection.execute(_ASK["add_versions"], columns)).fetchall()
    return {bytes(key): int(id) for key, id in rows}


def _slices(many: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(many), SLICE):
        yield many[start : start + SLICE]


async def _ids(connection: Connection, keys: Sequence[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for some in _slices(keys):
        rows = await (await connection.execute(_ASK["versions"], {"keys": list(some)})).fetchall()
        found |= {bytes(key): int(id) for key, id in rows}
    return found


async def _one(connection: Connection, question: str, values: dict[str, object]) -> int | None:
    row = await (await connection.execute(_ASK[question], values)).fetchone()
    return int(row[0]) if row else None
