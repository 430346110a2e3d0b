"""Retention removes what the settings say and nothing else, in batches."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from rightshift.console.jobs import queue, retain
from rightshift.console.jobs.job import Surroundings
from rightshift.console.store.pool import Pool
from tests.console.jobs.conftest import Ask, Wish
from tests.console.jobs.tried import QUICK, Order

REPORTER = "INSERT INTO reporter (key, kind) VALUES ('r', 'sensor')"
FACTS = """
INSERT INTO asset_fact (reporter_id, kind, key, mark, first_seen, last_seen, ended)
SELECT 1, 'container', k, 1, now() - '1y'::interval, now(), e FROM (VALUES
    ('runs', NULL), ('just ended', now() - '29 days'::interval), ('long ago', now() - '31 days'::interval)
) v (k, e)
"""
EDGES = """
INSERT INTO relation_fact (reporter_id, kind, from_kind, from_key, to_kind, to_key, how, mark, first_seen, last_seen,
    ended)
SELECT 1, 'runs-on', 'a', k, 'b', k, '', 1, now(), now(), e FROM (VALUES
    ('runs', NULL), ('just ended', now() - '29 days'::interval), ('long ago', now() - '31 days'::interval)
) v (k, e)
"""
LISTENERS = """
INSERT INTO listener_fact (reporter_id, kind, key, protocol, address, port, how, mark, first_seen, ended)
SELECT 1, 'a', k, 'tcp', '', 1, '', 1, now(), e FROM (VALUES
    ('runs', NULL), ('just ended', now() - '29 days'::interval), ('long ago', now() - '31 days'::interval)
) v (k, e)
"""
SEEN = """
INSERT INTO connection_fact (reporter_id, kind, key, protocol, direction, local, remote, port, how, mark, first_seen,
    last_seen)
SELECT 1, 'a', k, 'tcp', 'out', '', '', 1, '', 1, now(), now() - d FROM (VALUES
    ('now', '0'::interval), ('just', '29 days'::interval), ('long ago', '31 days'::interval)
) v (k, d);
INSERT INTO use_fact (reporter_id, kind, key, path, level, how, mark, first_seen, last_seen)
SELECT 1, 'a', k, '/x', 'loaded', '', 1, now(), now() - d FROM (VALUES
    ('now', '0'::interval), ('just', '29 days'::interval), ('long ago', '31 days'::interval)
) v (k, d)
"""
INVENTORIES = """
INSERT INTO inventory (digest, packages, created)
SELECT n::text::bytea, 0, now() - '2 y'::interval FROM generate_series(1, 6) n
"""
SCANS = """
INSERT INTO scan (document_id, reporter_id, made, format, kind, key, name, inventory_id, partial, tool, tool_version)
SELECT d, 1, now() - a, 'rightshift', 'image', k, k, i, false, 't', '1' FROM (VALUES
    ('old and only', '900 days'::interval, 'a', 1), ('old', '200 days'::interval, 'b', 2),
    ('newer', '179 days'::interval, 'b', 3), ('newest', '1 day'::interval, 'b', 3)
) v (d, a, k, i)
"""
ASSETS = """
INSERT INTO asset (kind, key, name, first_seen, last_seen, inventory_id) VALUES ('image', 'x', 'x', now(), now(), 4);
INSERT INTO asset_inventory (asset_id, inventory_id, since, until)
SELECT id, 5, now() - '400 days'::interval, now() - '300 days'::interval FROM asset;
INSERT INTO asset_inventory (asset_id, inventory_id, since) SELECT id, 4, now() - '300 days'::interval FROM asset
"""

Run = Callable[[], Awaitable[dict[str, int]]]


@pytest.fixture
def run(around: Surroundings, wish: Wish, rows: Ask, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs it in batches of two; what it says of what it removed."""
    monkeypatch.setattr(retain, "BATCH", 2)

    async def once() -> dict[str, int]:
        id = await wish("retain", Order())
        await queue.once(id, around, {"retain": retain.JOB}, QUICK)
        ((state, error, result),) = rows("SELECT state, error, result FROM job_run WHERE id = %s", id)
        assert (state, error) == ("done", "")
        return dict(result)

    return once


@pytest.mark.check("D16")
async def test_what_ended_long_ago_goes_and_its_asset_is_looked_at_again(run: Run, rows: Ask) -> None:
    for statement in (REPORTER, FACTS, EDGES, LISTENERS, SEEN):
        rows(statement)
    assert (await run())["facts"] == 5
    assert rows("SELECT key FROM asset_fact ORDER BY key") == [("just ended",), ("runs",)]
    assert rows("SELECT from_key FROM relation_fact ORDER BY 1") == [("just ended",), ("runs",)]
    assert rows("SELECT key FROM listener_fact ORDER BY 1") == [("just ended",), ("runs",)]
    assert rows("SELECT key FROM connection_fact ORDER BY 1") == [("just",), ("now",)]
    assert rows("SELECT key FROM use_fact ORDER BY 1") == [("just",), ("now",)]
    assert rows("SELECT DISTINCT what, kind, key FROM dirty ORDER BY kind") == [
        ("asset", "a", "long ago"),
        ("asset", "b", "long ago"),
        ("asset", "container", "long ago"),
    ]


async def test_the_newest_scan_stays_and_inventories_that_somebody_refers_to(run: Run, rows: Ask) -> None:
    for statement in (REPORTER, INVENTORIES, SCANS, ASSETS):
        rows(statement)
    assert (await run())["inventories"] == 3
    assert rows("SELECT document_id FROM scan ORDER BY id") == [("old and only",), ("newer",), ("newest",)]
    assert rows("SELECT id FROM inventory ORDER BY id") == [(1,), (3,), (4,)]
    assert rows("SELECT inventory_id FROM asset_inventory") == [(4,)]


async def test_a_new_inventory_is_left(run: Run, rows: Ask) -> None:
    rows("INSERT INTO inventory (digest, packages) VALUES ('x', 0)")
    assert (await run())["inventories"] == 0


async def test_old_events_runs_and_sessions_go(run: Run, rows: Ask) -> None:
    rows("INSERT INTO event (at, kind) SELECT now() - n * '30 days'::interval, 'x' FROM generate_series(10, 1, -1) n")
    rows(
        "INSERT INTO job_run (name, state, created, ended) SELECT 'old', 'done', now() - '40 d'::interval, now() - "
        "'40 d'::interval FROM generate_series(1, 5)"
    )
    rows("INSERT INTO job_run (name, state, created) VALUES ('waits', 'waiting', now() - '40 d'::interval)")
    rows("INSERT INTO job_log (run_id, line) SELECT id, 'x' FROM job_run")
    rows("INSERT INTO throttle VALUES ('a', 1, now() - '2 d'::interval), ('b', 1, now())")
    removed = await run()
    assert (removed["events"], removed["jobs"], removed["sessions"]) == (5, 5, 1)
    assert rows("SELECT name FROM job_run ORDER BY created") == [("waits",), ("retain",)]
    assert rows("SELECT count(*) FROM job_log l JOIN job_run r ON r.id = l.run_id WHERE r.name = 'old'") == [(0,)]
    assert rows("SELECT what FROM throttle") == [("b",)]


async def test_the_settings_say_how_long(run: Run, rows: Ask) -> None:
    rows("INSERT INTO event (at, kind) SELECT now() - n * '1 day'::interval, 'x' FROM generate_series(10, 1, -1) n")
    rows("INSERT INTO setting (name, value) VALUES ('retention', '{\"events\": 5}')")
    assert (await run())["events"] in (5, 6)


async def test_a_setting_that_is_none_removes_nothing(around: Surroundings, wish: Wish, rows: Ask) -> None:
    rows("INSERT INTO event (at, kind) VALUES ('2020-01-01', 'x')")
    rows("INSERT INTO setting (name, value) VALUES ('retention', '{\"events\": 0}')")
    id = await wish("retain", Order())
    await queue.once(id, around, {"retain": retain.JOB}, QUICK)
    assert rows("SELECT state FROM job_run") == [("failed",)]
    assert rows("SELECT count(*) FROM event") == [(1,)]


@pytest.mark.check("D16")
async def test_the_audit_log_stays(run: Run, rows: Ask) -> None:
    rows("INSERT INTO audit VALUES (1, '2000-01-01', 'a', 'person', 'x', '', '', NULL, NULL, 'done', 'x')")
    await run()
    assert rows("SELECT count(*) FROM audit") == [(1,)]


@pytest.mark.check("D16")
@pytest.mark.prove
async def test_a_million_rows_go_while_others_read_at_less_than_twice_their_time(
    around: Surroundings, pool: Pool, wish: Wish, rows: Ask
) -> None:
    rows(
        "INSERT INTO event (at, kind) SELECT '2020-01-01'::timestamptz + n * '1s'::interval, 'x' "
        "FROM generate_series(1, 1000000) n"
    )
    rows(
        "INSERT INTO asset (kind, key, name, first_seen, last_seen) SELECT 'host', n::text, n::text, now(), now() "
        "FROM generate_series(1, 5000) n"
    )
    rows("ANALYZE")

    async def p95(until: "asyncio.Future[None] | None") -> float:
        times: list[float] = []
        while (len(times) < 400) if until is None else not until.done():
            began = time.perf_counter()
            async with pool.connection() as connection:
                await (await connection.execute("SELECT * FROM asset ORDER BY lower(name) LIMIT 50")).fetchall()
            times.append(time.perf_counter() - began)
            await asyncio.sleep(0.01)
        return sorted(times)[len(times) * 95 // 100]

    idle_s = await p95(None)
    id = await wish("retain", Order())
    task = asyncio.ensure_future(queue.once(id, around, {"retain": retain.JOB}, QUICK))
    under_load_s = await p95(task)
    await task
    assert rows("SELECT count(*) FROM event") == [(0,)]
    assert under_load_s < max(2 * idle_s, 0.02), (idle_s, under_load_s)
