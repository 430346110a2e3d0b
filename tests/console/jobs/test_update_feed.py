"""The feed's job: what it does where nothing may be fetched, nothing answers, and nothing is there yet."""

from rightshift.config import Config
from rightshift.console.jobs import queue, update_feed
from rightshift.console.jobs.job import Job, Surroundings
from rightshift.console.store.pool import Pool
from rightshift.feed.lookup import Feed
from tests.console.jobs.clock import clock
from tests.console.jobs.conftest import Ask, Wish
from tests.console.jobs.tried import QUICK, Order


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
