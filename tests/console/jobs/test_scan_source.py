"""Scans of sources: the real scanner in its own processes, the document kept once."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from rightshift.console.jobs import queue
from rightshift.console.jobs.job import Surroundings
from rightshift.console.jobs.scan_source import JOB, Wanted
from rightshift.console.store.pool import Pool
from tests.console.jobs.conftest import Ask, Wish
from tests.console.jobs.tried import QUICK

LOCK = '[[package]]\nname = "serde"\nversion = "1.0.1"\nsource = "registry+https://example.org/index"\n'
Done = Callable[[Wanted], Awaitable[tuple[str, str]]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "app"
    made.mkdir()
    (made / "Cargo.lock").write_text(LOCK)
    return made


@pytest.fixture
def done(around: Surroundings, wish: Wish, rows: Ask) -> Done:
    """Scans, and tells how that went."""

    async def scan(wanted: Wanted) -> tuple[str, str]:
        id = await wish("scan_source", wanted)
        await queue.once(id, around, {JOB.name: JOB}, QUICK)
        ((state, error),) = rows("SELECT state, error FROM job_run WHERE id = %s", id)
        return state, error

    return scan


async def test_a_folder_is_scanned_and_kept(done: Done, folder: Path, rows: Ask) -> None:
    assert await done(Wanted(reference=f"dir:{folder}", trusted=True)) == ("done", "")
    assert rows("SELECT p.name, v.version FROM package_version v JOIN package p ON p.id = v.package_id") == [
        ("serde", "1.0.1")
    ]
    assert rows("SELECT sent_by, key FROM scan") == [("a test", f"dir:{folder}")]
    assert rows("SELECT result ->> 'packages' FROM job_run") == [("1",)]
    assert rows("SELECT what FROM dirty WHERE what = 'inventory'") == [("inventory",)]


async def test_only_the_ecosystems_that_are_wished(done: Done, folder: Path, rows: Ask) -> None:
    await done(Wanted(reference=f"dir:{folder}", ecosystems=["npm"], trusted=True))
    assert rows("SELECT packages FROM inventory") == [(0,)]


async def test_a_run_that_is_done_again_keeps_nothing_twice(
    around: Surroundings, wish: Wish, folder: Path, rows: Ask
) -> None:
    id = await wish("scan_source", Wanted(reference=f"dir:{folder}", trusted=True))
    await queue.once(id, around, {JOB.name: JOB}, QUICK)
    # as if the worker had been killed before it wrote down that the run has ended, and something changed since
    rows("UPDATE job_run SET state = 'running', ended = NULL")
    (folder / "Cargo.lock").write_text(LOCK.replace("1.0.1", "1.0.2"))
    await queue.once(id, around, {JOB.name: JOB}, QUICK)
    assert rows("SELECT state, attempt FROM job_run") == [("done", 2)]
    assert rows("SELECT document_id FROM scan") == [(id.hex,)]


async def test_what_was_not_wished_by_an_administrator_reads_nothing_here(done: Done, folder: Path, rows: Ask) -> None:
    state, error = await done(Wanted(reference=f"dir:{folder}"))
    assert (state, error) == ("failed", "Only an administrator may have this machine's files read")
    assert rows("SELECT 1 FROM scan") == []


async def test_what_is_not_there_fails_and_is_not_tried_again(done: Done, folder: Path) -> None:
    state, error = await done(Wanted(reference=f"dir:{folder}/none", trusted=True))
    assert state == "failed"
    assert "is no file or folder here" in error


async def test_without_a_way_out_no_registry_is_asked(done: Done) -> None:
    state, error = await done(Wanted(reference="registry:localhost:1/a/b"))
    assert (state, error) == (
        "failed",
        "It is in no store of this machine. RIGHTSHIFT_OFFLINE is on: no registry is asked",
    )


async def test_a_private_registry_is_asked_only_for_an_administrator(
    pool: Pool, around: Surroundings, wish: Wish, rows: Ask
) -> None:
    asked: list[bytes] = []

    async def registry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(registry, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    online = Surroundings(
        pool=pool,
        url=around.url,
        config=type(around.config)(home=around.config.home),
        clock=around.clock,
        embedded=True,
    )
    async with server:
        for trusted in (False, True):
            wanted = Wanted(reference=f"registry:127.0.0.1:{port}/a/b", trusted=trusted)
            id = await wish("scan_source", wanted)
            with pytest.raises(queue.Again):
                await queue.once(id, online, {JOB.name: JOB}, QUICK)
            assert bool(asked) is trusted
    errors = [error for (error,) in rows("SELECT error FROM job_run ORDER BY created")]
    assert "was not contacted" in errors[0]
