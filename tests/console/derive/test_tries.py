"""What the work ends badly with: tried three times, by whatever process, then set aside, and tried again later."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from rightshift.console.derive import loop
from rightshift.console.store.pool import Pool
from tests.console.derive import world
from tests.console.derive.test_loop import until
from tests.feed.bucket import osv

Rows = Callable[..., list[tuple[object, ...]]]
HANGS = """
CREATE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
CREATE TRIGGER poison BEFORE INSERT ON asset FOR EACH ROW WHEN (NEW.name = 'poison') EXECUTE FUNCTION hang();
"""
HANGING = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    world.grown(tmp_path / "feed", [osv("PYSEC-1", "PyPI", "p1", "introduced 0")])
    return tmp_path / "feed"


@pytest.mark.check("D13")
def test_what_a_process_dies_of_each_time_is_set_aside_and_all_else_is_done(
    database: str, rows: Rows, tmp_path: Path, feed: Path
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(HANGS)
    for name in ("one", "poison", "two"):
        world.put_fact(database, f"host:{name}", name=name)
    for _ in range(loop.ENDS):
        with deriving(database, tmp_path) as process:
            wait(rows, HANGING)
            process.kill()
            process.wait()
        rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
    with deriving(database, tmp_path) as process:
        wait(rows, "SELECT 1 FROM set_aside")
        world.put_fact(database, "host:poison", name="poison")
        world.put_fact(database, "host:three", name="three")
        rows("NOTIFY dirty")
        wait(rows, "SELECT 1 WHERE NOT EXISTS (SELECT FROM dirty)")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert rows("SELECT name FROM asset ORDER BY 1") == [("one",), ("three",), ("two",)]
    assert rows("SELECT what, key, reason FROM set_aside") == [
        ("asset", "poison", "The process ended in each of 5 tries")
    ]


async def test_what_was_set_aside_is_tried_again_after_a_while_and_by_another_version(
    database: str, pool: Pool, rows: Rows, feed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows("ALTER TABLE asset ADD CONSTRAINT poison CHECK (name <> 'poison')")
    world.put_fact(database, "host:poison", name="poison")
    await world.derive(pool, feed)
    await world.derive(pool, feed, world.NOW + loop.ASIDE / 2)
    assert rows("SELECT at FROM set_aside") == [(world.NOW,)]
    later = world.NOW + loop.ASIDE
    await world.derive(pool, feed, later)
    assert rows("SELECT at FROM set_aside") == [(later,)], "once more, and no oftener"
    rows("ALTER TABLE asset DROP CONSTRAINT poison")
    await world.derive(pool, feed, later + timedelta(minutes=1))
    assert rows("SELECT count(*) FROM asset") == [(0,)]
    monkeypatch.setattr(loop, "__version__", "newer")
    await world.derive(pool, feed, later + timedelta(minutes=1))
    assert rows("SELECT name FROM asset") == [("poison",)]
    assert rows("SELECT count(*) FROM set_aside") == [(0,)]


async def test_what_takes_the_database_too_long_is_set_aside_too(
    database: str, pool: Pool, rows: Rows, feed: Path
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(HANGS.replace("PERFORM pg_sleep(60)", "RAISE EXCEPTION USING ERRCODE = 'query_canceled'"))
    for name in ("one", "poison"):
        world.put_fact(database, f"host:{name}", name=name)
    await world.derive(pool, feed)
    assert rows("SELECT reason FROM set_aside") == [("It ended by QueryCanceled",)]
    assert rows("SELECT name FROM asset") == [("one",)]


async def test_what_the_database_says_of_itself_is_nobodys_fault(
    database: str, pool: Pool, rows: Rows, feed: Path
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(HANGS.replace("PERFORM pg_sleep(60)", "RAISE EXCEPTION USING ERRCODE = 'disk_full'"))
    world.put_fact(database, "host:poison", name="poison")
    for _ in range(loop.TRIES):
        with pytest.raises(psycopg.errors.DiskFull):
            await world.derive(pool, feed)
    assert rows("SELECT key, tries FROM dirty") == [("poison", 0)]


def deriving(database: str, home: Path) -> "subprocess.Popen[bytes]":
    environ = {**os.environ, "RIGHTSHIFT_HOME": str(home), "RIGHTSHIFT_DATABASE_URL": database}
    command = [sys.executable, "-m", "rightshift.console.deriving"]
    return subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)


def wait(rows: Rows, question: str) -> None:
    import asyncio

    asyncio.run(until(lambda: bool(rows(question))))
