"""Word from the database is heard once it is said."""

import asyncio
from collections.abc import AsyncIterator, Callable

import psycopg
import pytest

from rightshift.console.store import listening
from rightshift.console.store.pool import Connection

Rows = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Connection]:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as made:
        await made.execute("LISTEN one")
        await made.execute("LISTEN other")
        yield made


async def test_word_ends_the_wait(connection: Connection, rows: Rows) -> None:
    waiting = asyncio.create_task(listening.word(connection, 60))
    await asyncio.sleep(0)
    rows("SELECT pg_notify('one', '')")
    assert await asyncio.wait_for(waiting, 10) == {"one"}


async def test_word_that_came_before_is_heard_too(connection: Connection, rows: Rows) -> None:
    rows("SELECT pg_notify('one', ''), pg_notify('other', '')")
    found: set[str] = set()
    while found != {"one", "other"}:
        found |= await asyncio.wait_for(listening.word(connection, 60), 10)
    assert await listening.word(connection, 0) == frozenset()


async def test_an_event_and_the_time_end_it_too(connection: Connection) -> None:
    event = asyncio.Event()
    waiting = asyncio.create_task(listening.word(connection, 60, event))
    await asyncio.sleep(0)
    event.set()
    assert await asyncio.wait_for(waiting, 10) == frozenset()
    assert await asyncio.wait_for(listening.word(connection, 0.01), 10) == frozenset()


async def test_a_lost_connection_is_made_again_and_a_turn_taken(
    database: str, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "AGAIN_S", 0.01)
    turns: asyncio.Queue[None] = asyncio.Queue()

    async def turn() -> float:
        turns.put_nowait(None)
        return 60.0

    task = asyncio.create_task(listening.keep(database, "one", "test of listening", turn))
    await asyncio.wait_for(turns.get(), 10)
    rows("SELECT pg_notify('one', '')")
    await asyncio.wait_for(turns.get(), 10)
    rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%test of listening'")
    await asyncio.wait_for(turns.get(), 10)
    task.cancel()
    assert isinstance((await asyncio.gather(task, return_exceptions=True))[0], asyncio.CancelledError)
