"""Open pages learn what happened, each only what it may see, and never without bounds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import pytest

from rightshift.console import live as lives
from rightshift.console.live import Live
from rightshift.console.store import listening
from rightshift.console.store.pool import Pool
from rightshift.console.store.scope import EVERYTHING, Scope

Rows = Callable[..., list[tuple[object, ...]]]
ADDED = """
    INSERT INTO asset (kind, key, name, first_seen, last_seen)
    SELECT 'host', key, key, now(), now() FROM unnest(ARRAY['a', 'b']) key;
    INSERT INTO event (kind, asset_id) SELECT 'asset.new', id FROM asset ORDER BY key;
    INSERT INTO asset_team SELECT a.id, t.id FROM asset a, team t WHERE a.key = 'b';
    SELECT pg_notify('events', '')
"""


@pytest.fixture
async def live(pool: Pool, database: str) -> AsyncIterator[Live]:
    made = Live(pool, database)
    task = asyncio.create_task(made.run())
    while not await listens(pool):
        await asyncio.sleep(0.01)
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def listens(pool: Pool) -> bool:
    async with pool.connection() as connection:
        found = await connection.execute(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'rightshift live' AND query LIKE 'LISTEN%'"
            " AND datname = current_database()"
        )
        return await found.fetchone() is not None


async def test_what_happens_is_told_to_who_may_know(live: Live, pool: Pool, rows: Rows) -> None:
    team = rows("INSERT INTO team (name) VALUES ('shop') RETURNING id")[0][0]
    assert isinstance(team, UUID)
    async with live.stream(EVERYTHING) as everything, live.stream(Scope(frozenset({team}))) as shop:
        async with live.stream(Scope(frozenset())) as nothing:
            assert live.open == 3
            rows(ADDED)
            seen = [await asyncio.wait_for(everything.waiting.get(), 10) for _ in range(2)]
            assert [one.kind for one in seen] == ["asset.new", "asset.new"]
            (own,) = [await asyncio.wait_for(shop.waiting.get(), 10)]
            assert own.asset == seen[1].asset
            assert shop.waiting.empty()
            assert nothing.waiting.empty()
    assert live.open == 0


async def test_who_does_not_read_is_behind_and_holds_nothing_up(
    live: Live, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lives, "WAITING", 3)
    async with live.stream(EVERYTHING) as slow:
        slow.waiting = asyncio.Queue(3)
        rows("INSERT INTO event (kind) SELECT 'x' FROM generate_series(1, 10)")
        rows("SELECT pg_notify('events', '')")
        while not slow.behind:
            await asyncio.sleep(0.01)
        assert slow.waiting.qsize() == 3


async def test_a_lost_connection_loses_nothing(live: Live, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "AGAIN_S", 0.05)
    async with live.stream(EVERYTHING) as stream:
        rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rightshift live'"
            " AND datname = current_database()"
        )
        rows("INSERT INTO event (kind) VALUES ('x')")
        assert (await asyncio.wait_for(stream.waiting.get(), 10)).kind == "x"
