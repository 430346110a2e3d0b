"""Open pages learn what happened, each only what it may see, and never without bounds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import psycopg
import pytest

from rightshift.console import live as lives
from rightshift.console.live import Live, Stream
from rightshift.console.store import listening
from rightshift.console.store.pool import Pool
from rightshift.console.store.read.happened import Happened
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
    await made.begun.wait()
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def told(stream: Stream, number: int) -> list[Happened]:
    found: list[Happened] = []
    while len(found) < number:
        some = await stream.take(10)
        assert some
        found += some
    return found


async def test_what_happens_is_told_to_who_may_know(live: Live, pool: Pool, rows: Rows) -> None:
    team = rows("INSERT INTO team (name) VALUES ('shop') RETURNING id")[0][0]
    assert isinstance(team, UUID)
    with live.stream(EVERYTHING) as everything, live.stream(Scope(frozenset({team}))) as shop:
        with live.stream(Scope(frozenset())) as nothing:
            assert live.open == 3
            rows(ADDED)
            seen = await told(everything, 2)
            assert [one.event.kind for one in seen] == ["asset.new", "asset.new"]
            assert [one.event for one in await told(shop, 1)] == [seen[1].event]
            assert await shop.take(0) == []
            assert await nothing.take(0) == []
    assert live.open == 0


async def test_who_does_not_read_is_behind_and_holds_nothing_up(
    live: Live, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lives, "WAITING", 3)
    with live.stream(EVERYTHING) as slow, live.stream(EVERYTHING) as quick:
        rows("INSERT INTO event (kind) SELECT 'x' FROM generate_series(1, 10)")
        rows("SELECT pg_notify('events', '')")
        assert [one.event.id for one in await told(quick, 10)] == list(range(1, 11))
        assert slow.behind == "slow"
        assert await slow.take(10) == []
        assert slow.begin_anew() == "slow"
        rows("INSERT INTO event (kind) VALUES ('x')")
        rows("SELECT pg_notify('events', '')")
        assert [one.event.id for one in await told(slow, 1)] == [11]


async def test_what_is_seen_no_more_is_not_told_though_it_waits(live: Live, rows: Rows) -> None:
    with live.stream(EVERYTHING) as stream, live.stream(EVERYTHING) as other:
        rows("INSERT INTO event (kind) VALUES ('x')")
        rows("SELECT pg_notify('events', '')")
        await told(other, 1)
        stream.see(EVERYTHING)
        assert stream.behind is None
        stream.see(Scope(frozenset()))
        assert await stream.take(0) == []
        assert stream.begin_anew() == "scope"
        rows("INSERT INTO event (kind) VALUES ('x')")
        rows("SELECT pg_notify('events', '')")
        await told(other, 1)
        assert await stream.take(0) == []


async def test_once_stopped_there_are_no_streams(live: Live) -> None:
    with live.stream(EVERYTHING) as stream:
        waiting = asyncio.create_task(stream.take(60))
        await asyncio.sleep(0)
        live.stop()
        assert await asyncio.wait_for(waiting, 10) == []
        assert stream.over
    with live.stream(EVERYTHING) as late:
        assert late.over


async def test_one_caller_leaves_room_for_others(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lives, "OF_ONE", 1)
    monkeypatch.setattr(lives, "STREAMS", 2)
    with live.stream(EVERYTHING, caller="a"):
        with pytest.raises(lives.TooManyStreams), live.stream(EVERYTHING, caller="a"):
            pass
        with live.stream(EVERYTHING, caller="b"):
            with pytest.raises(lives.TooManyStreams), live.stream(EVERYTHING, caller="c"):
                pass
    with live.stream(EVERYTHING, caller="a"):
        assert live.open == 1


async def test_numbers_are_seen_in_their_order(live: Live, database: str, rows: Rows) -> None:
    """A transaction that adds events waits for the one before: else a higher number would be seen first."""
    with live.stream(EVERYTHING) as stream, psycopg.connect(database) as first, psycopg.connect(database) as second:
        first.execute("INSERT INTO event (kind) VALUES ('first')")
        waiting = asyncio.create_task(asyncio.to_thread(_add, second))
        while not rows("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
            await asyncio.sleep(0.01)
        first.commit()
        await waiting
        assert [one.event.kind for one in await told(stream, 2)] == ["first", "second"]


def _add(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    connection.execute("INSERT INTO event (kind) VALUES ('second')")
    connection.execute("SELECT pg_notify('events', '')")
    connection.commit()


async def test_a_lost_connection_loses_nothing(live: Live, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "AGAIN_S", 0.05)
    with live.stream(EVERYTHING) as stream:
        rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rightshift live'"
            " AND datname = current_database()"
        )
        rows("INSERT INTO event (kind) VALUES ('x')")
        assert [one.event.kind for one in await told(stream, 1)] == ["x"]
