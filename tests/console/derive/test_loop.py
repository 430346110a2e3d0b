import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from rightshift.console.derive.loop import Deriving
from rightshift.console.store import pool as pools
from rightshift.console.store.pool import Pool
from tests.console.derive import world
from tests.feed.bucket import osv

Rows = Callable[..., list[tuple[object, ...]]]
PATIENCE_S = 20.0


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """A feed with one advisory for each of ten names."""
    world.grown(tmp_path / "feed", [osv(f"PYSEC-{n}", "PyPI", f"p{n}", "introduced 0") for n in range(10)])
    return tmp_path / "feed"


@asynccontextmanager
async def running(database: str, feed: Path, *, look_s: float = 30, rest_s: float = 0) -> AsyncIterator[Deriving]:
    """A process' part, in this process."""
    async with pools.opened(database, most=1, name="test") as pool:
        deriving = Deriving(pool, feed, lambda: world.NOW, look_s=look_s, rest_s=rest_s)
        task = asyncio.create_task(deriving.run())
        try:
            yield deriving
        finally:
            deriving.stopping.set()
            await asyncio.wait_for(task, 10)


async def until(condition: Callable[[], bool]) -> None:
    """Waits for something that another task or process does."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        await asyncio.sleep(0.02)


def _idle(rows: Rows) -> Callable[[], bool]:
    return lambda: rows("SELECT count(*) FROM dirty") == [(0,)]


async def test_a_word_from_the_database_is_enough(database: str, rows: Rows, feed: Path) -> None:
    async with running(database, feed):
        await until(lambda: bool(rows("SELECT 1 FROM derived WHERE lineage <> ''")))
        world.put_versions(database, [world.package("pypi", "p1", "1")])
        rows("NOTIFY dirty")
        await until(_idle(rows))
    assert rows("SELECT count(*) FROM match") == [(1,)]


async def test_what_comes_while_it_rests_is_worked_on_together(database: str, rows: Rows, feed: Path) -> None:
    async with running(database, feed, rest_s=2):
        await until(lambda: bool(rows("SELECT 1 FROM derived WHERE lineage <> ''")))
        for number in range(10):
            world.put_versions(database, [world.package("pypi", f"p{number}", "1")])
            rows("NOTIFY dirty")
        await until(_idle(rows))
    assert rows("SELECT count(*), count(DISTINCT xmin::text) <= 2 FROM matched") == [(10, True)]


async def test_the_stop_ends_a_rest(database: str, rows: Rows, feed: Path) -> None:
    async with running(database, feed, rest_s=60):
        await until(lambda: bool(rows("SELECT 1 FROM derived WHERE lineage <> ''")))
    assert rows("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)]


async def test_another_feed_is_taken_up_at_a_word(database: str, rows: Rows, feed: Path) -> None:
    world.put_versions(database, [world.package("pypi", "p1", "1")])
    async with running(database, feed):
        await until(lambda: bool(rows("SELECT 1 FROM match")))
        world.grown(feed, [osv("PYSEC-new", "PyPI", "p1", "introduced 0")])
        rows("NOTIFY feed")
        await until(lambda: bool(rows("SELECT 1 FROM event WHERE kind = 'match.new'")))


async def test_one_works_and_another_takes_over(database: str, rows: Rows, feed: Path) -> None:
    holder = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = " + (
        "(SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    async with running(database, feed, look_s=0.2), running(database, feed, look_s=0.2):
        await until(lambda: len(rows(holder)) == 1)
        (first,) = rows(holder)[0]
        rows("SELECT pg_terminate_backend(%s)", first)
        await until(lambda: [pid for (pid,) in rows(holder)] not in ([], [first]))
        world.put_versions(database, [world.package("pypi", "p1", "1")])
        rows("NOTIFY dirty")
        await until(_idle(rows))
    assert rows(holder) == []


@pytest.mark.check("D13")
async def test_what_can_not_be_worked_with_holds_up_nothing_else(
    database: str, pool: Pool, rows: Rows, feed: Path
) -> None:
    rows("ALTER TABLE asset ADD CONSTRAINT poison CHECK (name <> 'poison')")
    for name in ("one", "poison", "two"):
        world.put_fact(database, f"host:{name}", name=name)
    await world.derive(pool, feed)
    assert rows("SELECT name FROM asset ORDER BY 1") == [("one",), ("two",)]
    assert rows("SELECT key, reason FROM set_aside") == [("poison", "It ended by CheckViolation")]
    assert rows("SELECT count(*) FROM dirty") == [(0,)]


async def test_inventories_are_counted_by_sort_and_by_band(database: str, pool: Pool, rows: Rows, feed: Path) -> None:
    inventory = world.put_inventory(
        database, world.put_versions(database, [world.package("pypi", f"p{n}", v) for n in range(3) for v in "12"])
    )
    world.put_scan(database, "directory:/srv", inventory)
    await world.derive(pool, feed)
    counted = [3] + 47 * [0]  # unknown severity, no fix, Routine
    assert rows("SELECT ecosystem, total, findings, kev FROM facet ORDER BY 1") == [
        ("", 3, counted, None),
        ("pypi", 3, counted, None),
    ], "two versions of a package and one flaw are one"
    assert rows("SELECT h.bands FROM holder h JOIN facet f ON f.id = h.facet WHERE f.ecosystem = ''") == [
        ([0, 0, 0, 3],)
    ]


@pytest.mark.parametrize("kills", [pytest.param(3), pytest.param(40, marks=pytest.mark.prove)])
async def test_a_process_that_is_killed_anywhere_loses_nothing_and_does_nothing_twice(
    kills: int, database: str, pool: Pool, rows: Rows, tmp_path: Path
) -> None:
    feed = tmp_path / "feed"
    world.grown(feed, [osv(f"PYSEC-{n}", "PyPI", f"p{n}", "introduced 0", summary="old") for n in range(200)])
    versions = [world.package("pypi", f"p{n % 200}", str(n)) for n in range(4_000)]
    inventory = world.put_inventory(database, world.put_versions(database, versions))
    world.put_scan(database, "directory:/srv", inventory)
    for number in range(300):
        world.put_fact(database, f"host:h{number}", name=f"h{number}")
    await world.derive(pool, feed)
    world.grown(feed, [osv(f"PYSEC-{n}", "PyPI", f"p{n}", "introduced 0", "fixed 1000") for n in range(200)])
    for number in range(300):
        world.put_fact(database, f"host:h{number}", name=f"renamed-{number}", ended=world.NOW)
    await asyncio.to_thread(_kill_often, database, tmp_path, kills)
    await until(_idle(rows))
    assert rows("SELECT count(*) FROM match") == [(1_000,)]
    assert rows("SELECT kind, count(*) FROM event WHERE kind LIKE 'match%%' GROUP BY 1 ORDER BY 1") == [
        ("match.changed", 1_000),
        ("match.gone", 3_000),
    ]
    assert rows("SELECT count(*) FROM event WHERE kind = 'asset.gone'") == [(300,)]
    assert rows("SELECT sum(total) FROM facet WHERE ecosystem = ''") == [(200,)]


def _kill_often(database: str, home: Path, kills: int) -> None:
    """Processes that are killed at any moment, then one that is left to end its work."""
    environ = {**os.environ, "RIGHTSHIFT_HOME": str(home), "RIGHTSHIFT_DATABASE_URL": database}
    command = [sys.executable, "-m", "rightshift.console.deriving"]
    moments = random.Random(kills)
    for number in range(kills + 1):
        with psycopg.connect(database) as connection:
            began = connection.execute("SELECT clock_timestamp()").fetchone() or ()
        with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as process:
            try:
                if number < kills:
                    time.sleep(moments.uniform(0.35, 0.8))
                    process.send_signal(signal.SIGKILL)
                    continue
                _wait_for_rest(database, began)
                process.send_signal(signal.SIGTERM)
                assert process.wait(10) == 0, "the stop signal ends it in good order"
            finally:
                process.kill()


def _wait_for_rest(database: str, began: tuple[object, ...]) -> None:
    end = time.monotonic() + 60
    with psycopg.connect(database, autocommit=True) as connection:
        while time.monotonic() < end:
            found = connection.execute(
                """
                SELECT generation = 2 AND NOT EXISTS (SELECT FROM dirty) AND EXISTS (
                    SELECT FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'rightshift deriving'
                        AND query LIKE '%%WITH RECURSIVE kinds%%' AND backend_start > %s
                ) FROM derived
                """,
                began,
            ).fetchone()
            if found == (True,):  # its last question was whether there is more
                return
            time.sleep(0.1)
    raise AssertionError("it did not end its work")


async def test_a_feed_that_another_machine_built_is_fetched_at_a_word(database: str, rows: Rows, feed: Path) -> None:
    asked: list[int] = []

    async def catch_up() -> None:
        asked.append(len(asked))
        if len(asked) == 2:
            world.grown(feed, [osv("PYSEC-new", "PyPI", "p1", "introduced 0")])

    world.put_versions(database, [world.package("pypi", "p1", "1")])
    async with pools.opened(database, most=1, name="test") as pool:
        deriving = Deriving(pool, feed, lambda: world.NOW, catch_up=catch_up, look_s=30)
        task = asyncio.create_task(deriving.run())
        await until(lambda: bool(rows("SELECT 1 FROM match")))
        rows("NOTIFY dirty")
        rows("NOTIFY feed")
        await until(lambda: rows("SELECT a.name FROM match JOIN advisory a ON a.id = advisory_id") == [("PYSEC-new",)])
        deriving.stopping.set()
        await asyncio.wait_for(task, 10)
    assert asked == [0, 1]
