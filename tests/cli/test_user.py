"""People over the API, for administrators, and on the console's own machine, for who owns its home."""

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from rightshift.cli.main import main
from tests.cli.answering import Running

Do = Callable[..., str]


@pytest.fixture
def local(running: Running, configured: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    """As the owner of the console's home, with nobody signed in."""
    monkeypatch.setenv("RIGHTSHIFT_DATABASE_URL", running.database)
    return running


@pytest.fixture
def do(signed_in: Callable[..., Running], password_file: Path, capsys: pytest.CaptureFixture[str]) -> Do:
    """Runs `user` as the administrator, and gives what it printed."""
    signed_in()

    def run(*words: str) -> str:
        assert main(["user", *words, "--user", "admin", "--password-file", str(password_file)]) == 0
        return capsys.readouterr().out

    return run


@pytest.fixture
def new_password(tmp_path: Path) -> Path:
    file = tmp_path / "new"
    file.write_text("a donkey that reads the paper")
    return file


def person(do: Do, name: str) -> dict[str, object]:
    (found,) = [one for one in json.loads(do("list", "--json"))["items"] if one["name"] == name]
    return dict(found)


def test_somebody_is_invited_changed_let_in_again_and_removed(
    do: Do, running: Running, new_password: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    invited = do("create", "bob", "--role", "operator", "--everything", "--email", "bob@example.org").split()
    assert invited[:3] == ["rightshift", "login", running.url]
    with monkeypatch.context() as other:
        other.setenv("XDG_CONFIG_HOME", str(tmp_path / "bob"))
        assert main([*invited[1:], "--password-file", str(new_password)]) == 0
        assert main([*invited[1:], "--password-file", str(new_password)]) == 1
    do("change", "Bob", "--role", "viewer")
    bob = person(do, "bob")
    assert (bob["role"], bob["everything"], bob["email"]) == ("viewer", True, "bob@example.org")
    do("change", "bob", "--block")
    assert person(do, "bob")["disabled"]
    assert "blocked" in do("list")
    assert not json.loads(do("change", "bob", "--unblock", "--json"))["disabled"]
    assert json.loads(do("reset", "bob", "--json"))["link"].startswith("rs_l_")
    assert "removed" in do("remove", "bob")
    assert "bob" not in do("list")


def test_the_last_administrator_stays_one(do: Do, password_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["change", "admin", "--role", "viewer"], ["remove", "admin"], ["reset", "admin"]):
        assert main(["user", *words, "--password-file", str(password_file)]) == 1
        assert "last administrator" in capsys.readouterr().err


def test_the_owner_of_the_home_lets_people_in(
    local: Running, new_password: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["user", "create", "ann", "--role", "operator", "--local"]) == 0
    words = capsys.readouterr().out.split()
    assert words[:3] == ["rightshift", "login", "URL"]
    sign_in = ["login", local.url, *words[3:], "--password-file", str(new_password)]
    assert main(sign_in) == 0
    assert "as ann" in capsys.readouterr().out
    assert main(["user", "reset", "ann", "--local", "--json"]) == 0
    link = json.loads(capsys.readouterr().out)["link"]
    assert main(["findings"]) == 1
    assert "rightshift login" in capsys.readouterr().err
    assert main(["login", local.url, "--user", "ann", "--password-file", str(new_password)]) == 1
    assert main(["login", local.url, "--link", link, "--password-file", str(new_password)]) == 0
    with psycopg.connect(local.database) as connection:
        found = connection.execute("SELECT action, target FROM audit WHERE actor_kind = 'shell' ORDER BY id").fetchall()
    assert found == [("people.add", "ann"), ("people.reset", "ann")]


def test_who_there_is(local: Running, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user", "list", "--local"]) == 0
    rows = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    assert ["admin", "admin"] in rows
    assert main(["user", "list", "--local", "--json"]) == 0
    said = capsys.readouterr().out
    assert {"name", "role", "seen", "state"} == json.loads(said)["items"][0].keys()
    assert "argon2" not in said


@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["list", "x", "--local"],
        ["create", "--local"],
        ["create", "admin", "--local"],
        ["create", "x", "--team", "y", "--local"],
        ["change", "x", "--local"],
        ["reset", "nobody", "--local"],
        ["change", "x", "--block", "--unblock"],
        ["create", "x", "--team", "y", "--everything"],
    ],
)
def test_wrong_use(local: Running, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user", *words]) == 2
    assert capsys.readouterr().err.startswith("rightshift: error: ")


def test_what_somebody_new_sees_must_be_said(do: Do, password_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user", "create", "eve", "--password-file", str(password_file)]) == 2
    assert "--everything" in capsys.readouterr().err
    assert main(["user", "remove", "nobody", "--password-file", str(password_file)]) == 2
