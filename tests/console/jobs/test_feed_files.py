"""The feed between processes that share no disk: the same files everywhere, whole or not at all."""

import asyncio
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from rightshift.console.jobs import feed_files
from rightshift.console.store import feed_files as store
from rightshift.console.store.pool import Pool
from rightshift.errors import FeedError
from rightshift.feed import starter
from rightshift.feed.lookup import Feed
from tests.console.jobs.clock import clock
from tests.console.jobs.conftest import Ask


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A feed, which travels in several parts."""
    monkeypatch.setattr(feed_files, "PART_BYTES", 10_000)
    starter.opened(tmp_path / "built").close()
    (tmp_path / "built" / "state.json").write_text("{}")
    return tmp_path / "built"


async def test_what_one_built_all_have(pool: Pool, built: Path, tmp_path: Path, rows: Ask) -> None:
    await feed_files.publish(pool, built, clock())
    assert rows("SELECT min(parts) FROM feed_file WHERE name = 'feed.sqlite'")[0][0] > 3
    assert await feed_files.fetch(pool, tmp_path / "other")
    for name in feed_files.NAMES:
        assert (tmp_path / "other" / name).read_bytes() == (built / name).read_bytes()
    with Feed.open(tmp_path / "other") as feed:
        assert feed.status().records > 0


async def test_what_is_there_is_not_fetched_again(pool: Pool, built: Path, tmp_path: Path) -> None:
    await feed_files.publish(pool, built, clock())
    assert await feed_files.fetch(pool, tmp_path / "other")
    assert not await feed_files.fetch(pool, tmp_path / "other")
    assert not await feed_files.fetch(pool, built)


async def test_files_that_somebody_else_wrote_are_replaced(pool: Pool, built: Path, tmp_path: Path) -> None:
    await feed_files.publish(pool, built, clock())
    await feed_files.fetch(pool, tmp_path / "other")
    (tmp_path / "other" / "state.json").write_text("{} ")
    assert await feed_files.fetch(pool, tmp_path / "other")
    assert (tmp_path / "other" / "state.json").read_text() == "{}"


async def test_nothing_is_fetched_where_nothing_was_built(pool: Pool, tmp_path: Path) -> None:
    assert not await feed_files.fetch(pool, tmp_path / "other")
    assert not (tmp_path / "other").exists()


async def test_only_the_newest_files_are_kept(pool: Pool, built: Path, tmp_path: Path, rows: Ask) -> None:
    await feed_files.publish(pool, built, clock())
    (built / "state.json").write_text('{"a": 1}')
    await feed_files.publish(pool, built, clock() + timedelta(minutes=1))
    assert rows("SELECT count(*) FROM feed_file") == [(3,)]
    assert rows("SELECT count(*) FROM feed_part p LEFT JOIN feed_file f USING (sha256) WHERE f.name IS NULL") == [(0,)]
    assert await feed_files.fetch(pool, tmp_path / "other")
    assert (tmp_path / "other" / "state.json").read_text() == '{"a": 1}'


async def test_a_part_that_was_changed_or_lost_is_noticed_and_the_old_feed_stays(
    pool: Pool, built: Path, tmp_path: Path, rows: Ask
) -> None:
    other = tmp_path / "other"
    starter.opened(other).close()
    before = (other / "feed.sqlite").read_bytes()
    await feed_files.publish(pool, built, clock())
    rows("UPDATE feed_part SET content = content || 'x' WHERE part = 1")
    with pytest.raises(FeedError, match="is not what its digest says"):
        await feed_files.fetch(pool, other)
    rows("DELETE FROM feed_part")
    with pytest.raises(FeedError, match="is not what its digest says"):
        await feed_files.fetch(pool, other)
    assert (other / "feed.sqlite").read_bytes() == before
    assert [file for file in other.iterdir() if file.name.startswith(".new-")] == []


async def test_a_bundle_that_one_imports_all_have(pool: Pool, database: str, built: Path, tmp_path: Path) -> None:
    def feed(home: str, *words: str) -> None:
        environ = {**os.environ, "RIGHTSHIFT_HOME": str(tmp_path / home), "RIGHTSHIFT_DATABASE_URL": database}
        run = [sys.executable, "-m", "rightshift", "feed", *words]
        ended = subprocess.run(run, env=environ, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr

    key = str(tmp_path / "key.pem")
    built.rename(tmp_path / "feed")
    await asyncio.to_thread(feed, ".", "export", str(tmp_path / "bundle"), "--key", key)
    await asyncio.to_thread(feed, "one", "import", str(tmp_path / "bundle"), "--trust", f"{key}.pub")
    assert await feed_files.fetch(pool, tmp_path / "other")
    assert not await feed_files.fetch(pool, tmp_path / "one" / "feed"), "it has it already"
    with Feed.open(tmp_path / "one" / "feed") as one, Feed.open(tmp_path / "other") as other:
        assert (one.lineage, one.generation) == (other.lineage, other.generation)


async def test_files_that_are_put_half_way_are_seen_by_nobody(pool: Pool, built: Path, tmp_path: Path) -> None:
    async with pool.connection() as connection:
        await store.put_part(connection, b"\1" * 32, 0, b"half")
    assert not await feed_files.fetch(pool, tmp_path / "other")


async def test_who_follows_has_it_as_soon_as_it_is_told(
    pool: Pool, database: str, built: Path, tmp_path: Path, rows: Ask
) -> None:
    other = tmp_path / "other"
    task = asyncio.create_task(feed_files.follow(pool, database, other))
    try:
        async with asyncio.timeout(20):
            while not rows("SELECT 1 FROM pg_stat_activity WHERE application_name = 'rightshift feed'"):
                await asyncio.sleep(0.01)
            await feed_files.publish(pool, built, clock())
            while not (other / "feed.sqlite").exists():
                rows("SELECT pg_notify('feed', '')")
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
