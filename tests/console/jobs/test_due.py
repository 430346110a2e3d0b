"""Schedules: due ones become one run each, whatever was missed and whoever looks; what a new console begins with."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from rightshift.console.jobs import due
from rightshift.console.store.pool import Pool

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
Rows = Callable[..., list[tuple[object, ...]]]


def schedule(rows: Rows, cron: str, zone: str = "UTC", *, next_run: datetime = NOW, job: str = "retain") -> None:
    rows(
        "INSERT INTO schedule (name, job, cron, zone, next_run) VALUES (%s, %s, %s, %s, %s)",
        str(uuid4()),
        job,
        cron,
        zone,
        next_run,
    )


def runs(rows: Rows) -> list[tuple[object, ...]]:
    return rows("SELECT name, state, job_id IS NOT NULL FROM job_run ORDER BY created, name")


async def test_what_was_missed_many_times_runs_once(pool: Pool, rows: Rows) -> None:
    schedule(rows, "0 * * * *", next_run=NOW - timedelta(days=3))
    assert await due.turn(pool, NOW) == NOW + timedelta(hours=1)
    assert runs(rows) == [("retain", "waiting", True)]
    assert rows("SELECT last_run, next_run FROM schedule") == [(NOW, NOW + timedelta(hours=1))]


async def test_what_is_not_due_or_off_does_not_run(pool: Pool, rows: Rows) -> None:
    schedule(rows, "0 * * * *", next_run=NOW + timedelta(seconds=1))
    schedule(rows, "0 * * * *", next_run=NOW - timedelta(hours=1), job="update_feed")
    rows("UPDATE schedule SET enabled = false WHERE job = 'update_feed'")
    assert await due.turn(pool, NOW) == NOW + timedelta(seconds=1)
    assert runs(rows) == []


async def test_a_turn_of_what_waits_already_adds_nothing(pool: Pool, rows: Rows) -> None:
    schedule(rows, "* * * * *")
    for minute in range(3):
        await due.turn(pool, NOW + timedelta(minutes=minute))
    assert len(runs(rows)) == 1


async def test_several_that_look_at_once_start_it_once(pool: Pool, rows: Rows) -> None:
    for minute in range(20):
        schedule(rows, f"{minute} 3 * * *", job=f"job {minute:02}")
    await asyncio.gather(*(due.turn(pool, NOW) for _ in range(4)))
    await due.turn(pool, NOW)
    assert runs(rows) == [(f"job {minute:02}", "waiting", True) for minute in range(20)]
    assert rows("SELECT count(*) FROM procrastinate_jobs") == [(20,)]


async def test_a_zone_that_is_not_known_any_more_holds_up_no_other(pool: Pool, rows: Rows) -> None:
    schedule(rows, "0 0 * * *", zone="Mars/Olympus", next_run=NOW - timedelta(minutes=1))
    schedule(rows, "0 0 * * *", job="update_feed")
    assert await due.turn(pool, NOW) == datetime(2026, 1, 6, tzinfo=UTC)
    assert [name for name, *_ in runs(rows)] == ["retain", "update_feed"]
    assert rows("SELECT count(*) FROM schedule WHERE next_run IS NULL") == [(1,)]


async def test_one_looked_at_in_the_second_of_two_equal_hours_runs_once(pool: Pool, rows: Rows) -> None:
    again = datetime(2026, 10, 25, 1, 5, tzinfo=UTC)  # 02:05 in Berlin, for the second time
    schedule(rows, "30 2 * * *", zone="Europe/Berlin", next_run=datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert await due.turn(pool, again) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offline", "look", "jobs"),
    [
        (False, True, ["retain", "scan_source", "update_feed"]),
        (True, True, ["retain", "scan_source"]),
        (True, False, ["retain"]),
        (False, False, ["retain", "update_feed"]),
    ],
)
async def test_a_new_console_begins_with_schedules_of_its_own(
    pool: Pool, rows: Rows, offline: bool, look: bool, jobs: list[str]
) -> None:
    async with pool.connection() as connection:
        await due.begin(connection, NOW, offline=offline, look=look)
    assert [name for (name,) in rows("SELECT job FROM schedule ORDER BY job")] == jobs
    assert rows("SELECT reference FROM source") == ([("host:",)] if look else [])
    await due.turn(pool, NOW)
    assert [name for name, *_ in runs(rows)] == [name for name in jobs if name != "retain"]


async def test_what_people_remove_does_not_come_back(pool: Pool, rows: Rows) -> None:
    async with pool.connection() as connection:
        await due.begin(connection, NOW, offline=False, look=True)
        rows("DELETE FROM schedule")
        rows("DELETE FROM source")
        await due.begin(connection, NOW, offline=False, look=True)
    assert rows("SELECT count(*) FROM schedule") == rows("SELECT count(*) FROM source") == [(0,)]


async def test_a_wish_is_heard_at_once(pool: Pool, database: str, rows: Rows) -> None:
    task = asyncio.create_task(due.keep(pool, database, lambda: NOW))
    try:
        async with asyncio.timeout(20):
            while not rows(
                "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT min(next_run) FROM schedule WHERE enabled'"
            ):
                await asyncio.sleep(0.02)
            schedule(rows, "0 * * * *")
            rows("SELECT pg_notify('wishes', '')")
            while not runs(rows):
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
