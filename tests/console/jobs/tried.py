"""Jobs for tests, which leave traces in a table, and a worker process that has only these."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import msgspec

from rightshift.config import Config
from rightshift.console import worker
from rightshift.console.jobs.inside import Told
from rightshift.console.jobs.job import Job, Result, Running, Surroundings
from rightshift.console.jobs.queue import Pace
from rightshift.console.store import pool as pools
from rightshift.errors import EgressError, UsageError
from tests.console.jobs.clock import clock

TRACES = """
CREATE TABLE trace (
    run uuid NOT NULL, name text NOT NULL, attempt integer NOT NULL, worker integer NOT NULL,
    began timestamptz NOT NULL DEFAULT clock_timestamp(), ended timestamptz
);
CREATE TABLE effect (run uuid PRIMARY KEY, times integer NOT NULL)
"""
QUICK = Pace(lease_s=0.6, beat_s=0.1, look_s=0.1, at_once=2)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """How a job for tests goes."""

    takes_s: float = 0.0
    first_takes_s: float = 0.0
    """In its first attempt, besides."""
    fails: int = 0
    """In how many attempts, from the first on."""
    wrong: bool = False
    """It fails for good."""
    deaf: bool = False
    """Its process does not end when it is asked to."""
    file: str = ""
    """Where its process writes its number."""


async def trace(running: Running) -> Result:
    """Writes when it began and ended; the effect is one that is not there twice when it is done again."""
    order = msgspec.json.decode(running.arguments, type=Order)
    values = (running.id, "trace", running.attempt, os.getpid())
    await running.session.execute("INSERT INTO trace (run, name, attempt, worker) VALUES (%s, %s, %s, %s)", values)
    await asyncio.sleep(order.takes_s + (order.first_takes_s if running.attempt == 1 else 0))
    if order.wrong:
        raise UsageError("That is wrong")
    if running.attempt <= order.fails:
        raise EgressError("It did not answer")
    await running.session.execute("INSERT INTO effect VALUES (%s, 1) ON CONFLICT DO NOTHING", (running.id,))
    await running.session.execute(
        "UPDATE trace SET ended = clock_timestamp() WHERE run = %s AND attempt = %s", (running.id, running.attempt)
    )
    return {"attempt": running.attempt}


async def aside(running: Running) -> Result:
    """The same in a process of its own."""
    order = msgspec.json.decode(running.arguments, type=Order)
    said = await running.child("tests.console.jobs.tried:inside", order)
    return {"said": msgspec.json.decode(said, type=str)}


def inside(order: bytes, told: Told) -> str:
    """What that process does."""
    asked = msgspec.json.decode(order, type=Order)
    if asked.deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if asked.file:
        Path(asked.file).write_text(str(os.getpid()))
    told.log("it has begun")
    told.doing("Sleeping", 1, 2)
    until = time.monotonic() + asked.takes_s
    while time.monotonic() < until:
        time.sleep(0.01)
    if asked.wrong:
        raise UsageError("That is wrong")
    if asked.fails:
        os.kill(os.getpid(), signal.SIGKILL)
    print("what a library prints is no message")
    return f"priority {os.sched_getscheduler(0)}"


JOBS = {
    "trace": Job(name="trace", run=trace, timeout_s=30, attempts=50, pause_s=0.01),
    "twice": Job(name="twice", run=trace, timeout_s=30, attempts=2, pause_s=0.01),
    "aside": Job(name="aside", run=aside, timeout_s=30, attempts=2, pause_s=0.01),
    "hasty": Job(name="hasty", run=aside, timeout_s=0.5, attempts=1),
}


async def main(url: str, home: str) -> None:
    """A worker process that runs these until SIGTERM."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with pools.opened(url, most=6, name="worker") as pool:
        config = Config(home=Path(home), offline=True)
        around = Surroundings(pool=pool, url=url, config=config, clock=clock, embedded=True)
        await worker.work(around, stopping, JOBS, QUICK)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
