"""Retention: what is over goes, in batches of any size; what is not, and what somebody needs, stays."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from rightshift.config import Config
from rightshift.console.jobs import retain
from rightshift.console.jobs.job import Result, Running, Surroundings
from rightshift.console.store import audit
from rightshift.console.store.pool import Pool
from rightshift.errors import UsageError

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
Rows = Callable[..., list[tuple[object, ...]]]


@pytest.fixture(params=[1, 3, 1_000])
def batch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(retain, "BATCH", request.param)
    return int(request.param)


async def clean(pool: Pool, database: str, rows: Rows) -> Result:
    """Runs the job as a worker does."""
    [(id,)] = rows("INSERT INTO job_run (name, state, created) VALUES ('retain', 'running', %s) RETURNING id", NOW)
    around = Surroundings(
        pool=pool, url=database, config=Config(home=Path("/nowhere")), clock=lambda: NOW, embedded=True
    )
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as session:
        running = Running(
            id=id,  # type: ignore[arg-type]
            arguments="{}",
            wished_by="a test",
            created=NOW,
            attempt=1,
            around=around,
            session=session,
        )
        return await retain.JOB.run(running)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def reporter(rows: Rows) -> object:
    return rows("INSERT INTO reporter (key, kind) VALUES ('one', 'sensor') RETURNING id")[0][0]


async def test_assets_go_a_while_after_they_ended_and_are_marked(
    pool: Pool, database: str, rows: Rows, batch: int
) -> None:
    one = reporter(rows)
    for number, ended in enumerate([None, ago(1), ago(29), ago(31), ago(90), ago(400), None]):
        rows(
            "INSERT INTO asset_fact (reporter_id, kind, key, mark, first_seen, last_seen, ended)"
            " VALUES (%s, 'pod', %s, 0, %s, %s, %s)",
            one,
            f"{number}",
            ago(500),
            ended or ago(0),
            ended,
        )
    assert (await clean(pool, database, rows))["facts"] == 3
    assert rows("SELECT key FROM asset_fact ORDER BY key") == [("0",), ("1",), ("2",), ("6",)]
    assert rows("SELECT DISTINCT what, kind, key FROM dirty ORDER BY key") == [
        ("asset", "pod", str(n)) for n in (3, 4, 5)
    ]


async def test_connections_go_when_they_were_not_seen_for_long(
    pool: Pool, database: str, rows: Rows, batch: int
) -> None:
    one = reporter(rows)
    for days in range(0, 60, 10):
        rows(
            "INSERT INTO connection_fact (reporter_id, kind, key, protocol, direction, local, remote, port, how, mark,"
            " first_seen, last_seen) VALUES (%s, 'host', 'h', 'tcp', 'out', '', %s, 443, 'seen', 0, %s, %s)",
            one,
            f"192.0.2.{days}",
            ago(500),
            ago(days),
        )
    assert (await clean(pool, database, rows))["facts"] == 2
    assert rows("SELECT count(*), min(last_seen) FROM connection_fact") == [(4, ago(30))]


async def test_the_newest_scan_of_an_asset_stays_with_its_inventory_however_old_it_is(
    pool: Pool, database: str, rows: Rows, batch: int
) -> None:
    one = reporter(rows)
    for key, days in [("a", 900), ("a", 800), ("a", 700), ("b", 900), ("b", 10), ("c", 900)]:
        rows(
            "WITH made AS (INSERT INTO inventory (digest, packages, created) VALUES (sha256(%s::text::bytea), 0, %s)"
            " RETURNING id)"
            " INSERT INTO scan (document_id, reporter_id, made, format, kind, key, name, inventory_id, partial, tool,"
            " tool_version) SELECT %s, %s, %s, 'rightshift', 'host', %s, '', id, false, '', '' FROM made",
            f"{key} {days}",
            ago(days),
            f"{key} {days}",
            one,
            ago(days),
            key,
        )
    result = await clean(pool, database, rows)
    assert (result["scans"], result["inventories"]) == (3, 3)
    assert rows("SELECT document_id FROM scan ORDER BY 1") == [("a 700",), ("b 10",), ("c 900",)]
    assert rows("SELECT count(*) FROM inventory") == [(3,)]


async def test_a_new_inventory_that_nobody_refers_to_yet_stays(
    pool: Pool, database: str, rows: Rows, batch: int
) -> None:
    rows("INSERT INTO inventory (digest, packages, created) VALUES ('a', 0, %s), ('b', 0, %s)", ago(0.5), ago(2))
    assert (await clean(pool, database, rows))["inventories"] == 1
    assert rows("SELECT digest FROM inventory") == [(b"a",)]


async def test_events_and_runs_that_ended_go_and_what_runs_stays(
    pool: Pool, database: str, rows: Rows, batch: int
) -> None:
    for days in (500, 400, 181, 179, 1):
        rows("INSERT INTO event (at, kind) VALUES (%s, 'asset.new')", ago(days))
        rows(
            "WITH run AS (INSERT INTO job_run (id, name, state, created, ended) VALUES (%s, 'a', 'done', %s, %s)"
            " RETURNING id) INSERT INTO job_log (run_id, line) SELECT id, 'a' FROM run",
            uuid4(),
            ago(days),
            ago(days),
        )
    rows("INSERT INTO job_run (name, state, created) VALUES ('old', 'running', %s)", ago(500))
    result = await clean(pool, database, rows)
    assert (result["events"], result["jobs"]) == (3, 4)
    assert rows("SELECT name FROM job_run ORDER BY created") == [("old",), ("a",), ("retain",)]
    assert rows("SELECT count(*) FROM job_log WHERE line = 'a'") == [(1,)]


async def test_what_people_set_holds(pool: Pool, database: str, rows: Rows) -> None:
    for days in (5, 15):
        rows("INSERT INTO event (at, kind) VALUES (%s, 'asset.new')", ago(days))
    rows("""INSERT INTO setting (name, value) VALUES ('retention', '{"events": 10}')""")
    assert (await clean(pool, database, rows))["events"] == 1
    rows("""UPDATE setting SET value = '{"events": 0}' WHERE name = 'retention'""")
    with pytest.raises(UsageError):
        await clean(pool, database, rows)
    assert rows("SELECT count(*) FROM event") == [(1,)]


async def test_the_audit_log_stays_whole(pool: Pool, database: str, rows: Rows) -> None:
    async with pool.connection() as connection, connection.transaction():
        await audit.add(connection, audit.Line(actor="a", actor_kind="person", action="users.add"), ago(3_000))
    await clean(pool, database, rows)
    async with pool.connection() as connection:
        assert len(await audit.page(connection, before=None, limit=10)) == 1
        assert await audit.verify(connection) is None
