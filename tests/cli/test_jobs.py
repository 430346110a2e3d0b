"""Jobs of a console: which there are, the log of one as it grows, and the end of one before its time."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from rightshift.cli.main import main
from tests.cli.answering import Running

MANY = 520
"""Lines of a log: more than one page."""


@pytest.fixture
def add(signed_in: Callable[..., Running]) -> Callable[..., str]:
    """Adds a job in a state, with lines of its log, and gives its id; the administrator is signed in."""
    database = signed_in().database

    def add(state: str, lines: int = 0, **more: object) -> str:
        with psycopg.connect(database, autocommit=True) as connection:
            row = connection.execute(
                "INSERT INTO job_run (name, state, doing, error, ended) VALUES ('scan_source', %s, %s, %s,"
                " CASE WHEN %s IN ('done', 'failed') THEN now() END) RETURNING id::text",
                (state, more.get("doing", ""), more.get("error", ""), state),
            ).fetchone()
            assert row
            connection.execute(
                "INSERT INTO job_log (run_id, line) SELECT %s::uuid, 'line ' || g FROM generate_series(1, %s) g",
                (row[0], lines),
            )
        return str(row[0])

    return add


def test_jobs_are_listed_and_chosen_by_state(add: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    failed, waiting = add("failed", error="no \x1b[31mway"), add("waiting")
    assert main(["jobs"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].split() == ["STATE", "JOB", "CREATED", "ENDED", "WHAT", "ID"]
    assert failed in out
    assert waiting in out
    assert "\x1b" not in out
    assert main(["jobs", "list", "--state", "failed", "--job", "scan_source", "--json"]) == 0
    assert {one["state"] for one in json.loads(capsys.readouterr().out)["items"]} == {"failed"}
    assert main(["jobs", "list", "--source", failed]) == 0
    assert capsys.readouterr().out == "No job\n"


def test_one_is_shown_with_its_whole_log(add: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    id = add("failed", MANY, error="no way")
    assert main(["jobs", "show", id]) == 0
    out = capsys.readouterr().out.splitlines()
    assert "error    no way" in out
    assert [line.partition("  ")[2] for line in out[-MANY:]] == [f"line {number}" for number in range(1, MANY + 1)]
    assert main(["jobs", "show", id.upper(), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["job"]["error"] == "no way"
    assert len(shown["log"]) == MANY


def test_a_log_is_followed_until_the_job_ended(
    add: Callable[..., str], running: Running, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    id, look = add("running", MANY, doing="layers"), threading.Event()

    def goes_on(_: float) -> None:
        """The job writes two lines more while nobody looks, and ends at the second look."""
        with psycopg.connect(running.database, autocommit=True) as connection:
            connection.execute("INSERT INTO job_log (run_id, line) VALUES (%s, 'more'), (%s, 'and more')", (id, id))
            if look.is_set():
                connection.execute("UPDATE job_run SET state = 'done', ended = now() WHERE id = %s", (id,))
            look.set()

    monkeypatch.setattr("rightshift.cli.jobs.time.sleep", goes_on)
    assert main(["jobs", "follow", id]) == 0
    lines = [
        line.partition("  ")[2] for line in capsys.readouterr().out.splitlines() if "  line " in line or "more" in line
    ]
    assert lines == [*(f"line {number}" for number in range(1, MANY + 1)), *["more", "and more"] * 2]


def test_who_follows_one_that_failed_is_told_by_the_exit_code(
    add: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["jobs", "follow", add("failed", 1, error="no way"), "--json"]) == 1
    first, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["line"] == "line 1"
    assert last["error"] == "no way"


def test_one_that_waits_is_cancelled_once(add: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    id = add("waiting")
    assert main(["jobs", "cancel", id]) == 0
    assert capsys.readouterr().out == f"scan_source {id} is cancelled\n"
    assert main(["jobs", "cancel", id]) == 1
    assert "ended" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["show"], ["list", "x"], ["show", "nonsense"], ["--limit", "-1"], ["follow", "1"], ["--state", "over"]]
)
def test_wrong_use_is_said_without_asking(
    words: list[str], configured: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RIGHTSHIFT_TOKEN", "it")
    assert main(["jobs", *words, "--console", "http://127.0.0.1:1"]) == 2
    assert capsys.readouterr().err.startswith("rightshift: error: ")
