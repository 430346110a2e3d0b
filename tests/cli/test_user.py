"""Whoever owns the console's home gets people in, and nobody sees what signs them in by accident."""

import json
from pathlib import Path

import psycopg
import pytest

from rightshift.cli.main import main
from tests.cli.answering import Running


@pytest.fixture
def local(running: Running, configured: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setenv("RIGHTSHIFT_DATABASE_URL", running.database)
    return running


def test_somebody_new_signs_in_by_the_link_and_is_reset(
    local: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new"
    file.write_text("a donkey that reads the paper")
    assert main(["user", "create", "ann", "--role", "operator", "--local"]) == 0
    words = capsys.readouterr().out.split()
    assert words[:3] == ["rightshift", "login", "URL"]
    sign_in = ["login", local.url, *words[3:], "--password-file", str(file)]
    assert main(sign_in) == 0
    assert "as ann" in capsys.readouterr().out
    assert main(sign_in) == 1
    assert main(["user", "reset", "ann", "--local", "--json"]) == 0
    link = json.loads(capsys.readouterr().out)["link"]
    assert main(["findings"]) == 1
    assert "rightshift login" in capsys.readouterr().err
    assert main(["login", local.url, "--user", "ann", "--password-file", str(file)]) == 1
    assert main(["login", local.url, "--link", link, "--password-file", str(file)]) == 0
    with psycopg.connect(local.database) as connection:
        found = connection.execute("SELECT action, target FROM audit WHERE actor_kind = 'shell' ORDER BY id").fetchall()
    assert found == [("people.add", "ann"), ("people.reset", "ann")]


def test_who_there_is(local: Running, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user", "list", "--local"]) == 0
    rows = [line.split()[:3] for line in capsys.readouterr().out.splitlines()]
    assert ["admin", "admin", "everything"] in rows
    assert main(["user", "list", "--local", "--json"]) == 0
    said = capsys.readouterr().out
    assert json.loads(said)["items"][0]["role"] == "admin"
    assert "argon2" not in said


@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["list", "x", "--local"],
        ["create", "--local"],
        ["create", "admin", "--local"],
        ["reset", "nobody", "--local"],
    ],
)
def test_wrong_use(local: Running, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user", *words]) == 2
    assert capsys.readouterr().err.startswith("rightshift: error: ")
