"""One process by itself: it becomes what it was asked to be, over the database of all, with the keys of all."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.console.test_up import free, ready, until

Rows = Callable[..., list[tuple[object, ...]]]


def words(part: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "rightshift", "up", "--json", "--only", part, *more]


def environ(database: str, home: Path, keys: Path) -> dict[str, str]:
    ours = {"RIGHTSHIFT_HOME": home, "RIGHTSHIFT_VAULT_KEYS": keys, "RIGHTSHIFT_DATABASE_URL": database}
    return {**os.environ, **{name: str(value) for name, value in ours.items()}, "RIGHTSHIFT_OFFLINE": "1"}


@contextmanager
def alone(part: str, environ: dict[str, str], *more: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(words(part, *more), env=environ, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        assert process.stdout
        process.stdout.close()


def test_two_apis_that_start_at_once_are_one_console(database: str, rows: Rows, tmp_path: Path) -> None:
    where = [f"127.0.0.1:{free()}" for _ in range(2)]
    ours = [environ(database, tmp_path / one, tmp_path / "keys") for one in ("one", "other")]
    with alone("api", ours[0], "--listen", where[0]) as one, alone("api", ours[1], "--listen", where[1]) as other:
        assert one.stdout
        assert other.stdout
        links = {json.loads(process.stdout.readline())["link"] for process in (one, other) if process.stdout}
        assert len(links) == 2
        for address in where:
            until("it answers", lambda address=address: ready(f"http://{address}"))
        assert rows("SELECT count(*) FROM one_time_link") == [(1,)], "of an earlier start there is none any more"
        # it is the very process that was started, and it ends in good order
        assert b"rightshift.console.app" in Path(f"/proc/{one.pid}/cmdline").read_bytes()
    assert {one.returncode, other.returncode} <= {0, -signal.SIGTERM}


@pytest.mark.parametrize(
    ("part", "seen"), [("worker", "rightshift due"), ("deriving", "rightshift deriving")], ids=["worker", "deriving"]
)
def test_another_part_says_nothing_and_makes_no_link(
    part: str, seen: str, database: str, rows: Rows, tmp_path: Path
) -> None:
    with alone(part, environ(database, tmp_path, tmp_path / "keys")) as process:
        until("it works", lambda: rows("SELECT 1 FROM pg_stat_activity WHERE application_name = %s", seen))
        assert process.stdout
    assert process.returncode == 0
    assert rows("SELECT count(*) FROM one_time_link") == [(0,)]


def test_one_with_other_keys_is_refused(database: str, tmp_path: Path) -> None:
    with alone("deriving", environ(database, tmp_path / "one", tmp_path / "keys")):
        until("it made them", (tmp_path / "keys").exists)
    refused = subprocess.run(
        words("worker"), env=environ(database, tmp_path, tmp_path / "others"), capture_output=True, text=True
    )
    assert refused.returncode == 1
    assert "The keys of this database's vault are not in" in refused.stderr
    assert not (tmp_path / "others").exists()


def test_it_needs_the_database_of_all(tmp_path: Path) -> None:
    refused = subprocess.run(words("api"), env=environ("", tmp_path, tmp_path / "k"), capture_output=True, text=True)
    assert refused.returncode == 2
    assert "RIGHTSHIFT_DATABASE_URL" in refused.stderr
