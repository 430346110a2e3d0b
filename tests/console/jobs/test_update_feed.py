"""The feed's job: what it does where nothing may be fetched, nothing answers, and nothing is there yet."""

from pathlib import Path

from rightshift.config import Config
from rightshift.console.jobs import feed_files, queue, update_feed
from rightshift.console.jobs.job import Job, Surroundings
from rightshift.console.store.pool import Pool
from rightshift.feed.lookup import Feed
from tests.console.jobs.clock import clock
from tests.console.jobs.conftest import Ask, Wish
from tests.console.jobs.tried import QUICK, Order
from tests.feed.bucket import many, served


async def test_nothing_is_fetched_where_nothing_may_be(around: Surroundings, wish: Wish, rows: Ask) -> None:
    id = await wish("update_feed", Order())
    await queue.once(id, around, {"update_feed": update_feed.JOB}, QUICK)
    ((state, error),) = rows("SELECT state, error FROM job_run")
    assert state == "failed"
    assert error.startswith("RIGHTSHIFT_OFFLINE is on")


async def test_mirrors_that_do_not_answer_are_told_of_without_their_passwords(
    pool: Pool, around: Surroundings, wish: Wish, rows: Ask
) -> None:
    urls = ("http://user:secret@127.0.0.1:1/a", "http://127.0.0.1:1/b")
    config = Config(home=around.config.home, feed_urls=urls)
    online = Surroundings(pool=pool, url=around.url, config=config, clock=clock, embedded=True)
    id = await wish("update_feed", Order())
    once = Job(name="update_feed", run=update_feed.JOB.run, timeout_s=60, attempts=1)
    await queue.once(id, online, {"update_feed": once}, QUICK)
    ((state, error),) = rows("SELECT state, error FROM job_run")
    assert state == "failed"
    lines = [line for (line,) in rows("SELECT line FROM job_log ORDER BY id")]
    assert lines[0].startswith("mirror 1 was of no use")
    assert "secret" not in error + "".join(lines)


async def test_a_console_that_has_none_gets_the_starter_feed(around: Surroundings) -> None:
    await update_feed.begin(around.config)
    with Feed.open(around.config.feed) as feed:
        assert feed.status().starter
    await update_feed.begin(around.config)


async def test_a_feed_that_differs_very_much_is_taken_when_somebody_says_so(
    pool: Pool, database: str, tmp_path: Path, wish: Wish, rows: Ask
) -> None:
    once = Job(name="update_feed", run=update_feed.JOB.run, timeout_s=60, attempts=1)
    with served() as bucket:
        config = Config(home=tmp_path, feed_urls=(bucket.url,))
        around = Surroundings(pool=pool, url=database, config=config, clock=clock, embedded=True)
        for count, confirm, wanted in ((2, False, "done"), (40, False, "failed"), (40, True, "done")):
            bucket.put(*many(count))
            id = await wish("update_feed", update_feed.Wanted(confirm=confirm))
            await queue.once(id, around, {"update_feed": once}, QUICK)
            assert rows("SELECT state FROM job_run WHERE id = %s", id) == [(wanted,)]


async def test_replicas_that_share_no_disk_build_one_line_of_generations(
    pool: Pool, database: str, tmp_path: Path, wish: Wish, rows: Ask
) -> None:
    with served() as bucket:
        for number, home in enumerate(("one", "other"), 1):
            bucket.put(*many(20 + number))
            config = Config(home=tmp_path / home, feed_urls=("http://127.0.0.1:1/none", bucket.url))
            around = Surroundings(pool=pool, url=database, config=config, clock=clock, embedded=False)
            id = await wish("update_feed", Order())
            await queue.once(id, around, {"update_feed": update_feed.JOB}, QUICK)
            ((state, error, result),) = rows("SELECT state, error, result FROM job_run WHERE id = %s", id)
            assert (state, error) == ("done", "")
            assert (result["generation"], result["records"], result["changed"]) == (
                number,
                20 + number,
                21 if number == 1 else 1,
            )
        # the second built on what the first one gave to the database, and the first one gets it back
        assert await feed_files.fetch(pool, tmp_path / "one" / "feed")
    with Feed.open(tmp_path / "one" / "feed") as one, Feed.open(tmp_path / "other" / "feed") as other:
        assert (one.lineage, one.generation) == (other.lineage, other.generation)
    assert rows("SELECT DISTINCT generation FROM feed_file") == [(2,)]
