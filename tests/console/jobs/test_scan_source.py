"""Scans as jobs: real ones of small folders, by workers like the console's. What may be asked for: `test_wanted`."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from rightshift.console import worker
from rightshift.console.jobs.job import Surroundings, declared
from rightshift.console.store import progress
from rightshift.console.store.pool import Pool
from rightshift.console.store.progress import NewRun
from tests.console.jobs.clock import clock
from tests.console.jobs.conftest import Ended
from tests.console.jobs.tried import QUICK

Rows = Callable[..., list[tuple[object, ...]]]
STOP_S = 5.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "app"
    made.mkdir()
    packages = {"node_modules/left-pad": {"version": "1.3.0"}, "node_modules/ms": {"version": "2.1.3"}}
    (made / "package-lock.json").write_text(json.dumps({"lockfileVersion": 3, "packages": packages}))
    return made


async def wish(pool: Pool, reference: str, *, trusted: bool = True) -> UUID:
    arguments = json.dumps({"reference": reference, "ecosystems": [], "trusted": trusted})
    async with pool.connection() as connection:
        new = NewRun(name="scan_source", arguments=arguments, lock=reference, by="somebody")
        id = await progress.wish(connection, new, clock())
        await progress.tell(connection, "wishes")
    assert id is not None
    return id


async def worked(around: Surroundings, ended: Ended, id: UUID) -> tuple[str, int, str, object]:
    """How a run ends with a worker that has the console's jobs."""
    stopping = asyncio.Event()
    task = asyncio.create_task(worker.work(around, stopping, declared(), QUICK))
    try:
        return await ended(id)
    finally:
        stopping.set()
        await task


async def test_what_is_found_is_kept_as_a_scan_of_whoever_wished_it(
    around: Surroundings, pool: Pool, ended: Ended, rows: Rows, folder: Path
) -> None:
    id = await wish(pool, f"dir:{folder}")
    state, attempt, error, result = await worked(around, ended, id)
    assert (state, attempt, error) == ("done", 1, "")
    assert isinstance(result, dict)
    assert (result["scan"], result["packages"], result["gaps"]) == (id.hex, 2, 0)
    assert rows("SELECT document_id, sent_by, partial FROM scan") == [(id.hex, "somebody", False)]
    assert rows("SELECT name FROM package ORDER BY name") == [("left-pad",), ("ms",)]
    assert rows("SELECT count(*) > 0 FROM dirty") == [(True,)]


async def test_a_run_that_begins_again_after_it_stored_stores_nothing_more(
    around: Surroundings, pool: Pool, ended: Ended, rows: Rows, folder: Path
) -> None:
    id = await wish(pool, f"dir:{folder}")
    await worked(around, ended, id)
    # as if the worker had been killed between storing and writing down that it had
    rows("UPDATE job_run SET state = 'waiting', job_id = NULL, result = NULL WHERE id = %s", id)
    state, attempt, _, result = await worked(around, ended, id)
    assert (state, attempt, result) == ("done", 2, {"scan": id.hex})
    assert rows("SELECT count(*) FROM scan") == [(1,)]


@pytest.mark.parametrize(
    ("reference", "trusted"), [("dir:{}", False), ("host:", False), ("dir:{}/nowhere", True), ("dir:relative", True)]
)
async def test_what_can_not_be_scanned_is_said_and_not_tried_again(
    around: Surroundings, pool: Pool, ended: Ended, rows: Rows, folder: Path, reference: str, trusted: bool
) -> None:
    id = await wish(pool, reference.format(folder), trusted=trusted)
    state, attempt, error, _ = await worked(around, ended, id)
    assert (state, attempt) == ("failed", 1)
    assert error
    assert "Traceback" not in error
    assert rows("SELECT count(*) FROM scan") == [(0,)]


async def test_nothing_is_left_in_the_home(around: Surroundings, pool: Pool, ended: Ended, folder: Path) -> None:
    await worked(around, ended, await wish(pool, f"dir:{folder}"))
    left = {one.name for one in around.config.home.rglob("*") if one.is_file()}
    assert not {name for name in left if name.startswith("tmp")}


async def test_the_process_does_what_is_wished_and_ends_soon_after_sigterm(
    pool: Pool, database: str, ended: Ended, rows: Rows, folder: Path, tmp_path: Path
) -> None:
    environ = os.environ | {
        "RIGHTSHIFT_HOME": str(tmp_path / "home"),
        "RIGHTSHIFT_DATABASE_URL": database,
        "RIGHTSHIFT_OFFLINE": "1",
    }
    words = [sys.executable, "-m", "rightshift.console.worker", worker.EMBEDDED]
    process = subprocess.Popen(words, env=environ, stderr=subprocess.PIPE)
    try:
        state, *_ = await ended(await wish(pool, f"dir:{folder}"))
        assert state == "done"
        assert rows("SELECT job FROM schedule") == [("retain",)]
        assert (tmp_path / "home" / "feed" / "feed.sqlite").exists()
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, said = await asyncio.to_thread(process.communicate, None, 30)
        assert time.monotonic() - began < STOP_S
        assert (process.returncode, said) == (0, b"")
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
