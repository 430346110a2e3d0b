"""Tokens over the API, for who signs in, and on the console's own machine, for who owns its home."""

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import urllib3

from rightshift.cli.main import main
from tests.cli.answering import Running


@pytest.fixture
def local(running: Running, configured: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    """As the owner of the console's home, with nobody signed in."""
    monkeypatch.setenv("RIGHTSHIFT_DATABASE_URL", running.database)
    return running


def may_upload(running: Running, token: str) -> bool:
    """Whether it gets past the guard of an upload; what is sent is refused."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = urllib3.request("POST", f"{running.url}/api/v1/ingest/scans", headers=headers, body=b"{}")
    assert answer.status in (400, 401, 403)
    return answer.status == 400


def audited(running: Running) -> tuple[object, ...] | None:
    with psycopg.connect(running.database) as connection:
        return connection.execute("SELECT actor_kind, action FROM audit ORDER BY id DESC LIMIT 1").fetchone()


def test_a_token_of_a_service_is_made_listed_and_revoked(
    signed_in: Callable[..., Running], password_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running, who = signed_in(), ["--password-file", str(password_file)]
    service = ["--kind", "service", "--permission", "scans:write", "--days", "3"]
    assert main(["token", "create", "ci", *service, *who]) == 0
    out, said = capsys.readouterr()
    secret = out.strip()
    assert secret not in said
    assert may_upload(running, secret)
    assert main(["token", "list", "--json", *who]) == 0
    listed = json.loads(capsys.readouterr().out)["items"]
    (ci,) = [one for one in listed if one["name"] == "ci"]
    assert ci["hint"] == secret[-4:]
    assert secret not in json.dumps(listed)
    assert main(["token", "list", *who]) == 0
    assert "scans:write" in capsys.readouterr().out
    assert main(["token", "revoke", ci["id"], *who]) == 0
    assert not may_upload(running, secret)
    assert main(["token", "revoke", ci["id"], *who]) == 1
    assert "no such token" in capsys.readouterr().err


def test_a_token_goes_into_a_file_of_its_owner(
    signed_in: Callable[..., Running], password_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running, file = signed_in(), tmp_path / "token"
    assert main(["token", "create", "mine", "-o", str(file), "--password-file", str(password_file), "--json"]) == 0
    secret = file.read_text().strip()
    assert file.stat().st_mode & 0o777 == 0o600
    out, said = capsys.readouterr()
    assert secret not in out + said
    assert json.loads(out)["path"] == str(file)
    assert may_upload(running, secret)


def test_what_no_token_may_is_refused_in_words(
    signed_in: Callable[..., Running], password_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed_in()
    who = ["--password-file", str(password_file)]
    assert main(["token", "create", "x", "--permission", "users:write", *who]) == 1
    assert "users:write" in capsys.readouterr().err
    assert main(["token", "create", "x", "--permission", "nonsense", *who]) == 1
    assert capsys.readouterr().err.startswith("rightshift: error: ")


def test_the_owner_of_the_home_needs_no_sign_in(local: Running, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "create", "by-hand", "--local", "--permission", "scans:write", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert audited(local) == ("shell", "tokens.make")
    assert may_upload(local, made["secret"])
    assert main(["token", "list", "--local", "--json"]) == 0
    assert made["id"] in {one["id"] for one in json.loads(capsys.readouterr().out)["items"]}
    assert main(["token", "list", "--local"]) == 0
    assert "by-hand" in capsys.readouterr().out
    assert main(["token", "revoke", made["id"], "--local"]) == 0
    assert audited(local) == ("shell", "tokens.revoke")
    assert not may_upload(local, made["secret"])
    assert main(["token", "revoke", made["id"], "--local"]) == 2


@pytest.mark.parametrize(
    "words",
    [
        ["create", "x", "--local"],
        ["create", "x", "--local", "--permission", "nonsense"],
        ["create", "x", "--local", "--permission", "users:write"],
        ["create", "x", "--local", "--permission", "scans:write", "--days", "0"],
        ["create", "x", "--local", "--permission", "scans:write", "--kind", "person"],
        ["create", "x", "--output", "/no/such/folder/x"],
        ["create"],
        ["list", "x"],
        ["revoke", "x"],
        ["list"],
    ],
)
def test_wrong_use(local: Running, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", *words]) == 2
    assert capsys.readouterr().err.startswith("rightshift: error: ")


def test_without_a_console_there_is_nothing_to_own(
    configured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RIGHTSHIFT_HOME", str(tmp_path / "home"))
    assert main(["token", "list", "--local"]) == 1
    assert "rightshift up" in capsys.readouterr().err
    monkeypatch.setenv("RIGHTSHIFT_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")
    assert main(["token", "list", "--local"]) == 1
