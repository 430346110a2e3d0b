"""Schedules become runs: once however many times they were missed, one at a time of each source."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from rightshift.console.jobs import due
from rightshift.console.store.pool import Pool
from tests.console.jobs.conftest import Ask

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


async def schedule(pool: Pool, *, job: str = "retain", cron: str = "0 * * * *", next_run: datetime = NOW) -> UUID:
    async with pool.connection() as connection:
        found = await connection.execute(
            "INSERT INTO schedule (name, job, cron, zone, next_run) "
            "VALUES (%s, %s, %s, 'Europe/Berlin', %s) RETURNING id",
            (str(uuid4()), job, cron, next_run),
        )
        row = await found.fetchone()
    assert row is not None
    id: UUID = row[0]
    return id


async def test_what_is_due_becomes_a_run_and_is_due_again_at_its_next_time(pool: Pool, rows: Ask) -> None:
    id = await schedule(pool)
    assert await due.turn(pool, NOW) == NOW + timedelta(hours=1)
    assert rows("SELECT name, schedule_id, job_id IS NOT NULL FROM job_run") == [("retain", id, True)]
    assert rows("SELECT last_run, next_run FROM schedule") == [(NOW, NOW + timedelta(hours=1))]


async def test_what_is_not_due_yet_is_left(pool: Pool, rows: Ask) -> None:
    await schedule(pool, next_run=NOW + timedelta(seconds=1))
    assert await due.turn(pool, NOW) == NOW + timedelta(seconds=1)
    assert rows("SELECT 1 FROM job_run") == []


async def test_what_was_missed_for_days_runs_once(pool: Pool, rows: Ask) -> None:
    await schedule(pool, cron="*/5 * * * *", next_run=NOW - timedelta(days=3))
    await due.turn(pool, NOW)
    await due.turn(pool, NOW)
    assert rows("SELECT count(*) FROM job_run") == [(1,)]


async def test_a_turn_while_the_one_before_still_waits_is_that_one(pool: Pool, rows: Ask) -> None:
    await schedule(pool, cron="*/5 * * * *")
    for number in range(4):
        await due.turn(pool, NOW + timedelta(minutes=5 * number))
    assert rows("SELECT count(*) FROM job_run") == [(1,)]


async def test_what_is_switched_off_does_not_run(pool: Pool, rows: Ask) -> None:
    await schedule(pool)
    rows("UPDATE schedule SET enabled = false")
    assert await due.turn(pool, NOW) is None
    assert rows("SELECT 1 FROM job_run") == []


async def test_several_at_once_start_each_once(pool: Pool, rows: Ask) -> None:
    for _ in range(30):
        await schedule(pool, job=f"job {uuid4()}")
    await asyncio.gather(*(due.turn(pool, NOW) for _ in range(4)))
    assert rows("SELECT count(*), count(job_id), count(DISTINCT job_id) FROM job_run") == [(30, 30, 30)]
    assert rows("SELECT count(*) FROM procrastinate_jobs") == [(30,)]


async def test_more_than_a_batch_is_started_in_one_turn(pool: Pool, rows: Ask) -> None:
    rows(
        "INSERT INTO schedule (name, job, cron, zone, next_run) "
        "SELECT n::text, n::text, '0 0 * * *', 'UTC', %s FROM generate_series(1, 250) n",
        NOW,
    )
    await due.turn(pool, NOW)
    assert rows("SELECT count(*) FROM procrastinate_jobs") == [(250,)]


async def test_a_zone_that_is_gone_stops_its_schedule_and_no_other(pool: Pool, rows: Ask) -> None:
    await schedule(pool)
    await schedule(pool, job="update_feed")
    rows("UPDATE schedule SET zone = 'Mars/Olympus' WHERE job = 'retain'")
    assert await due.turn(pool, NOW) == NOW + timedelta(hours=1)
    assert rows("SELECT job FROM schedule WHERE next_run IS NULL") == [("retain",)]


async def test_a_source_is_scanned_as_it_stands_then(pool: Pool, rows: Ask) -> None:
    id = await schedule(pool, job="scan_source")
    ((source,),) = rows("INSERT INTO source (name, reference) VALUES ('a', 'nginx') RETURNING id")
    rows("UPDATE schedule SET source_id = %s WHERE id = %s", source, id)
    rows("UPDATE source SET reference = 'redis'")
    await due.turn(pool, NOW)
    assert rows("SELECT lock, source_id, arguments ->> 'reference' FROM job_run") == [
        (f"source {source}", source, "redis")
    ]


async def test_a_new_console_has_its_own_schedules_once(pool: Pool, rows: Ask) -> None:
    async with pool.connection() as connection:
        await due.begin(connection, NOW, offline=False, look=True)
        assert rows("SELECT name FROM schedule ORDER BY name") == [(due.RETAIN,), (due.MACHINE,), (due.FEED,)]
        assert rows("SELECT reference, trusted FROM source") == [("host:", True)]
        rows("DELETE FROM schedule WHERE job = 'update_feed'")
        await due.begin(connection, NOW, offline=False, look=True)
    assert rows("SELECT count(*) FROM schedule") == [(2,)]


async def test_one_that_may_fetch_nothing_has_no_feed_to_update(pool: Pool, rows: Ask) -> None:
    async with pool.connection() as connection:
        await due.begin(connection, NOW, offline=True)
    assert rows("SELECT job FROM schedule") == [("retain",)]


async def test_a_wish_wakes_whoever_starts_them(pool: Pool, database: str, rows: Ask) -> None:
    task = asyncio.create_task(due.keep(pool, database, lambda: NOW))
    try:
        async with asyncio.timeout(10):
            while not rows("SELECT 1 FROM pg_stat_activity WHERE application_name = 'rightshift due'"):
                await asyncio.sleep(0.01)
            rows("INSERT INTO job_run (name) VALUES ('retain')")
            rows("SELECT pg_notify('wishes', '')")
            while not rows("SELECT 1 FROM procrastinate_jobs"):
                await asyncio.sleep(0.01)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@given(st.uuids(), st.integers(1, 1_000))
def test_an_installations_share_stays_the_same_and_in_bounds(own: UUID, count: int) -> None:
    assert due.share(own, "minute", count) == due.share(own, "minute", count)
    assert 0 <= due.share(own, "minute", count) < count
