"""
What each question that a person asks costs the console's database: CPU of its process and time until the answer.

    python -m benchmarks.console_reads [--json] [--size full|tenth] [--times N] [--only WORD] [--home FOLDER]

It fills an embedded database with an estate of 29,000 assets and 12.6 million findings (or about a tenth of that), and
asks what pages and tools ask: lists by each filter and the usual pairs, later pages, counts, groups, packages, assets,
advisories, topology. A question with several values is asked with each. With `--home` the estate stays there for the
next run.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from rightshift.console.postgres import cluster, find
from rightshift.console.store import pool as pools
from rightshift.console.store.migrate import migrate
from rightshift.console.store.pool import Connection
from rightshift.console.store.read import (
    advisories,
    assets,
    finding_counts,
    finding_groups,
    finding_search,
    findings,
    packages,
    topology,
)
from rightshift.console.store.read.finding_filter import BANDS, SEVERITIES, Filter
from rightshift.console.store.scope import EVERYTHING, Scope
from tests.console.populate import LARGE, NOW, Estate, fill

SIZES = {"full": LARGE, "tenth": replace(LARGE, inventories=700, packages=3_000, advisories=4_000, relations=5_000)}
PAGE = 50
LATER = (2, 20, 200)
TEAM = UUID(int=1)
GRAPH = ("connects-to", "routes-to", "exposes")

SINGLE: dict[str, Sequence[dict[str, Any]]] = {
    "all": ({},),
    **{f"band={band}": ({"bands": (band,)},) for band in reversed(BANDS)},
    **{f"severity={severity}": ({"severities": (severity,)},) for severity in reversed(SEVERITIES)},
    "kev": ({"kev": True},),
    "not kev": ({"kev": False},),
    "fixable": ({"fixable": True},),
    "not fixable": ({"fixable": False},),
    "ignored": ({"ignored": True},),
    "ecosystem": tuple({"ecosystems": (name,)} for name in ("deb", "npm", "golang")),
    "team": tuple({"team": UUID(int=number)} for number in (1, 2, 3)),
    "cluster": tuple({"clusters": (f"cluster-{number}",)} for number in range(4)),
    "namespace": tuple({"namespaces": (f"ns-{number}",)} for number in range(4)),
    "workload": tuple({"workloads": (f"workload-{number}",)} for number in (1, 33, 102)),
    "host": tuple({"hosts": (f"host-{number}0",)} for number in (1, 9, 33)),
    "image": tuple({"images": (f"registry/app-{number}",)} for number in (1, 3, 29)),
    "running": ({"running": ("true",)},),
    "not running": ({"running": ("false", "unknown")},),
    "package": tuple({"packages": (f"package-{number}",)} for number in (1, 7, 1_000, 2_999)),
    "advisory": tuple({"advisories": (f"CVE-2024-{number}",)} for number in (10_001, 10_400, 13_999)),
    "text of many": tuple({"text": text} for text in ("package", "CVE-2024", "is wrong")),
    "text of some": tuple({"text": text} for text in ("package-12", "ghsa-77", "part 390")),
    "text of none": ({"text": "no such thing"},),
    "epss": tuple({"epss_min": least} for least in (0.1, 0.9)),
    "score": tuple({"points_min": least} for least in (30, 70)),
    "new": tuple({"since": NOW - timedelta(days=days)} for days in (1, 7, 45)),
    "accepted": ({"state": "accepted"},),
    "not affected": ({"state": "not_affected"},),
    "any state": ({"state": "all"},),
    "fixed": ({"state": "fixed"},),
}
"""Fields of a filter, by what a person calls them; each with some values."""

PAIRED = (
    "band=soon", "band=routine", "severity=critical", "kev", "fixable", "not fixable", "ecosystem", "team", "cluster",
    "namespace", "running", "not running", "package", "text of some", "new", "any state", "fixed",
)  # fmt: skip

Ask = Callable[[Connection], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a question asked some times: milliseconds that half of them, and 19 of 20, stayed below."""

    question: str
    asked: int
    cpu_p50_ms: float
    cpu_p95_ms: float
    wall_p50_ms: float
    wall_p95_ms: float
    failed: str = ""


@contextmanager
def estate(home: Path, size: Estate) -> Iterator[str]:
    """The address of a database with an estate of this size, filled where it was not yet."""
    with cluster.start(home, find.find(None), durable=False) as server:
        migrate(server.url())
        with psycopg.connect(server.url(), autocommit=True) as connection:
            empty = connection.execute("SELECT NOT EXISTS (SELECT FROM asset)").fetchone() == (True,)
        if empty:
            fill(server.url(), size)
        yield server.url()


def questions() -> Iterator[tuple[str, Sequence[Ask]]]:
    """Everything that is asked, by name."""
    filters = {name: [Filter(**fields) for fields in several] for name, several in SINGLE.items()}
    for one, other in combinations(PAIRED, 2):
        pairs = [a | b for a, b in zip(SINGLE[one], SINGLE[other], strict=False) if not a.keys() & b.keys()]
        if pairs:
            filters[f"{one}, {other}"] = [Filter(**fields) for fields in pairs]
    for name, several in filters.items():
        yield f"findings: {name}", [_page(EVERYTHING, one) for one in several]
    mine = Scope(frozenset([TEAM]))
    for name, several in filters.items():
        yield f"findings of a team: {name}", [_page(mine, one) for one in several]
    for name, several in filters.items():
        yield f"counts: {name}", [_counts(EVERYTHING, one) for one in several]
        yield f"counts of a team: {name}", [_counts(mine, one) for one in several]
    for name, several in filters.items():
        for by in ("advisory", "package", "unit", "fix"):
            yield f"groups by {by}: {name}", [_groups(one, by) for one in several]
    yield from _lists(mine)


def _lists(mine: Scope) -> Iterator[tuple[str, Sequence[Ask]]]:
    for who, scope in (("", EVERYTHING), (" of a team", mine)):
        for name, one in {
            "all": advisories.Filter(),
            "kev": advisories.Filter(kev=True),
            "severity": advisories.Filter(severities=("critical",)),
            "text": advisories.Filter(text="part 390"),
            "text of none": advisories.Filter(text="no such thing"),
            "name": advisories.Filter(names=("CVE-2024-10400",)),
        }.items():
            yield f"advisories{who}: {name}", [_advisories(scope, one)]
        yield f"advisories{who}: page 100", [_advisories(scope, advisories.Filter(), "CVE-2024-17000")]
        yield f"advisories{who}: where", [_affected(scope, f"CVE-2024-{number}") for number in (10_400, 13_999)]
        for name, which in {
            "all": assets.Filter(),
            "kind": assets.Filter(kinds=("host",)),
            "cluster": assets.Filter(clusters=("cluster-1",)),
            "namespace": assets.Filter(namespaces=("ns-3",)),
            "image": assets.Filter(images=("registry/app-3",)),
            "running": assets.Filter(running=("true",)),
            "not running": assets.Filter(running=("false",)),
            "text": assets.Filter(text="host-33"),
            "text of none": assets.Filter(text="no such thing"),
            "label": assets.Filter(label=("a", "b")),
            "key": assets.Filter(key="host-330"),
        }.items():
            yield f"assets{who}: {name}", [_assets(scope, which)]
        yield f"assets{who}: page 200", [_assets(scope, assets.Filter(), ("container-3", UUID(int=0)))]
        yield f"relations{who}", [_relations(scope)]
        for name, what in {
            "all": packages.Filter(),
            "ecosystem": packages.Filter(ecosystems=("npm",)),
            "name": packages.Filter(name="package-7"),
        }.items():
            yield f"packages{who}: {name}", [_packages(scope, what)]
        for depth in range(1, 7):
            for limit in (400, 2_000):
                yield f"topology{who}: {depth} levels, {limit} nodes", [_topology(scope, depth, limit)]
        yield f"topology{who}: opened", [_opened(scope)]


def _page(scope: Scope, filter: Filter) -> Ask:
    return lambda connection: findings.page(connection, scope, filter, now=NOW, limit=PAGE)


def _counts(scope: Scope, filter: Filter) -> Ask:
    return lambda connection: finding_counts.counts(connection, scope, filter, now=NOW)


def _groups(filter: Filter, by: Any) -> Ask:
    return lambda connection: finding_groups.groups(connection, EVERYTHING, filter, by, now=NOW, limit=PAGE)


def _advisories(scope: Scope, filter: advisories.Filter, after: str | None = None) -> Ask:
    return lambda connection: advisories.page(connection, scope, filter, limit=PAGE, after=after)


def _affected(scope: Scope, name: str) -> Ask:
    return lambda connection: advisories.affected(connection, scope, name, limit=500)


def _assets(scope: Scope, filter: assets.Filter, after: tuple[str, UUID] | None = None) -> Ask:
    return lambda connection: assets.page(connection, scope, filter, limit=PAGE, after=after)


def _relations(scope: Scope) -> Ask:
    return lambda connection: assets.relations(connection, scope, limit=PAGE)


def _packages(scope: Scope, filter: packages.Filter) -> Ask:
    return lambda connection: packages.page(connection, scope, filter, limit=PAGE)


def _topology(scope: Scope, depth: int, limit: int, expand: frozenset[str] = frozenset()) -> Ask:
    async def ask(connection: Connection) -> object:
        found = await topology.topology(connection, scope, expand=expand, depth=depth, limit=limit, kinds=GRAPH)
        assert len(found.nodes) <= limit
        return found

    return ask


def _opened(scope: Scope) -> Ask:
    async def ask(connection: Connection) -> object:
        first = await assets.page(connection, scope, assets.Filter(kinds=("namespace",)), limit=3)
        expand = frozenset(f"workload@{one.id}" for one in first) | {str(one.id) for one in first}
        return await _topology(scope, 3, 1_000, expand)(connection)

    return ask


async def later(connection: Connection) -> list[tuple[str, Sequence[Ask]]]:
    """Later pages, as a cursor leads there."""
    found: list[tuple[str, Sequence[Ask]]] = []
    for name in ("all", "band=routine", "severity=critical", "kev", "ecosystem", "cluster", "running", "new", "fixed"):
        filter = Filter(**SINGLE[name][0])
        after, at = None, 1
        for page in LATER:
            for _ in range(at, page):
                _, last = await findings.page(connection, EVERYTHING, filter, now=NOW, limit=PAGE, after=after)
                if last is None:
                    break
                after, at = last, at + 1
            if at < page:
                break
            found.append((f"findings: {name}, page {page}", [_after(filter, after)]))
    return found


def _after(filter: Filter, after: finding_search.Key | None) -> Ask:
    return lambda connection: findings.page(connection, EVERYTHING, filter, now=NOW, limit=PAGE, after=after)


async def measured(url: str, times: int, only: str, without: str) -> list[Cost]:
    """All of them, each question asked this often with each of its values, after once in vain."""
    costs = []
    async with pools.opened(url, most=1, name="benchmark") as pool, pool.connection() as connection:
        for name, several in questions():
            if only in name and not (without and without in name):
                costs.append(await _cost(connection, name, several, times))
                print(_line(costs[-1]), file=sys.stderr, flush=True)
        if "page" in only or only in "findings":
            costs += [await _cost(connection, *one, times) for one in await later(connection) if only in one[0]]
    return costs


async def _cost(connection: Connection, name: str, several: Sequence[Ask], times: int) -> Cost:
    cpu_ms: list[float] = []
    wall_ms: list[float] = []
    most = pools.STATEMENT_S * 1_000.0
    # how the kernel names the clock of another process: man 2 clock_getres
    clock = (~connection.info.backend_pid << 3) | 2
    for ask in several:
        for at in range(times + 1):
            cpu_s, wall_s = time.clock_gettime(clock), time.perf_counter()
            try:
                await ask(connection)
            except psycopg.errors.QueryCanceled:
                return Cost(name, 1, most, most, most, most, failed="ran into the limit of a statement")
            if at:
                cpu_ms.append(1_000 * (time.clock_gettime(clock) - cpu_s))
                wall_ms.append(1_000 * (time.perf_counter() - wall_s))
    cpu, wall = (statistics.median(cpu_ms), _p95(cpu_ms)), (statistics.median(wall_ms), _p95(wall_ms))
    return Cost(name, len(cpu_ms), round(cpu[0], 1), round(cpu[1], 1), round(wall[0], 1), round(wall[1], 1))


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def main() -> int:
    """Prints them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console_reads", description="Costs of reading")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--size", choices=sorted(SIZES), default="full")
    parser.add_argument("--times", type=int, default=5, metavar="N")
    parser.add_argument("--only", default="", metavar="WORD", help="only questions whose names have this in them")
    parser.add_argument("--without", default="", metavar="WORD", help="and not this")
    parser.add_argument("--home", type=Path, metavar="FOLDER", help="where the estate stays for the next run")
    parser.add_argument("--url", metavar="URL", help="a database that is filled already")
    asked = parser.parse_args()
    if asked.url:
        costs = asyncio.run(measured(asked.url, asked.times, asked.only, asked.without))
    else:
        with tempfile.TemporaryDirectory(prefix="rightshift-") as folder:
            Path(folder).chmod(0o755)  # the database's user passes through it
            with estate(asked.home or Path(folder) / "home", SIZES[asked.size]) as url:
                costs = asyncio.run(measured(url, asked.times, asked.only, asked.without))
    if asked.json:
        print(json.dumps([asdict(one) for one in costs], indent=2))
        return 0
    print(f"{'CPU of the database':>20} {'until the answer':>18}   ms; p50 and p95 of each")
    for one in costs:
        print(_line(one))
    return 0


def _line(one: Cost) -> str:
    figures = f"{one.cpu_p50_ms:9.1f} {one.cpu_p95_ms:9.1f} {one.wall_p50_ms:9.1f} {one.wall_p95_ms:9.1f}"
    return f"{figures}   {one.question}{'  ' + one.failed if one.failed else ''}"


if __name__ == "__main__":
    sys.exit(main())
