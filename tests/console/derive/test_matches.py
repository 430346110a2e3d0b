from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from rightshift.console.derive.generations import Standing
from rightshift.console.store.pool import Pool
from rightshift.model.advisory import Kev
from tests.console.derive import world
from tests.feed.bucket import osv

Rows = Callable[..., list[tuple[object, ...]]]
HIGH = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]
LOW = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"}]

CONTENT = """
    SELECT v.purl, a.name, m.points, m.class, m.weight, m.severity, m.certain, m.kev, m.ransomware, m.malicious,
        m.ignored, m.fixable, m.epss, m.vector, m.fixed, m.records, m.rule, m.evidence, m.turns, a.aliases, a.summary,
        a.published, a.asked, a.threat
    FROM match m JOIN package_version v ON v.id = m.package_version_id JOIN advisory a ON a.id = m.advisory_id
    ORDER BY 1, 2
"""
EVENTS = "SELECT kind, detail ->> 'before', detail ->> 'after' FROM event ORDER BY id"


async def test_a_package_version_gets_what_holds_for_it(database: str, pool: Pool, rows: Rows, tmp_path: Path) -> None:
    world.grown(
        tmp_path,
        [osv("PYSEC-1", "PyPI", "django", "introduced 0", "fixed 4.2", aliases=["CVE-2024-1111"], severity=HIGH)],
        kev={"CVE-2024-1111": Kev("2024-02-01", True)},
        epss={"CVE-2024-1111": 0.5},
    )
    world.put_versions(database, [world.package("pypi", "Django", "4.0"), world.package("pypi", "Django", "4.2")])
    assert await world.match(pool, tmp_path) is Standing.TAKEN_UP
    assert rows("SELECT name, aliases FROM advisory") == [("CVE-2024-1111", ["PYSEC-1"])]
    assert rows("SELECT class, weight, severity, kev, ransomware, fixable, fixed, points FROM match") == [
        (4, 2, 5, True, True, True, ["4.2"], 42 + 3 + 1)
    ]
    assert rows("SELECT ecosystem, name FROM looked_for") == [("PyPI", "django")] * 2
    assert rows("SELECT count(*) FROM matched WHERE generation = 1") == [(2,)]
    assert rows("SELECT count(*) FROM dirty") == [(0,)]
    assert rows("SELECT count(*) FROM event") == [(0,)], "what comes with its package is told of with the inventory"


async def test_nothing_is_looked_at_again_without_a_newer_feed(
    database: str, pool: Pool, rows: Rows, tmp_path: Path
) -> None:
    world.grown(tmp_path, [osv("PYSEC-1", "PyPI", "django", "introduced 0")])
    world.put_versions(database, [world.package("pypi", "django", "4.0")])
    await world.match(pool, tmp_path)
    assert await world.match(pool, tmp_path) is Standing.SAME
    assert rows("SELECT count(*) FROM dirty") == [(0,)]


async def test_new_changed_and_gone_matches_are_events_with_points(
    database: str, pool: Pool, rows: Rows, tmp_path: Path
) -> None:
    kept = osv("PYSEC-1", "PyPI", "django", "introduced 0", severity=LOW)
    world.grown(tmp_path, [kept, osv("PYSEC-2", "PyPI", "django", "introduced 0")])
    version = world.put_versions(database, [world.package("pypi", "django", "4.0")])
    inventory = world.put_inventory(database, version, mark=False)
    await world.match(pool, tmp_path)
    rows("DELETE FROM dirty")
    world.grown(tmp_path, [{**kept, "severity": HIGH}, osv("PYSEC-3", "PyPI", "django", "introduced 0")])
    await world.match(pool, tmp_path)
    found = {str(kind): (before, after) for kind, before, after in rows(EVENTS)}
    assert found == {"match.new": (None, "0"), "match.gone": ("0", None), "match.changed": ("2", "22")}
    assert rows("SELECT what, which FROM dirty") == [("inventory", inventory)]
    assert rows("SELECT count(*) FROM event") == [(3,)], "once for the match, whoever holds it"


async def test_a_record_on_another_package_of_the_same_flaw_rates_again(
    database: str, pool: Pool, rows: Rows, tmp_path: Path
) -> None:
    debian = osv("DEBIAN-CVE-2024-0001", "Debian:12", "curl", "introduced 0", upstream=["CVE-2024-0001"])
    other = osv("GHSA-aaaa", "PyPI", "pycurl", "introduced 0", aliases=["CVE-2024-0001"], severity=LOW)
    world.grown(tmp_path, [debian, other])
    world.put_versions(database, [world.package("deb", "curl", "7.0")])
    await world.match(pool, tmp_path)
    world.grown(tmp_path, [debian, {**other, "severity": HIGH}])
    await world.match(pool, tmp_path)
    assert rows("SELECT severity FROM match") == [(5,)]


async def test_a_score_that_changed_rates_again_and_is_told_only_if_points_moved(
    database: str, pool: Pool, rows: Rows, tmp_path: Path
) -> None:
    records = [osv("PYSEC-1", "PyPI", "a", "introduced 0", aliases=["CVE-2024-0001"])]
    world.grown(tmp_path, records, epss={"CVE-2024-0001": 0.1})
    world.put_versions(database, [world.package("pypi", "a", "1")])
    await world.match(pool, tmp_path)
    world.grown(tmp_path, records, epss={"CVE-2024-0001": 0.1001})
    await world.match(pool, tmp_path)
    assert rows("SELECT round(epss::numeric, 4)::float FROM match") == [(0.1001,)]
    assert rows(EVENTS) == []
    world.grown(tmp_path, records, kev={"CVE-2024-0001": Kev("2026-11-01", False)})
    await world.match(pool, tmp_path)
    assert rows(EVENTS) == [("match.changed", "25", "40")]


async def test_a_fix_that_becomes_old_enough_rates_again(database: str, pool: Pool, rows: Rows, tmp_path: Path) -> None:
    from rightshift.console.store.conclusions import generations

    fresh = (world.NOW - timedelta(days=10)).isoformat()
    world.grown(tmp_path, [osv("PYSEC-1", "PyPI", "a", "introduced 0", "fixed 2", published=fresh)])
    world.put_versions(database, [world.package("pypi", "a", "1")])
    await world.match(pool, tmp_path)
    assert rows("SELECT points, turns FROM match") == [(0, (world.NOW + timedelta(days=20)).date())]
    later = world.NOW + timedelta(days=20)
    async with pool.connection() as connection:
        await generations.mark_turned(connection, (later - timedelta(days=1)).date())
        assert rows("SELECT count(*) FROM dirty") == [(0,)]
        await generations.mark_turned(connection, later.date())
    await world.match(pool, tmp_path, later)
    assert rows("SELECT points, turns FROM match") == [(1, None)]


async def test_an_older_generation_derives_nothing(database: str, pool: Pool, rows: Rows, tmp_path: Path) -> None:
    import shutil

    old, new = tmp_path / "old", tmp_path / "new"
    world.grown(old, [osv("PYSEC-1", "PyPI", "a", "introduced 0")])
    shutil.copytree(old, new)
    world.grown(new, [osv("PYSEC-2", "PyPI", "a", "introduced 0")])
    world.put_versions(database, [world.package("pypi", "a", "1")])
    await world.match(pool, new)
    world.put_versions(database, [world.package("pypi", "a", "2")])
    assert await world.match(pool, old) is Standing.OLDER
    assert rows("SELECT count(*) FROM dirty") == [(1,)]
    assert rows("SELECT name FROM match JOIN advisory ON id = advisory_id") == [("PYSEC-2",)]
    assert await world.match(pool, new) is Standing.SAME
    assert rows("SELECT count(*) FROM match") == [(2,)]


async def test_another_lineage_is_judged_from_nothing(database: str, pool: Pool, rows: Rows, tmp_path: Path) -> None:
    for name in ("one", "other"):
        world.grown(tmp_path / name, [osv(f"PYSEC-{name}", "PyPI", "a", "introduced 0")])
    world.put_versions(database, [world.package("pypi", "a", "1")])
    await world.match(pool, tmp_path / "one")
    assert await world.match(pool, tmp_path / "other") is Standing.TAKEN_UP
    assert rows("SELECT name FROM match JOIN advisory ON id = advisory_id") == [("PYSEC-other",)]


async def test_a_mark_is_kept_when_the_work_is_cut_off(database: str, pool: Pool, rows: Rows, tmp_path: Path) -> None:
    world.grown(tmp_path, [osv("PYSEC-1", "PyPI", "a", "introduced 0")])
    world.put_versions(database, [world.package("pypi", "a", "1")])
    rows("ALTER TABLE matched ADD CONSTRAINT cut CHECK (generation < 0)")  # fails at the very end
    with pytest.raises(Exception, match="cut"):
        await world.match(pool, tmp_path)
    assert rows("SELECT count(*) FROM dirty") == [(1,)]
    assert rows("SELECT count(*) FROM match") == [(0,)]
    rows("ALTER TABLE matched DROP CONSTRAINT cut")
    await world.match(pool, tmp_path)
    assert rows("SELECT count(*) FROM match") == [(1,)]


async def test_a_name_that_holds_what_a_database_cannot_is_made_visible(
    database: str, pool: Pool, rows: Rows, tmp_path: Path
) -> None:
    world.grown(tmp_path, [osv("PYSEC-1", "PyPI", "a", "introduced 0", summary="one\0two")])
    world.put_versions(database, [world.package("pypi", "a", "1")])
    await world.match(pool, tmp_path)
    assert rows("SELECT summary FROM advisory") == [("one\\x00two",)]


@pytest.mark.parametrize("seed", range(8))
async def test_what_is_derived_step_by_step_equals_what_is_derived_from_nothing(
    seed: int, database: str, pool: Pool, rows: Rows, tmp_path: Path
) -> None:
    random = Random(seed)
    world.put_versions(database, _packages())
    records = {number: _record(random, number) for number in range(25)}
    for _ in range(4):
        for number in random.sample(range(25), 6):
            if random.random() < 0.3:
                records.pop(number, None)
            else:
                records[number] = _record(random, number)
        cves = [f"CVE-2024-000{n}" for n in range(8)]
        kev = {cve: Kev("2024-01-01", random.random() < 0.5) for cve in random.sample(cves, 2)}
        epss = {cve: random.choice([0.001, 0.4]) for cve in random.sample(cves, 5)}
        world.grown(tmp_path, records.values(), kev, epss)
        await world.match(pool, tmp_path)
    stepwise = rows(CONTENT)
    rows("TRUNCATE match, matched, looked_for, advisory CASCADE")
    rows("INSERT INTO dirty (what, which) SELECT 'package_version', id FROM package_version")
    await world.match(pool, tmp_path)
    assert stepwise == rows(CONTENT)
    assert len(stepwise) > 5


def _packages() -> list[Any]:
    return [
        *(world.package("pypi", name, version) for name in "abc" for version in ("1", "2", "3")),
        *(world.package("deb", f"lib{name}", version, source=name) for name in "abc" for version in ("1", "2")),
    ]


def _record(random: Random, number: int) -> dict[str, Any]:
    """A record of a distribution or a registry, on few packages and flaws, so that they often meet."""
    cve = f"CVE-2024-000{random.randrange(8)}"
    ecosystem = random.choice(["PyPI", "Debian:12"])
    name = random.choice("abc")
    events = ["introduced 0"] + ([f"fixed {random.choice('23')}"] if random.random() < 0.6 else [])
    more: dict[str, Any] = {"severity": random.choice([HIGH, LOW, []]), "summary": random.choice("xyz")}
    if ecosystem == "PyPI":
        more["aliases"] = random.sample([cve, f"GHSA-{number % 5}", f"CVE-2024-000{random.randrange(8)}"], 2)
    else:
        more["upstream"] = [cve] if random.random() < 0.7 else [cve, f"CVE-2024-000{random.randrange(8)}"]
    more["modified"] = f"2024-05-01T00:00:{random.randrange(60):02}Z"
    kind = random.choice(["PYSEC-{}", "DEBIAN-CVE-2024-{:04}", "CVE-2024-{:04}", "USN-{}"])
    return osv(kind.format(number), ecosystem, name, *events, **more)
