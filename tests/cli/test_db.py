"""`rightshift db`: what there is, out into a file and back, and over to another server; running or not."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from rightshift.cli.db import WITHOUT
from rightshift.cli.main import main
from rightshift.console.postgres import cluster, find
from rightshift.console.postgres.cluster import Server
from rightshift.console.store.migrate import known, migrate

PASSWORD = "pass word'\\%"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A console's home with a few rows in it; its server is stopped."""
    monkeypatch.setenv("RIGHTSHIFT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("RIGHTSHIFT_DATABASE_URL", raising=False)
    with started(tmp_path / "home") as server:
        migrate(server.url())
        write(server.url(), "first")
    return tmp_path / "home"


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Server]:
    """Another server, as a user would have one, that asks for a password."""
    with started(tmp_path / "other") as server:
        with psycopg.connect(server.admin_url(), autocommit=True) as admin:
            admin.execute("CREATE DATABASE moved OWNER rightshift TEMPLATE template0")
        yield server


def started(home: Path) -> Server:
    return cluster.start(home, find.find(), durable=False)


def write(url: str, name: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO reporter (key, kind) VALUES (%s, 'sensor')", [name])


def names(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [name for (name,) in connection.execute("SELECT key FROM reporter ORDER BY 1")]


def kept(home: Path) -> list[str]:
    with started(home) as server:
        return names(server.url())


def test_the_status_is_the_same_whether_the_console_runs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "status", "--json"]) == 0
    stopped = json.loads(capsys.readouterr().out)
    assert (stopped["kind"], stopped["running"], stopped["revision"]) == ("embedded", False, known()[-1])
    assert stopped["size_bytes"] > 1_000_000
    with started(home):
        assert main(["db", "status", "--json"]) == 0
        running = json.loads(capsys.readouterr().out)
        assert main(["db", "status"]) == 0
        assert "running  yes\n" in capsys.readouterr().out
    assert running["running"] is True
    assert (running["tables"], running["server"]) == (stopped["tables"], stopped["server"])


def test_a_home_without_a_database_gets_none_from_looking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RIGHTSHIFT_HOME", str(tmp_path / "none"))
    for words in (["status"], ["backup", str(tmp_path / "b")]):
        assert main(["db", *words]) == 1
        assert "There is no database" in capsys.readouterr().err
    assert main(["db", "move", "--to", "postgresql://a@b/c"]) == 2
    assert not list(tmp_path.iterdir())


def test_a_backup_of_a_running_console_comes_back_into_a_new_home(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = tmp_path / "rightshift.backup"
    with started(home):
        assert main(["db", "backup", str(backup), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["revision"] == known()[-1]
    assert said["without"] == list(WITHOUT)
    monkeypatch.setenv("RIGHTSHIFT_HOME", str(tmp_path / "new"))
    assert main(["db", "restore", str(backup)]) == 0
    assert kept(tmp_path / "new") == kept(home) == ["first"]
    assert main(["db", "backup", str(backup)]) == 1
    assert "is there already" in capsys.readouterr().err


def test_what_is_there_is_replaced_only_when_that_is_said(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = tmp_path / "rightshift.backup"
    assert main(["db", "backup", str(backup)]) == 0
    with started(home) as server:
        write(server.url(), "second")
        assert main(["db", "restore", str(backup), "--replace"]) == 1
        assert "The console runs, as process" in capsys.readouterr().err
    assert main(["db", "restore", str(backup)]) == 1
    assert "--replace" in capsys.readouterr().err
    assert kept(home) == ["first", "second"]
    assert main(["db", "restore", str(backup), "--replace"]) == 0
    with started(home) as server:
        assert names(server.url()) == ["first"]
        with psycopg.connect(server.admin_url()) as admin:
            databases = admin.execute("SELECT datname FROM pg_database WHERE datname LIKE 'right%'").fetchall()
    assert databases == [("rightshift",)]


def test_a_damaged_backup_replaces_nothing(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup = tmp_path / "rightshift.backup"
    assert main(["db", "backup", str(backup)]) == 0
    content = bytearray(backup.read_bytes())
    for at in range(200, len(content) // 2, 500):
        content[at] ^= 0x55
    backup.write_bytes(content)
    assert main(["db", "restore", str(backup), "--replace"]) == 1
    assert "no good backup" in capsys.readouterr().err
    assert kept(home) == ["first"]


def test_it_moves_to_another_server_and_the_console_s_own_stays(
    home: Path, other: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "move", "--to", other.url("moved")]) == 0
    captured = capsys.readouterr()
    assert "RIGHTSHIFT_DATABASE_URL" in captured.err
    assert names(other.url("moved")) == kept(home) == ["first"]
    assert main(["db", "move", "--to", other.url("moved")]) == 1
    assert "not empty" in capsys.readouterr().err
    assert sorted(path.name for path in home.iterdir()) == ["postgres"]
    monkeypatch.setenv("RIGHTSHIFT_DATABASE_URL", other.url("moved"))
    assert main(["db", "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "external"


def test_the_goal_may_stand_in_the_environment(home: Path, other: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHTSHIFT_DATABASE_URL", other.url("moved"))
    assert main(["db", "move"]) == 0
    assert names(other.url("moved")) == ["first"]


def test_a_password_comes_from_a_file_and_is_never_shown(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rightshift import config
    from rightshift.cli import db
    from rightshift.cli.command import parser

    file = tmp_path / "password"
    file.write_text(PASSWORD + "\nnot this\n")
    words = ["move", "--to", "postgresql://someone@db.invalid/rightshift", "--password-file", str(file)]
    arguments = parser("db", db.COMMAND).parse_args(words)
    assert psycopg.conninfo.conninfo_to_dict(db._goal(arguments, config.of_process()))["password"] == PASSWORD
    there = f"postgresql://someone@/rightshift?host={quote(str(tmp_path), safe='')}"
    assert main(["db", "move", "--to", there, "--password-file", str(file)]) == 1
    assert main(["db", "move", "--to", f"postgresql://someone:{quote(PASSWORD)}@db.invalid/rightshift"]) == 2
    captured = capsys.readouterr()
    assert "everybody" in captured.err
    assert "pass word" not in captured.err + captured.out
    assert quote(PASSWORD) not in captured.err + captured.out


@pytest.mark.parametrize(
    "words",
    [
        ["backup"],
        ["restore"],
        ["status", "file"],
        ["move", "--to", "host=a b c"],
        ["move"],
        ["move", "--to", "postgresql://a@b/c", "--password-file", "/no/such/file"],
    ],
)
def test_wrong_use_is_told(home: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", *words]) == 2
    assert "error" in capsys.readouterr().err


def test_what_is_left_out_is_only_the_feed(home: Path) -> None:
    with started(home) as server, psycopg.connect(server.url()) as connection:
        for table in WITHOUT:
            assert connection.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone() == (True,)
    assert all(table.startswith("feed_") for table in WITHOUT)
