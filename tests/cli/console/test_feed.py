"""The feed of a console: what it is, and an update that is watched until it ended."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rightshift.cli.console import feed
from rightshift.cli.main import main
from tests.cli.answering import Running
from tests.egress.peers import Asked, peer, reply

JOB = {
    "id": "3f0f6a1d-e54b-4b5c-9a2c-2f0c6b8f7a10",
    "job": "update_feed",
    "state": "waiting",
    "attempt": 0,
    "doing": "",
    "done": 0,
    "total": None,
    "result": None,
    "error": "",
    "wished_by": "ann",
    "source": None,
    "schedule": None,
    "created": "2026-01-01T00:00:00Z",
    "started": None,
    "ended": None,
    "cancelling": False,
}
STATUS = {
    "file": {"kind": "full", "lineage": "abc", "generation": 7, "advisories": 1_000, "epss_day": "2026-01-01"},
    "derived_lineage": "abc",
    "derived_generation": 7,
    "derived_at": None,
    "current": True,
    "offline": False,
    "job": JOB | {"state": "failed", "error": "no \x1b[31mway"},
}


@pytest.fixture
def ends(configured: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs an update against a stand-in whose job ends in that state."""
    monkeypatch.setenv("RIGHTSHIFT_TOKEN", "it")
    monkeypatch.setattr(feed, "LOOK_S", 0.01)

    def run(*words: str, **end: object) -> int:
        def answer(asked: Asked) -> bytes:
            if asked.path.endswith("/feed"):
                return reply(200, json.dumps(STATUS).encode(), content_type="application/json")
            looks = sum(one.method == "GET" for one in other.asked)
            state = JOB | ({"state": "running", "doing": "npm", "done": 1, "total": 2} if looks < 3 else end)
            status = 202 if asked.method == "POST" else 200
            return reply(status, json.dumps(JOB if status == 202 else state).encode(), content_type="application/json")

        with peer(lambda asked, _: answer(asked)) as other:
            return main(["feed", *words, "--console", other.url("")])

    return run


def test_an_update_is_watched_until_it_ended(ends: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert ends("update", state="done", result={"generation": 8}) == 0
    assert capsys.readouterr().out == "the feed is up to date: generation 8\n"
    assert ends("update", "--json", state="done", result={"generation": 8}) == 0
    assert json.loads(capsys.readouterr().out)["result"] == {"generation": 8}


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_one_that_failed_is_an_error(ends: Callable[..., int], state: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ends("update", state=state, error="The mirror was away") == 1
    assert "The mirror was away" in capsys.readouterr().err


def test_the_status_of_a_console(ends: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert ends("status") == 0
    out = capsys.readouterr().out
    assert "generation  7 of abc" in out
    assert "findings    of this feed" in out
    assert "update      failed" in out
    assert "\x1b" not in out
    assert ends("status", "--json") == 0
    assert json.loads(capsys.readouterr().out)["file"]["generation"] == 7


def test_a_real_console_says_which_feed_it_has(
    signed_in: Callable[..., Running], capsys: pytest.CaptureFixture[str]
) -> None:
    signed_in()
    assert main(["feed", "status", "--console"]) == 0
    assert "none yet" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["export", "x"], ["import", "x"], ["update", "--rebuild"], ["status", "x"]])
def test_what_a_console_is_not_asked_for(configured: Path, words: list[str]) -> None:
    assert main(["feed", *words, "--console", "http://127.0.0.1:1"]) == 2
