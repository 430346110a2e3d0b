from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from rightshift.console.store.pool import Pool
from tests.console.derive import world

Rows = Callable[..., list[tuple[object, ...]]]
CONFIG, MANIFEST = "sha256:" + "c" * 64, "sha256:" + "a" * 64


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """A feed that knows nothing."""
    world.grown(tmp_path / "feed", [])
    return tmp_path / "feed"


def _cluster(url: str) -> None:
    """A workload of one pod with one container on a host, told children first."""
    world.put_fact(url, "container:c1", parent="pod:p1", name="web", state="running", image="shop/web:2")
    world.put_relation(url, "instance-of", "container:c1", f"image:{CONFIG}")
    world.put_fact(url, f"image:{CONFIG}", names=["shop/web:2"], aliases=[MANIFEST])
    world.put_fact(url, "pod:p1", parent="namespace:n1", name="web-1", phase="Running", addresses=["10.0.0.7"])
    world.put_relation(url, "runs-on", "pod:p1", "host:h1")
    world.put_relation(url, "owned-by", "pod:p1", "workload:w1")
    world.put_fact(url, "workload:w1", parent="namespace:n1", name="web")
    world.put_fact(url, "namespace:n1", parent="cluster:k1", name="shop")
    world.put_fact(url, "cluster:k1", name="production")
    world.put_fact(url, "host:h1", name="node-1", tags={"zone": "a"})


PLACES = """
    SELECT a.kind, a.cluster, a.namespace, a.workload, a.host, a.image, u.kind, a.running, p.kind
    FROM asset a LEFT JOIN asset u ON u.id = a.unit_id LEFT JOIN asset p ON p.id = a.parent_id ORDER BY a.kind
"""


async def test_everything_gets_its_place_whatever_is_told_first(
    database: str, pool: Pool, rows: Rows, feed: Path
) -> None:
    _cluster(database)
    await world.derive(pool, feed)
    assert rows(PLACES) == [
        ("cluster", "production", "", "", "", "", "cluster", None, None),
        ("container", "production", "shop", "web", "node-1", "shop/web", "workload", True, "pod"),
        ("host", "", "", "", "node-1", "", "host", True, None),
        ("image", "", "", "", "", "shop/web", "image", True, None),
        ("namespace", "production", "shop", "", "", "", "namespace", None, "cluster"),
        ("pod", "production", "shop", "web", "node-1", "", "workload", True, "namespace"),
        ("workload", "production", "shop", "web", "", "", "workload", None, "namespace"),
    ]
    assert rows("SELECT labels FROM asset WHERE kind = 'host'") == [({"zone": "a"},)]
    assert rows("SELECT DISTINCT kind FROM event") == [("asset.new",)]
    assert rows("SELECT count(*) FROM dirty") == [(0,)]


async def test_a_place_that_is_learned_later_reaches_what_lies_below(
    database: str, pool: Pool, rows: Rows, feed: Path
) -> None:
    _cluster(database)
    await world.derive(pool, feed)
    world.put_fact(database, "cluster:k1", name="renamed", seen=world.NOW + timedelta(minutes=5))
    await world.derive(pool, feed)
    assert rows("SELECT DISTINCT cluster FROM asset WHERE kind IN ('pod', 'container')") == [("renamed",)]


async def test_a_container_holds_what_its_image_holds_and_its_workload_stands_for_it(
    database: str, pool: Pool, rows: Rows, feed: Path
) -> None:
    _cluster(database)
    await world.derive(pool, feed)
    inventory = world.put_inventory(database, world.put_versions(database, [world.package("pypi", "a", "1")]))
    world.put_scan(database, f"image:{CONFIG}", inventory)
    await world.derive(pool, feed)
    assert rows("SELECT u.kind, assets, h.running FROM holder h JOIN asset u ON u.id = h.unit_id") == [
        ("workload", 1, True)
    ], "the image is not a row of its own where a workload runs it"
    assert rows("SELECT count(*) FROM asset WHERE inventory_id IS NOT NULL") == [(2,)]
    world.put_fact(database, "container:c1", parent="pod:p1", ended=world.NOW, name="web")
    await world.derive(pool, feed)
    assert rows("SELECT u.kind, assets, h.running FROM holder h JOIN asset u ON u.id = h.unit_id") == [
        ("image", 1, False)
    ]
    assert rows("SELECT kind FROM event WHERE kind = 'asset.gone'") == [("asset.gone",)]
    assert rows("SELECT until IS NULL FROM asset_inventory JOIN asset ON id = asset_id ORDER BY kind") == [
        (False,),
        (True,),
    ]


async def test_a_container_without_workload_is_a_row_of_its_image(
    database: str, pool: Pool, rows: Rows, feed: Path
) -> None:
    inventory = world.put_inventory(database, world.put_versions(database, [world.package("pypi", "a", "1")]))
    world.put_scan(database, f"image:{CONFIG}", inventory, name="app:1")
    for number in range(3):
        world.put_fact(database, f"container:c{number}", parent="host:h1", state="running")
        world.put_relation(database, "instance-of", f"container:c{number}", f"image:{CONFIG}")
    world.put_fact(database, "host:h1", name="node")
    await world.derive(pool, feed)
    assert rows("SELECT u.kind, assets, h.running FROM holder h JOIN asset u ON u.id = h.unit_id") == [
        ("image", 3, True)
    ]


async def test_whether_an_image_runs_is_unknown_where_nobody_would_know(
    database: str, pool: Pool, rows: Rows, feed: Path
) -> None:
    inventory = world.put_inventory(database, world.put_versions(database, [world.package("pypi", "a", "1")]))
    world.put_scan(database, f"image:{CONFIG}", inventory)
    await world.derive(pool, feed)
    assert rows("SELECT running FROM asset") == [(None,)]
    world.put_fact(database, f"image:{CONFIG}", names=["app:1"])
    await world.derive(pool, feed)
    assert rows("SELECT running FROM asset") == [(False,)]


async def test_an_image_has_many_names_and_is_one_whichever_comes_first(
    database: str, pool: Pool, rows: Rows, feed: Path
) -> None:
    inventory = world.put_inventory(database, world.put_versions(database, [world.package("pypi", "a", "1")]))
    world.put_fact(database, f"image:shop/web@{MANIFEST}", names=["shop/web:2"])
    world.put_fact(database, "container:c1", state="running")
    world.put_relation(database, "instance-of", "container:c1", f"image:shop/web@{MANIFEST}")
    await world.derive(pool, feed)
    assert rows("SELECT key FROM asset WHERE kind = 'image'") == [(f"shop/web@{MANIFEST}",)]
    world.put_fact(database, f"image:{CONFIG}", by="scans", kind="scans", aliases=[MANIFEST], name="web")
    world.put_scan(database, f"image:{CONFIG}", inventory)
    world.put_fact(database, f"image:{CONFIG}", by="scans", kind="scans", aliases=[MANIFEST], name="web")
    await world.derive(pool, feed)
    assert rows("SELECT key FROM asset WHERE kind = 'image'") == [(CONFIG,)]
    assert rows("SELECT inventory_id FROM asset WHERE kind = 'container'") == [(inventory,)]
    assert rows("SELECT to_id = (SELECT id FROM asset WHERE kind = 'image') FROM relation") == [(True,)]
    world.put_fact(database, f"image:shop/web@{MANIFEST}", names=["shop/web:3"])
    await world.derive(pool, feed)
    assert rows("SELECT count(*) FROM asset WHERE kind = 'image'") == [(1,)]


async def test_a_newer_scan_counts_and_an_older_one_that_comes_late_does_not(
    database: str, pool: Pool, rows: Rows, feed: Path
) -> None:
    old, new = (
        world.put_inventory(database, world.put_versions(database, [world.package("pypi", "a", version)]))
        for version in ("1", "2")
    )
    later = world.NOW + timedelta(hours=1)
    world.put_scan(database, "directory:/srv", old)
    await world.derive(pool, feed)
    world.put_scan(database, "directory:/srv", new, made=later)
    await world.derive(pool, feed, later)
    world.put_scan(database, "directory:/srv", old, made=world.NOW - timedelta(days=1))
    await world.derive(pool, feed, later)
    assert rows("SELECT inventory_id FROM asset") == [(new,)]
    assert rows("SELECT inventory_id, since, until FROM asset_inventory ORDER BY since") == [
        (old, world.NOW, later),
        (new, later, None),
    ]
    assert rows("SELECT detail FROM event WHERE kind = 'inventory.changed' ORDER BY id") == [
        ({"before": None, "after": old},),
        ({"before": old, "after": new},),
    ]
    assert rows("SELECT inventory_id, since FROM holder") == [(new, later)]


async def test_parents_in_a_circle_end(database: str, pool: Pool, rows: Rows, feed: Path) -> None:
    world.put_fact(database, "namespace:a", parent="namespace:b", name="a")
    world.put_fact(database, "namespace:b", parent="namespace:a", name="b")
    world.put_fact(database, "workload:a", name="a")
    world.put_fact(database, "workload:b", name="b")
    world.put_relation(database, "owned-by", "workload:a", "workload:b")
    world.put_relation(database, "owned-by", "workload:b", "workload:a")
    await world.derive(pool, feed)
    assert rows("SELECT count(*) FROM asset") == [(4,)]


async def test_processes_are_not_rows(database: str, pool: Pool, rows: Rows, feed: Path) -> None:
    world.put_fact(database, "host:h1", name="node")
    world.put_fact(database, "process:h1/b/1-1", parent="host:h1", name="sshd")
    await world.derive(pool, feed)
    assert rows("SELECT kind FROM asset") == [("host",)]


async def test_work_on_what_did_not_change_writes_nothing(database: str, pool: Pool, rows: Rows, feed: Path) -> None:
    _cluster(database)
    await world.derive(pool, feed)
    before = rows("SELECT id, xmin FROM asset ORDER BY id")
    _cluster(database)
    await world.derive(pool, feed)
    assert rows("SELECT id, xmin FROM asset ORDER BY id") == before
    assert rows("SELECT count(*) FROM event WHERE kind <> 'asset.new'") == [(0,)]


async def test_what_nobody_tells_of_any_more_goes(database: str, pool: Pool, rows: Rows, feed: Path) -> None:
    _cluster(database)
    await world.derive(pool, feed)
    rows("DELETE FROM asset_fact WHERE kind = 'container'")
    rows("INSERT INTO dirty (what, kind, key) VALUES ('asset', 'container', 'c1')")
    await world.derive(pool, feed)
    assert rows("SELECT count(*) FROM asset WHERE kind = 'container'") == [(0,)]
    assert rows("SELECT count(*) FROM asset") == [(6,)]
