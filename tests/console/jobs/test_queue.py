"""The queue: each run once, again where that helps, ended by a cancel or the time, never two under one lock."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from rightshift.console.jobs import queue
from rightshift.console.jobs.job import Surroundings
from rightshift.console.store import progress
from rightshift.console.store.pool import Pool
from tests.console.jobs.clock import clock
from tests.console.jobs.conftest import Ask, Ended, Started, Wish, Working
from tests.console.jobs.tried import JOBS, QUICK, Order

DEAF = (
    "CREATE FUNCTION deaf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'",
    "CREATE TRIGGER deaf BEFORE UPDATE ON procrastinate_workers FOR EACH ROW EXECUTE FUNCTION deaf()",
)
"""Whoever says that it lives is refused, once and for all."""


async def test_a_wish_is_run_once_and_says_what_came_of_it(
    working: Working, wish: Wish, ended: Ended, traces: Ask
) -> None:
    async with working():
        id = await wish("trace")
        assert await ended(id) == ("done", 1, "", {"attempt": 1})
    assert traces("SELECT count(*) FROM trace") == [(1,)]
    assert traces("SELECT count(*) FROM procrastinate_jobs") == [(0,)]


async def test_what_was_wished_before_there_was_a_worker_is_run(
    working: Working, wish: Wish, ended: Ended, traces: Ask
) -> None:
    id = await wish("trace")
    async with working():
        assert (await ended(id))[0] == "done"


async def test_a_failure_is_tried_again_and_written_down(
    working: Working, wish: Wish, ended: Ended, traces: Ask, rows: Ask
) -> None:
    async with working():
        id = await wish("trace", Order(fails=2))
        state, attempt, _, _ = await ended(id)
    assert (state, attempt) == ("done", 3)
    lines = [line for (line,) in rows("SELECT line FROM job_log WHERE run_id = %s ORDER BY id", id)]
    assert lines == ["attempt 1: It did not answer", "attempt 2: It did not answer"]


async def test_it_is_not_tried_for_ever(working: Working, wish: Wish, ended: Ended, traces: Ask) -> None:
    async with working():
        id = await wish("twice", Order(fails=9))
        assert await ended(id) == ("failed", 2, "It did not answer", None)


async def test_what_is_wrong_is_not_tried_again(working: Working, wish: Wish, ended: Ended, traces: Ask) -> None:
    async with working():
        one, other = await wish("trace", Order(wrong=True)), await wish("aside", Order(wrong=True))
        assert await ended(one) == ("failed", 1, "That is wrong", None)
        assert await ended(other) == ("failed", 1, "That is wrong", None)


async def test_a_job_that_this_version_does_not_know_fails(working: Working, wish: Wish, ended: Ended) -> None:
    async with working():
        id = await wish("unheard_of")
        assert (await ended(id))[2] == "This version has no such job"


async def test_two_workers_never_run_one_lock_at_once(started: Started, wish: Wish, ended: Ended, traces: Ask) -> None:
    started(), started()
    for _ in range(6):
        # one waits and one runs at most: the wish waits for its place
        while True:
            try:
                await wish("trace", Order(takes_s=0.05), lock="one")
                break
            except AssertionError:
                await asyncio.sleep(0.01)
    last = await wish("trace", Order(), lock="another")
    await ended(last)
    async with asyncio.timeout(30):
        while traces("SELECT count(*) FROM trace WHERE ended IS NOT NULL") != [(7,)]:
            await asyncio.sleep(0.05)
    overlapping = """
        SELECT count(*) FROM trace a JOIN trace b ON a.ctid < b.ctid
        JOIN job_run r ON r.id = a.run JOIN job_run s ON s.id = b.run
        WHERE r.lock = 'one' AND s.lock = 'one' AND a.began < b.ended AND b.began < a.ended"""
    assert traces(overlapping) == [(0,)]


async def test_a_second_wish_under_a_lock_that_waits_is_the_first_one(pool: Pool, wish: Wish) -> None:
    await wish("trace", lock="one")
    with pytest.raises(AssertionError):
        await wish("trace", lock="one")


async def test_a_cancel_ends_the_process_that_works(
    working: Working, wish: Wish, ended: Ended, pool: Pool, tmp_path: Path
) -> None:
    file = tmp_path / "pid"
    async with working():
        id = await wish("aside", Order(takes_s=60, file=str(file)))
        pid = await written(file)
        await cancel(pool, id)
        assert (await ended(id))[0] == "cancelled"
        await is_gone(pid)


async def test_also_one_that_does_not_want_to_end(
    working: Working, wish: Wish, ended: Ended, pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rightshift.console.jobs.child.GRACE_S", 0.1)
    file = tmp_path / "pid"
    async with working():
        id = await wish("aside", Order(takes_s=60, deaf=True, file=str(file)))
        pid = await written(file)
        await cancel(pool, id)
        assert (await ended(id))[0] == "cancelled"
        await is_gone(pid)


async def test_what_takes_too_long_is_ended(working: Working, wish: Wish, ended: Ended, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    async with working():
        id = await wish("hasty", Order(takes_s=60, file=str(file)))
        assert await ended(id) == ("failed", 1, "It took longer than 0 s", None)
        if file.exists():
            await is_gone(int(file.read_text()))


async def test_a_process_that_is_killed_is_a_failure(working: Working, wish: Wish, ended: Ended) -> None:
    async with working():
        id = await wish("aside", Order(fails=1))
        state, attempts, error, _ = await ended(id)
    assert (state, attempts) == ("failed", 2)
    assert error == "The process that did the work ended without a word (SIGKILL)"


async def test_the_heavy_part_runs_when_nothing_else_wants_to(
    working: Working, wish: Wish, ended: Ended, rows: Ask
) -> None:
    async with working():
        id = await wish("aside")
        assert (await ended(id))[3] == {"said": f"priority {os.SCHED_IDLE}"}
    assert rows("SELECT line FROM job_log WHERE run_id = %s", id) == [("it has begun",)]


async def test_what_a_stopped_worker_ran_is_run_by_the_next(
    working: Working, wish: Wish, ended: Ended, traces: Ask
) -> None:
    async with working():
        id = await wish("trace", Order(takes_s=0.3))
        async with asyncio.timeout(10):
            while not traces("SELECT 1 FROM trace"):
                await asyncio.sleep(0.01)
    assert traces("SELECT state FROM job_run") == [("waiting",)]
    async with working():
        assert (await ended(id))[:2] == ("done", 2)


@pytest.mark.check("D02")
async def test_what_a_killed_worker_ran_is_run_again_when_its_lease_is_over(
    started: Started, wish: Wish, ended: Ended, traces: Ask, tmp_path: Path
) -> None:
    first = started()
    file = tmp_path / "pid"
    one = await wish("trace", Order(first_takes_s=60))
    other = await wish("aside", Order(takes_s=0.5, file=str(file)))
    pid = await written(file)
    async with asyncio.timeout(10):
        while not traces("SELECT 1 FROM trace"):
            await asyncio.sleep(0.01)
    first.kill()
    first.wait()
    await is_gone(pid)
    started()
    assert (await ended(one))[:2] == ("done", 2)
    assert (await ended(other))[0] == "done"
    assert traces("SELECT times FROM effect") == [(1,)]


async def test_a_worker_that_is_not_heard_of_any_more_ends_so_that_another_takes_its_place(
    started: Started, wish: Wish, ended: Ended, traces: Ask, rows: Ask
) -> None:
    deaf = started()
    await ended(await wish("trace"))
    for statement in DEAF:
        rows(statement)
    assert await asyncio.to_thread(deaf.wait, 20) != 0
    rows("DROP TRIGGER deaf ON procrastinate_workers")
    started()
    assert (await ended(await wish("trace")))[0] == "done"


async def test_a_worker_that_was_held_up_works_on(
    started: Started, working: Working, wish: Wish, ended: Ended, traces: Ask
) -> None:
    held = started()
    await ended(await wish("trace"))
    held.send_signal(signal.SIGSTOP)
    silent = "SELECT 1 FROM procrastinate_workers WHERE last_heartbeat < now() - make_interval(secs => 2)"
    async with asyncio.timeout(10):
        while not traces(silent):
            await asyncio.sleep(0.01)
    async with working():  # which gives back what is held by whoever is not heard of
        await ended(await wish("trace"))
        await asyncio.sleep(2 * QUICK.lease_s)
    held.send_signal(signal.SIGCONT)
    await ended(await wish("trace"))
    assert held.poll() is None


@pytest.mark.check("D02")
@pytest.mark.parametrize(("kills", "count"), [(6, 20), pytest.param(100, 300, marks=pytest.mark.prove)])
async def test_workers_killed_at_any_time_do_each_job_and_its_effect_once(
    kills: int, count: int, started: Started, wish: Wish, ended: Ended, traces: Ask
) -> None:
    ids = [await wish("trace", Order(takes_s=0.02 * (number % 5)), lock=f"lock {number}") for number in range(count)]
    for number in range(kills):
        process = started()
        before = traces("SELECT count(*) FROM trace")[0][0]
        begun, left = "SELECT count(*) FROM trace", "SELECT 1 FROM job_run WHERE state IN ('waiting', 'running')"
        async with asyncio.timeout(20):
            while traces(begun)[0][0] <= before + number % 3 and traces(left):
                await asyncio.sleep(0.001)
        process.kill()
        process.wait()
    started()
    for id in ids:
        assert (await ended(id))[0] == "done"
    assert traces("SELECT count(*), sum(times) FROM effect") == [(count, count)]


@pytest.mark.check("D13")
async def test_what_ends_its_worker_each_time_is_given_up(
    pool: Pool, around: Surroundings, wish: Wish, rows: Ask
) -> None:
    id = await wish("twice")
    async with pool.connection() as connection:
        await progress.send(connection)
        for _ in range(2):
            await connection.execute("UPDATE procrastinate_jobs SET status = 'doing'")
            await progress.begin(connection, id, clock())
            assert await queue.returned(around, JOBS, QUICK) == 1
    assert rows("SELECT state, error FROM job_run") == [("failed", "The worker ended in each of 2 attempts")]
    assert rows("SELECT count(*) FROM procrastinate_jobs") == [(0,)]


async def test_a_run_whose_lock_somebody_holds_waits(pool: Pool, around: Surroundings, wish: Wish, rows: Ask) -> None:
    id = await wish("trace", lock="one")
    async with pool.connection() as connection:
        assert await progress.take(connection, "one")
        with pytest.raises(queue.Again):
            await queue.once(id, around, JOBS, QUICK)
    assert rows("SELECT state, attempt FROM job_run") == [("waiting", 0)]


async def test_a_run_whose_session_is_lost_ends_at_once(
    around: Surroundings, wish: Wish, rows: Ask, traces: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await wish("trace", Order(takes_s=60), lock="one")
    task = asyncio.create_task(queue.once(id, around, JOBS, QUICK))
    async with asyncio.timeout(10):
        while not traces("SELECT 1 FROM trace"):
            await asyncio.sleep(0.01)
        rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rightshift job'")
        with pytest.raises(queue.Again):
            await task
    assert rows("SELECT state FROM job_run") == [("waiting",)]


async def test_what_has_ended_is_not_run_again(
    pool: Pool, around: Surroundings, wish: Wish, rows: Ask, traces: Ask
) -> None:
    id = await wish("trace")
    await queue.once(id, around, JOBS, QUICK)
    await queue.once(id, around, JOBS, QUICK)
    assert traces("SELECT count(*) FROM trace") == [(1,)]


async def cancel(pool: Pool, id: object) -> None:
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("UPDATE job_run SET cancel = true WHERE id = %s", (id,))
        await connection.execute(
            "SELECT procrastinate_cancel_job_v1(job_id, true, true) FROM job_run WHERE id = %s", (id,)
        )


async def written(file: Path) -> int:
    async with asyncio.timeout(20):
        while not (file.exists() and file.read_text()):
            await asyncio.sleep(0.01)
    return int(file.read_text())


async def is_gone(pid: int) -> None:
    async with asyncio.timeout(10):
        while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split(") ")[1][:1]:
            await asyncio.sleep(0.01)
