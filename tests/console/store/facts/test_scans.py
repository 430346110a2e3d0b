"""Scans are kept once, inventories once by what they hold, and whoever derives learns of it."""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from rightshift.console.ingest import scans
from rightshift.console.ingest.scans import Sent
from rightshift.console.store.facts import scans as store
from rightshift.console.store.facts.scans import Kept, OtherDocument
from rightshift.console.store.pool import Pool
from rightshift.console.store.scope import EVERYTHING
from rightshift.documents.scan import ScanDocument, Subject
from tests.console.documents import deb, document, image, many, npm

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
Rows = Callable[..., list[tuple[object, ...]]]


async def keep(pool: Pool, given: ScanDocument) -> Kept:
    async with pool.connection() as connection:
        return await scans.keep(connection, scans.prepare(given, Sent(by="ci"), NOW), EVERYTHING, NOW)


async def test_a_scan_is_kept_with_all_that_it_says(pool: Pool, rows: Rows) -> None:
    given = document("d1", image(1), deb("openssl", "3.0.1-1"), npm("left-pad", "1.0.0", dev=True), partial=True)
    assert (await keep(pool, given)).new
    assert rows("SELECT document_id, sent_by, kind, key, partial, tool, gaps FROM scan") == [
        ("d1", "ci", "image", f"sha256:{1:064x}", True, "rightshift", [{"path": "opt/x", "reason": "damaged"}])
    ]
    assert rows(
        "SELECT p.ecosystem, p.name, v.version, v.distro ->> 'id', i.state, i.dev, i.locations"
        " FROM inventory_package i JOIN package_version v ON v.id = i.package_version_id"
        " JOIN package p ON p.id = v.package_id ORDER BY 1"
    ) == [
        ("deb", "openssl", "3.0.1-1", "debian", "installed", False, ["var/lib/dpkg/status"]),
        ("npm", "left-pad", "1.0.0", None, "locked", True, ["app/package-lock.json"]),
    ]
    assert rows("SELECT kind, key, attributes ->> 'name' FROM asset_fact") == [
        ("image", f"sha256:{1:064x}", "registry.example/app1:1")
    ]


async def test_the_same_document_again_changes_nothing(pool: Pool, rows: Rows) -> None:
    given = document("d1", image(1), deb("a", "1"))
    first = await keep(pool, given)
    marks = rows("SELECT count(*) FROM dirty")
    second = await keep(pool, given)
    assert (first.new, second.new, second.scan) == (True, False, first.scan)
    assert rows("SELECT count(*) FROM scan") == [(1,)]
    assert rows("SELECT count(*) FROM dirty") == marks


async def test_another_document_of_the_same_id_is_refused(pool: Pool, rows: Rows) -> None:
    await keep(pool, document("d1", image(1), deb("a", "1")))
    for other in (document("d1", image(1), deb("a", "2")), document("d1", image(2), deb("a", "1"))):
        with pytest.raises(OtherDocument):
            await keep(pool, other)
    assert rows("SELECT count(*) FROM inventory") == [(1,)]


async def test_an_inventory_that_many_have_is_kept_once(pool: Pool, rows: Rows) -> None:
    for number in range(5):
        await keep(pool, document(f"d{number}", image(number), deb("a", "1"), deb("b", "2")))
    assert rows("SELECT (SELECT count(*) FROM inventory), (SELECT count(*) FROM inventory_package)") == [(1, 2)]
    assert rows("SELECT count(DISTINCT inventory_id), count(*) FROM scan") == [(1, 5)]


async def test_what_is_new_is_marked(pool: Pool, rows: Rows) -> None:
    await keep(pool, document("d1", image(1), deb("a", "1"), deb("b", "1")))
    asked = "SELECT what, count(*) FROM dirty GROUP BY what ORDER BY what"
    assert rows(asked) == [("asset", 1), ("inventory", 1), ("package_version", 2), ("scan", 1)]
    rows("DELETE FROM dirty")
    await keep(pool, document("d2", image(2), deb("a", "1"), deb("b", "1")))
    assert rows(asked) == [("asset", 1), ("scan", 1)]


async def test_many_at_once_that_share_packages_all_get_in(pool: Pool, rows: Rows) -> None:
    chance = random.Random(1)
    given = [many(f"d{number}", image(number), 60, start=chance.randrange(100)) for number in range(16)]
    kept = await asyncio.gather(*(keep(pool, one) for one in [*given, *given]))
    assert sum(one.new for one in kept) == 16
    assert rows("SELECT count(*) FROM scan") == [(16,)]
    names = {package.name for one in given for package in one.packages}
    assert rows("SELECT count(*), count(DISTINCT key) FROM package_version") == [(len(names), len(names))]
    assert rows("SELECT count(DISTINCT which) FROM dirty WHERE what = 'package_version'") == [(len(names),)]


async def test_a_large_one_goes_in_by_slices_beside_others(
    pool: Pool, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SLICE", 7)
    given = [many(f"d{number}", image(number), 60, start=number * 13 % 40) for number in range(12)]
    await asyncio.gather(*(keep(pool, one) for one in given))
    names = {package.name for one in given for package in one.packages}
    assert rows("SELECT count(*), count(DISTINCT key) FROM package_version") == [(len(names), len(names))]
    inventories = len({one.packages for one in given})
    assert rows("SELECT count(*) FROM inventory_package") == [(60 * inventories,)]


async def test_text_that_a_database_can_not_hold_is_made_visible(pool: Pool, rows: Rows) -> None:
    subject = Subject(kind="directory", name="a\0b")
    await keep(pool, document("d\0", subject, npm("x\0y", "1", locations=("p\0q",))))
    assert rows("SELECT document_id, key FROM scan") == [("d\\0", "a\\0b")]
    assert rows("SELECT name FROM package") == [("x\\0y",)]
    assert rows("SELECT locations FROM inventory_package") == [(["p\\0q"],)]


async def test_a_scan_that_was_made_earlier_does_not_take_back_what_is_known(pool: Pool, rows: Rows) -> None:
    later = Subject(kind="host", name="web", architecture="arm64")
    await keep(pool, document("d2", later, created="2026-01-05T11:00:00Z"))
    await keep(pool, document("d1", Subject(kind="host", name="web"), created="2026-01-01T00:00:00Z"))
    assert rows("SELECT attributes ->> 'architecture' FROM asset_fact") == [("arm64",)]
