"""So many at once and so many behind them; who comes beyond that is told at once."""

import asyncio
import threading

import pytest

from rightshift.console.ingest.turns import LARGE_BYTES, Busy, Turns


async def test_so_many_at_once_and_the_others_after_them() -> None:
    turns, inside, most = Turns(at_once=2, most_waiting=3), 0, 0

    async def one() -> None:
        nonlocal inside, most
        async with turns.turn():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    ended = await asyncio.gather(*(one() for _ in range(8)), return_exceptions=True)
    assert most == 2
    assert sum(isinstance(end, Busy) for end in ended) == 3
    assert turns.waiting == 0
    await one()


async def test_large_work_is_done_in_a_thread_and_small_work_here() -> None:
    turns, here = Turns(), threading.get_ident()
    assert await turns.work(LARGE_BYTES + 1, threading.get_ident) != here
    assert await turns.work(LARGE_BYTES, threading.get_ident) == here


async def test_a_turn_is_given_back_when_its_work_fails() -> None:
    turns = Turns(at_once=1, most_waiting=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await turns.work(LARGE_BYTES + 1, lambda: 1 // 0)


def test_each_loop_has_places_of_its_own() -> None:
    turns = Turns(at_once=1)

    async def crowd() -> None:
        async def one() -> None:
            async with turns.turn():
                await asyncio.sleep(0)

        await asyncio.gather(one(), one(), one())

        passed.append(len(passed))

    passed: list[int] = []
    for _ in range(2):
        asyncio.run(crowd())
    assert passed == [0, 1]


async def test_whoever_would_be_refused_is_told_before_anything_is_read() -> None:
    turns = Turns(at_once=1, most_waiting=1)
    turns.look()
    async with turns.turn():
        turns.look()
        waiting = asyncio.create_task(_take(turns))
        while not turns.waiting:
            await asyncio.sleep(0)
        with pytest.raises(Busy):
            turns.look()
    await waiting
    turns.look()


async def _take(turns: Turns) -> None:
    async with turns.turn():
        pass
