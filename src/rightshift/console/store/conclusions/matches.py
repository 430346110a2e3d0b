"""Matches of package versions, as `derive/matches` finds them, with events for what is other than before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from rightshift.console.store import events
from rightshift.console.store.conclusions import marks
from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions
from rightshift.model.package import Distro, Package, SourcePackage

_ASK = questions(__file__)


@dataclass(frozen=True, slots=True)
class Version:
    """A package version as the dictionary has it. `matchable` is False where its name proves nothing."""

    id: int
    package: Package
    matchable: bool


class Reason(msgspec.Struct, frozen=True):
    """A part of the sum."""

    name: str
    points: int
    because: str
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A match: columns of the table; `advisory` is its name, `turns` the day from which time alone changes points."""

    version: int
    advisory: str
    points: int
    class_: int
    weight: int
    severity: int
    certain: bool
    kev: bool
    ransomware: bool
    malicious: bool
    ignored: bool
    epss: float | None
    vector: str
    fixed: Sequence[str]
    records: Sequence[str]
    judged: Sequence[str]
    """The same in the order in which they were asked."""
    cves: Sequence[str]
    rule: str
    evidence: Sequence[Reason]
    turns: date | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A match as it was found, without how it was rated: `advisory` is a number."""

    advisory: int
    version: int
    name: str
    records: Sequence[str]
    judged: Sequence[str]
    cves: Sequence[str]
    rule: str
    certain: bool
    ignored: bool
    fixed: Sequence[str]


class Advisory(msgspec.Struct, frozen=True, kw_only=True):
    """An advisory of the dictionary, by the id that people know. `asked`: all ids by which matches were judged."""

    name: str
    aliases: list[str]
    summary: str
    published: str
    asked: list[str]
    threat: int


@dataclass(frozen=True, slots=True)
class Sought:
    """A name of the feed under which a package version is looked for, and how often that name was exploited."""

    version: int
    ecosystem: str
    name: str
    known: int
    exploited: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What was found of some package versions, all that holds for each; `now` is when."""

    versions: Sequence[int]
    found: Sequence[Found]
    advisories: Mapping[str, Advisory]
    sought: Sequence[Sought]
    lineage: str
    generation: int
    now: datetime


async def versions(connection: Connection, ids: Sequence[int]) -> list[Version]:
    """Those of the package versions that are there."""
    rows = await (await connection.execute(_ASK["versions"], {"ids": list(ids)})).fetchall()
    return [_version(row) for row in rows]


def _version(row: tuple[object, ...]) -> Version:
    id, ecosystem, name, version, namespace, arch, source, source_version, distro, modularity, matchable = row
    assert isinstance(id, int)
    package = Package(
        ecosystem=str(ecosystem),
        name=str(name),
        version=str(version),
        namespace=str(namespace),
        arch=str(arch),
        source=SourcePackage(str(source), str(source_version)) if source else None,
        distro=msgspec.convert(distro, Distro) if distro else None,
        modularity=str(modularity),
    )
    return Version(id, package, bool(matchable))


async def advisories(connection: Connection, names: Iterable[str]) -> dict[str, Advisory]:
    """Those that the dictionary has."""
    rows = await (await connection.execute(_ASK["advisories"], {"names": list(names)})).fetchall()
    return {
        name: Advisory(name=name, aliases=aliases, summary=summary, published=published, asked=asked, threat=threat)
        for name, aliases, summary, published, asked, threat in rows
    }


async def prepare(connection: Connection) -> None:
    """Once for a connection, before the first `write`."""
    await connection.execute(_ASK["prepare"])


async def write(connection: Connection, batch: Batch) -> None:
    """
    Within a transaction: what is found takes the place of what was known of these package versions.

    What is other becomes events, except for versions that were never matched: those arrive with an inventory, which
    is an event of its own. Inventories whose matches changed are marked.
    """
    values = {
        "ids": list(batch.versions),
        "now": batch.now,
        "lineage": batch.lineage,
        "generation": batch.generation,
        "advisories": Jsonb(msgspec.to_builtins(list(batch.advisories.values()))),
    }
    await connection.execute(_ASK["put_advisories"], values)
    await _stage(connection, batch.found)
    await _change(connection, values, "every", ("insert", "update", "delete"))
    await connection.execute(_ASK["unseek"], values)
    await _seek(connection, batch.sought)
    await connection.execute(_ASK["matched"], values)


async def judged(connection: Connection, advisories: Sequence[int], most: int) -> list[Judged]:
    """Matches of these advisories, by advisory, up to so many."""
    rows = await (await connection.execute(_ASK["judged"], {"ids": list(advisories), "most": most})).fetchall()
    return [Judged(*row) for row in rows]


async def rate(connection: Connection, found: Sequence[Found], now: datetime) -> None:
    """Within a transaction: these matches, which there are, are rated so now. Events and marks as in `write`."""
    await _stage(connection, found)
    await _change(connection, {"now": now}, "those", ("update",))


async def _change(connection: Connection, values: Mapping[str, Any], known: str, steps: Sequence[str]) -> None:
    """What is staged takes the place of what is known, where that is other; events tell of it."""
    differing, tell = (_ASK[name].replace("{known}", _ASK[known]) for name in ("differing", "tell"))
    rows = await (await connection.execute(differing, values)).fetchall()
    if not rows:
        return
    happened = await connection.execute(tell, values)
    for step in steps:
        await connection.execute(_ASK[step], values)
    if happened.rowcount:
        await events.tell(connection)
    counted = [version for version, counts in rows if counts]
    found = await connection.execute(_ASK["inventories"], {"ids": counted})
    await marks.mark_numbers(connection, "inventory", [row[0] for row in await found.fetchall()])


async def _stage(connection: Connection, found: Sequence[Found]) -> None:
    await connection.execute(_ASK["clear"])
    async with connection.cursor() as cursor, cursor.copy(_ASK["stage"]) as rows:
        for one in found:
            await rows.write_row(
                (
                    one.version,
                    one.advisory,
                    one.points,
                    one.class_,
                    one.weight,
                    one.severity,
                    one.certain,
                    one.kev,
                    one.ransomware,
                    one.malicious,
                    one.ignored,
                    bool(one.fixed),
                    one.epss,
                    one.vector,
                    list(one.fixed),
                    list(one.records),
                    list(one.judged),
                    list(one.cves),
                    one.rule,
                    msgspec.json.encode(one.evidence).decode(),
                    one.turns,
                )
            )
    await connection.execute(_ASK["number"])


async def _seek(connection: Connection, sought: Sequence[Sought]) -> None:
    if sought:
        columns = {
            "versions": [one.version for one in sought],
            "ecosystems": [one.ecosystem for one in sought],
            "names": [one.name for one in sought],
            "known": [one.known for one in sought],
            "exploited": [one.exploited for one in sought],
        }
        await connection.execute(_ASK["seek"], columns)
