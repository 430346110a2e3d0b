"""Many images over fewer sets of packages: what a new generation costs, and that it leaves what scratch gives."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from rightshift.console.store.pool import Pool
from tests.console.derive import world
from tests.console.derive.test_matches import CONTENT, HIGH, LOW
from tests.feed.bucket import osv

Rows = Callable[..., list[tuple[object, ...]]]


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is. `changed` advisories are others in the second generation, within `limit_s`."""

    images: int
    sets: int
    names: int
    advisories: int
    changed: int
    limit_s: float


SHORT = Size(images=300, sets=30, names=400, advisories=1_200, changed=60, limit_s=60)
LONG = Size(images=100_000, sets=5_000, names=10_000, advisories=30_000, changed=1_000, limit_s=60)


@pytest.mark.parametrize("size", [pytest.param(SHORT), pytest.param(LONG, marks=pytest.mark.prove)])
async def test_a_generation_is_worked_in_time_and_leaves_what_scratch_gives(
    size: Size, database: str, pool: Pool, rows: Rows, tmp_path: Path
) -> None:
    random = Random(4)
    records = [_record(random, number, size) for number in range(size.advisories)]
    world.grown(tmp_path, records)
    _fill(database, size)
    began = time.monotonic()
    await world.derive(pool, tmp_path)
    first_s = time.monotonic() - began
    for number in random.sample(range(size.advisories), size.changed):
        records[number] = _record(random, number, size)
    world.grown(tmp_path, records)
    began = time.monotonic()
    await world.derive(pool, tmp_path)
    again_s = time.monotonic() - began
    findings = rows("SELECT sum(bands[1] + bands[2] + bands[3] + bands[4]) FROM holder")[0][0]
    versions, matches = rows("SELECT (SELECT count(*) FROM matched), (SELECT count(*) FROM match)")[0]
    print(f"{versions} versions, {matches} matches, {findings} findings: first {first_s:.1f} s, again {again_s:.1f} s")
    assert again_s < size.limit_s
    stepwise = _all(rows)
    rows("TRUNCATE match, matched, looked_for, advisory, facet CASCADE")
    rows("UPDATE holder SET bands = '{0,0,0,0}'")
    rows("INSERT INTO dirty (what, which) SELECT 'package_version', id FROM package_version")
    await world.derive(pool, tmp_path)
    assert _all(rows) == stepwise


def _all(rows: Rows) -> tuple[list[tuple[object, ...]], ...]:
    return (
        rows(CONTENT),
        rows("SELECT * FROM facet ORDER BY 1, 2"),
        rows("SELECT unit_id, inventory_id, bands FROM holder ORDER BY 1, 2"),
    )


def _record(random: Random, number: int, size: Size) -> dict[str, Any]:
    """Few names have many advisories, as in the world; most say which version mends it."""
    name = f"p{int(size.names * random.random() ** 2)}"
    fixed = [f"fixed {random.randrange(1, 8)}.0"] if random.random() < 0.8 else []
    severity = random.choice([HIGH, LOW, []])
    stamp = f"2024-05-{random.randrange(1, 29):02}T00:00:00Z"
    cve = f"CVE-2024-{number:05}"
    ecosystem = ("PyPI", "npm")[number % 2]
    return osv(f"T-{number}", ecosystem, name, "introduced 0", *fixed, aliases=[cve], severity=severity, modified=stamp)


def _fill(url: str, size: Size) -> None:
    """Sets of packages, images that hold them, each with a scan, and marks for all; written by the database itself."""
    values = {"now": world.NOW, "images": size.images, "sets": size.sets, "names": size.names}
    steps = (
        """
        INSERT INTO package (ecosystem, name)
        SELECT e, 'p' || n FROM generate_series(0, %(names)s - 1) n CROSS JOIN unnest('{pypi,npm}'::text[]) e
        """,
        """
        INSERT INTO package_version (key, package_id, version, purl, matchable)
        SELECT decode(md5(p.id || '/' || v), 'hex'), p.id, v || '.' || p.id %% 3,
            'pkg:' || p.ecosystem || '/' || p.name || '@' || v || '.' || p.id %% 3, true
        FROM package p CROSS JOIN generate_series(1, 4) v
        """,
        """
        INSERT INTO inventory (digest, packages) SELECT sha256(g::text::bytea), 200 FROM generate_series(1, %(sets)s) g
        """,
        """
        INSERT INTO inventory_package (inventory_id, package_version_id, state, origin)
        SELECT DISTINCT i.id, 1 + floor(4 * 2 * %(names)s * power(random(), 2))::int, 'installed', 'registry'
        FROM inventory i CROSS JOIN LATERAL generate_series(1, 200) WHERE i.id > 0
        """,
        "INSERT INTO reporter (key, kind) VALUES ('scans', 'scans')",
        """
        INSERT INTO asset_fact (reporter_id, kind, key, attributes, mark, first_seen, last_seen)
        SELECT 1, 'image', 'sha256:' || g, jsonb_build_object('names', ARRAY['registry/app-' || g || ':1']), 0,
            %(now)s, %(now)s
        FROM generate_series(1, %(images)s) g
        """,
        """
        INSERT INTO scan (document_id, reporter_id, made, format, kind, key, name, inventory_id, partial, tool,
            tool_version)
        SELECT 'd' || g, 1, %(now)s, 'rightshift', 'image', 'sha256:' || g, 'app-' || g, 1 + g %% %(sets)s, false,
            'test', '1'
        FROM generate_series(1, %(images)s) g
        """,
        "INSERT INTO dirty (what, kind, key) SELECT 'asset', kind, key FROM asset_fact",
        "INSERT INTO dirty (what, which) SELECT 'package_version', id FROM package_version",
        "INSERT INTO dirty (what, which) SELECT 'inventory', id FROM inventory",
    )
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("SELECT setseed(0.5)")
        for step in steps:
            connection.execute(step, values)
        connection.execute("ANALYZE")
