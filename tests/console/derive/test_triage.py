from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from rightshift.console.store.pool import Pool
from tests.console.derive import world
from tests.feed.bucket import osv

Rows = Callable[..., list[tuple[object, ...]]]
TRIAGE = """
    SELECT u.name, p.name, a.name, t.state FROM triage t JOIN asset u ON u.id = t.unit_id
    JOIN package p ON p.id = t.package_id JOIN advisory a ON a.id = t.advisory_id ORDER BY 1, 2, 3
"""
TODAY = world.NOW.date().isoformat()


@pytest.fixture
async def feed(database: str, pool: Pool, tmp_path: Path) -> Path:
    """Two folders that hold the same two packages, each with a flaw."""
    world.grown(
        tmp_path,
        [
            osv("PYSEC-1", "PyPI", "a", "introduced 0", aliases=["CVE-2024-0001"]),
            osv("PYSEC-2", "PyPI", "b", "introduced 0", aliases=["CVE-2024-0002"]),
        ],
    )
    versions = world.put_versions(database, [world.package("pypi", name, "1") for name in "ab"])
    inventory = world.put_inventory(database, versions)
    for name in ("one", "two"):
        world.put_scan(database, f"directory:/{name}", inventory, name=name)
    await world.derive(pool, tmp_path)
    return tmp_path


def _accept(rows: Rows, advisory: str, *, until: str = TODAY, **more: object) -> None:
    columns = {"advisory": advisory, "until": until, "reason": "because", "owner": "somebody", **more}
    marks = ", ".join(["%s"] * len(columns))
    rows(f"INSERT INTO acceptance ({', '.join(columns)}) VALUES ({marks})", *columns.values())
    rows("INSERT INTO dirty (what) VALUES ('wishes')")


def _state(rows: Rows, package: str, status: str, **more: object) -> None:
    columns = {"document": "d", "package": package, "advisory": "CVE-2024-0001", "status": status, **more}
    marks = ", ".join(["%s"] * len(columns))
    rows(f"INSERT INTO vex_statement ({', '.join(columns)}) VALUES ({marks})", *columns.values())
    rows("INSERT INTO dirty (what) VALUES ('wishes')")


@pytest.mark.parametrize("name", ["CVE-2024-0001", "cve-2024-0001", "PYSEC-1"])
async def test_a_risk_is_accepted_under_any_name_of_its_flaw(name: str, pool: Pool, rows: Rows, feed: Path) -> None:
    _accept(rows, name)
    await world.derive(pool, feed)
    assert rows(TRIAGE) == [(unit, "a", "CVE-2024-0001", "accepted") for unit in ("one", "two")]
    assert rows("SELECT DISTINCT until FROM triage") == [((world.NOW + timedelta(days=1)).replace(hour=0),)], (
        "the last day is one of them"
    )


async def test_a_pattern_says_of_what_it_is_accepted(pool: Pool, rows: Rows, feed: Path) -> None:
    _accept(rows, "CVE-2024-0001", unit="T*", package="A", ecosystem="pypi")
    _accept(rows, "CVE-2024-0002", unit="%")
    _accept(rows, "CVE-2024-0002", package="a")
    await world.derive(pool, feed)
    assert rows(TRIAGE) == [("two", "a", "CVE-2024-0001", "accepted")]


@pytest.mark.check("L15")
async def test_a_pattern_of_many_stars_is_over_at_once(pool: Pool, rows: Rows, feed: Path) -> None:
    """Tried in every way that it can be laid out it would never end; the database ends what takes too long."""
    rows("UPDATE asset SET name = repeat('a', 5000) WHERE name = 'one'")
    _accept(rows, "CVE-2024-0001", unit="*a" * 149 + "b")
    _accept(rows, "CVE-2024-0002", unit="*a" * 149)
    await world.derive(pool, feed)
    assert [row[1:] for row in rows(TRIAGE)] == [("b", "CVE-2024-0002", "accepted")]


async def test_it_ends_with_its_last_day_without_anybody_doing_anything(pool: Pool, rows: Rows, feed: Path) -> None:
    _accept(rows, "CVE-2024-0001")
    await world.derive(pool, feed)
    assert len(rows(TRIAGE)) == 2
    await world.derive(pool, feed, world.NOW + timedelta(days=1))
    assert rows(TRIAGE) == []


async def test_it_holds_for_what_comes_later(database: str, pool: Pool, rows: Rows, feed: Path) -> None:
    _accept(rows, "CVE-2024-0001", unit="three")
    await world.derive(pool, feed)
    assert rows(TRIAGE) == []
    world.put_scan(database, "directory:/three", 1, name="three")
    await world.derive(pool, feed)
    assert rows(TRIAGE) == [("three", "a", "CVE-2024-0001", "accepted")]


async def test_whoever_accepts_does_so_for_what_he_may_see(pool: Pool, rows: Rows, feed: Path) -> None:
    team = rows("INSERT INTO team (name) VALUES ('t') RETURNING id")[0][0]
    rows("INSERT INTO asset_team (asset_id, team_id) SELECT id, %s FROM asset WHERE name = 'one'", team)
    rows("UPDATE team SET selector = '{}'")
    _accept(rows, "CVE-2024-0001", teams=[team])
    rows("DELETE FROM dirty")
    from rightshift.console.derive import triage

    async with pool.connection() as connection:
        await triage.decide(connection, None, world.NOW)
    assert rows(TRIAGE) == [("one", "a", "CVE-2024-0001", "accepted")]


async def test_a_statement_of_vex_says_that_a_package_is_not_affected(pool: Pool, rows: Rows, feed: Path) -> None:
    _accept(rows, "CVE-2024-0001")
    _state(rows, "pkg:pypi/a", "not_affected", said="2024-01-01T00:00:00Z")
    await world.derive(pool, feed)
    assert {row[3] for row in rows(TRIAGE)} == {"not_affected"}
    _state(rows, "pkg:pypi/a@1", "affected", said="2024-02-01T00:00:00Z")
    await world.derive(pool, feed)
    assert {row[3] for row in rows(TRIAGE)} == {"accepted"}


async def test_a_statement_on_a_product_holds_in_that_image_alone(
    database: str, pool: Pool, rows: Rows, feed: Path
) -> None:
    world.put_fact(database, "image:sha256:abc", by="scans", kind="scans", names=["registry.example/app:1"], name="app")
    world.put_scan(database, "image:sha256:abc", 1, name="app")
    world.put_fact(database, "image:sha256:abc", by="scans", kind="scans", names=["registry.example/app:1"], name="app")
    _state(rows, "pkg:pypi/a", "not_affected", product="pkg:oci/app?repository_url=registry.example/other")
    await world.derive(pool, feed)
    assert rows(TRIAGE) == []
    _state(rows, "pkg:pypi/a", "not_affected", product="pkg:oci/app?repository_url=registry.example/app")
    await world.derive(pool, feed)
    assert ("app", "a", "CVE-2024-0001", "not_affected") in rows(TRIAGE)


async def test_of_several_versions_all_must_be_ruled_out(database: str, pool: Pool, rows: Rows, feed: Path) -> None:
    versions = world.put_versions(database, [world.package("pypi", "a", version) for version in ("2", "3")])
    world.put_scan(database, "directory:/many", world.put_inventory(database, versions), name="many")
    _state(rows, "pkg:pypi/a@2", "not_affected")
    await world.derive(pool, feed)
    assert rows(TRIAGE) == []
    _state(rows, "pkg:pypi/a@3", "fixed")
    await world.derive(pool, feed)
    assert rows(TRIAGE) == [("many", "a", "CVE-2024-0001", "not_affected")]
