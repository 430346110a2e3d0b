"""Workers for tests: real ones, in this process or in one that may be killed."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest

from rightshift.config import Config
from rightshift.console import worker
from rightshift.console.jobs.job import Surroundings
from rightshift.console.store import pool as pools
from rightshift.console.store import progress
from rightshift.console.store.pool import Pool
from rightshift.console.store.progress import NewRun
from tests.console.jobs.clock import clock
from tests.console.jobs.tried import JOBS, QUICK, TRACES, Order

CHECKOUT = Path(__file__).parents[3]
Wish = Callable[..., Awaitable[UUID]]
Ask = Callable[..., list[tuple[Any, ...]]]
Working = Callable[[], AbstractAsyncContextManager[None]]
Ended = Callable[[UUID], Awaitable[tuple[str, int, str, object]]]


@pytest.fixture(autouse=True)
def _paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that workers start find the jobs of tests too."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(CHECKOUT), str(CHECKOUT / "src")]))


@pytest.fixture
def traces(database: str) -> Ask:
    """The tables that jobs of tests leave traces in; asks them."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TRACES)

    def ask(question: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(database, autocommit=True) as connection:
            return connection.execute(question).fetchall()

    return ask


@pytest.fixture
def around(pool: Pool, database: str, tmp_path: Path) -> Surroundings:
    return Surroundings(
        pool=pool, url=database, config=Config(home=tmp_path / "home", offline=True), clock=clock, embedded=True
    )


@pytest.fixture
def wish(pool: Pool) -> Wish:
    """`await wish("trace", Order(…), lock="x")` adds a run, as the API does."""

    async def add(name: str, order: msgspec.Struct | None = None, lock: str = "") -> UUID:
        arguments = msgspec.json.encode(order or Order()).decode()
        async with pool.connection() as connection:
            id = await progress.wish(
                connection, NewRun(name=name, arguments=arguments, lock=lock, by="a test"), clock()
            )
            await progress.tell(connection, "wishes")
        assert id is not None
        return id

    return add


@pytest.fixture
def ended(pool: Pool) -> Ended:
    """How a run ended, as soon as it has: state, attempts, error, result."""

    async def wait(id: UUID) -> tuple[str, int, str, object]:
        async with asyncio.timeout(30):
            while True:
                async with pool.connection() as connection:
                    found = await connection.execute(
                        "SELECT state, attempt, error, result FROM job_run WHERE id = %s", (id,)
                    )
                    row = await found.fetchone()
                assert row is not None
                if row[0] in ("done", "failed", "cancelled"):
                    return row
                await asyncio.sleep(0.02)

    return wait


@pytest.fixture
def working(around: Surroundings) -> Working:
    """`async with working():` has a worker in this process."""

    @asynccontextmanager
    async def run() -> AsyncIterator[None]:
        stopping = asyncio.Event()
        async with pools.opened(around.url, most=6, name="worker") as pool:
            own = Surroundings(
                pool=pool, url=around.url, config=around.config, clock=around.clock, embedded=around.embedded
            )
            task = asyncio.create_task(worker.work(own, stopping, JOBS, QUICK))
            try:
                yield
            finally:
                stopping.set()
                await task

    return run


Started = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def started(database: str, tmp_path: Path) -> Iterator[Started]:
    """`started()` is a worker process; those that still run are ended."""
    processes: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "tests.console.jobs.tried", database, str(tmp_path / "home")]
        processes.append(subprocess.Popen(words, cwd=CHECKOUT, stderr=subprocess.DEVNULL))
        return processes[-1]

    yield start
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait()
