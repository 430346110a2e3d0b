from collections.abc import Callable
from datetime import timedelta

import psycopg

from rightshift.console.store import events
from rightshift.console.store.conclusions import assets, marks, matches, tries
from rightshift.console.store.conclusions.assets import Row
from rightshift.console.store.conclusions.matches import Advisory, Batch, Found, Reason, Sought
from rightshift.console.store.events import Event
from rightshift.console.store.pool import Pool
from tests.console.derive import world

Rows = Callable[..., list[tuple[object, ...]]]


def _found(version: int, *, points: int = 10, advisory: str = "CVE-2024-0001", **more: object) -> Found:
    values: dict[str, object] = {
        "version": version,
        "advisory": advisory,
        "points": points,
        "class_": 4,
        "weight": 1,
        "severity": 4,
        "certain": True,
        "kev": False,
        "ransomware": False,
        "malicious": False,
        "ignored": False,
        "epss": 0.1,
        "vector": "",
        "fixed": ["2,0", 'a"b'],
        "records": ["PYSEC-1"],
        "judged": ["PYSEC-1"],
        "cves": [],
        "rule": "tab\there\nand \\N",
        "evidence": [Reason("threat", points, "because", ("EPSS",))],
        "turns": None,
    }
    return Found(**values | more)  # type: ignore[arg-type]


async def _write(pool: Pool, versions: list[int], *found: Found, later: int = 0) -> None:
    names = {one.advisory for one in found}
    advisories = {
        name: Advisory(name=name, aliases=["PYSEC-1"], summary="s", published="", asked=[name], threat=7)
        for name in names
    }
    async with pool.connection() as connection:
        await matches.prepare(connection)
        async with connection.transaction():
            await matches.write(
                connection,
                Batch(
                    versions=versions,
                    found=found,
                    advisories=advisories,
                    sought=[Sought(version, "PyPI", "a", 3, 1) for version in versions],
                    lineage="l",
                    generation=1,
                    now=world.NOW + timedelta(days=later),
                ),
            )


async def test_what_is_written_is_what_is_read(database: str, pool: Pool, rows: Rows) -> None:
    versions = world.put_versions(database, [world.package("pypi", "a", "1")], mark=False)
    await _write(pool, versions, _found(versions[0]))
    assert rows("SELECT points, class, weight, severity, fixed, records, rule, evidence, fixable FROM match") == [
        (
            *(10, 4, 1, 4, ["2,0", 'a"b'], ["PYSEC-1"], "tab\there\nand \\N"),
            [{"name": "threat", "points": 10, "because": "because", "unknown": ["EPSS"]}],
            True,
        )
    ]
    assert rows("SELECT ecosystem, name, known, exploited FROM looked_for") == [("PyPI", "a", 3, 1)]


async def test_the_same_again_writes_no_match_and_tells_nothing(database: str, pool: Pool, rows: Rows) -> None:
    versions = world.put_versions(database, [world.package("pypi", "a", "1")], mark=False)
    world.put_inventory(database, versions, mark=False)
    await _write(pool, versions, _found(versions[0]))
    before = rows("SELECT xmin FROM match")
    rows("DELETE FROM dirty")
    await _write(pool, versions, _found(versions[0]), later=1)
    assert rows("SELECT xmin FROM match") == before
    assert rows("SELECT count(*) FROM event") == [(0,)]
    assert rows("SELECT count(*) FROM dirty") == [(0,)]


async def test_a_flaw_that_got_another_name_was_known_since_it_was_first_seen(
    database: str, pool: Pool, rows: Rows
) -> None:
    versions = world.put_versions(database, [world.package("pypi", "a", "1")], mark=False)
    await _write(pool, versions, _found(versions[0], advisory="GHSA-1"))
    await _write(pool, versions, _found(versions[0], advisory="CVE-2024-0002"), later=5)
    assert rows("SELECT name, first_seen FROM match JOIN advisory ON id = advisory_id") == [
        ("CVE-2024-0002", world.NOW)
    ]


async def test_what_is_marked_twice_is_taken_once_and_what_comes_meanwhile_stays(
    database: str, pool: Pool, rows: Rows
) -> None:
    async with pool.connection() as connection:
        for _ in range(2):
            rows("INSERT INTO dirty (what, which) VALUES ('inventory', 7)")
        await marks.mark_assets(connection, [("host", "a"), ("host", "b")])
        await marks.mark_assets(connection, [("host", "a")])
        assert await marks.waiting(connection) == {"asset", "inventory"}
        assert [(one.kind, one.key) for one in await marks.some(connection, "asset", 9)] == [
            ("host", "a"),
            ("host", "b"),
        ]
        taken = await marks.some(connection, "inventory", 9)
        assert [(one.which, len(one.ids)) for one in taken] == [(7, 2)]
        await tries.failed(connection, taken)
        rows("INSERT INTO dirty (what, which) VALUES ('inventory', 7)")
        assert await marks.some(connection, "inventory", 9, sound=True) == [], "it was tried before"
        (alone,) = await marks.tried(connection, "inventory", 9)
        assert (alone.which, len(alone.ids), alone.tries) == (7, 3, 1)
        rows("DELETE FROM dirty WHERE tries = 0 AND what = 'inventory'")
        rows("INSERT INTO dirty (what, which) VALUES ('inventory', 7)")
        await marks.remove(connection, taken)
        assert len(await marks.some(connection, "inventory", 9)) == 1


async def test_an_event_is_told_when_its_transaction_ends(database: str, pool: Pool, rows: Rows) -> None:
    rows("INSERT INTO asset (kind, key, name, first_seen, last_seen) VALUES ('host', 'h', 'h', now(), now())")
    with psycopg.connect(database, autocommit=True) as listener:
        listener.execute(f"LISTEN {events.CHANNEL}")
        async with pool.connection() as connection, connection.transaction():
            await events.add(connection, [Event(kind="asset.new", asset_id=1, detail={"a": None})])
            assert list(listener.notifies(timeout=0, stop_after=1)) == []
        assert len(list(listener.notifies(timeout=5, stop_after=1))) == 1
    assert rows("SELECT kind, detail FROM event") == [("asset.new", {"a": None})]


async def test_an_event_of_what_is_undone_never_happened(database: str, pool: Pool, rows: Rows) -> None:
    rows("INSERT INTO asset (kind, key, name, first_seen, last_seen) VALUES ('host', 'h', 'h', now(), now())")
    async with pool.connection() as connection, connection.transaction(force_rollback=True):
        await events.add(connection, [Event(kind="asset.new", asset_id=1)])
    assert rows("SELECT count(*) FROM event") == [(0,)]


async def test_a_holder_adds_the_most_of_its_assets(database: str, pool: Pool, rows: Rows) -> None:
    inventory = world.put_inventory(database, world.put_versions(database, [world.package("pypi", "a", "1")]))
    made = [
        Row(
            kind="container",
            key=key,
            name=key,
            parent_id=None,
            attributes={},
            labels={},
            inventory_id=inventory,
            running=running,
            first_seen=world.NOW,
            last_seen=world.NOW,
        )
        for key, running in (("one", None), ("two", False))
    ]
    async with pool.connection() as connection:
        numbers = await assets.put(connection, made)
        rows("UPDATE asset SET unit_id = %s", numbers["container", "one"])
        rows("UPDATE asset SET exposure = '{1,2,3,4,5,6,7,-8}', privileges = '{1,0}', context = -1 WHERE key = 'one'")
        rows("UPDATE asset SET exposure = '{0,0,0,28,0,0,0,-9}', privileges = '{0,3}' WHERE key = 'two'")
        assert await assets.holders(connection, [numbers["container", "one"]]) == [inventory]
        assert rows("SELECT assets, running, exposure, privileges, context, most FROM holder") == [
            (2, None, [1, 2, 3, 28, 5, 6, 7, -8], [1, 3], 0, 31)
        ]
        assert await assets.holders(connection, [numbers["container", "one"]]) == [], "nothing is other"
        rows("UPDATE asset SET gone = now()")
        await assets.holders(connection, [numbers["container", "one"]])
    assert rows("SELECT count(*) FROM holder") == [(0,)]
