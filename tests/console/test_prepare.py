"""What a console needs before it starts is made, or it is said why not."""

import json
from collections.abc import Callable

import psycopg
import pytest

from rightshift.console import prepare
from rightshift.console.postgres.cluster import Server

Rows = Callable[..., list[tuple[object, ...]]]


def run(url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    monkeypatch.setenv("RIGHTSHIFT_DATABASE_URL", url)
    code = prepare.main()
    said = json.loads(capsys.readouterr().out)
    assert isinstance(said, dict)
    return code, said


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rightshift.console.logs.begin", lambda *_, **__: None)


def test_schema_and_link_are_made(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS to_prepare WITH (FORCE)")
        admin.execute("CREATE DATABASE to_prepare TEMPLATE template0 OWNER rightshift")
    code, said = run(server.url("to_prepare"), monkeypatch, capsys)
    assert code == 0
    assert str(said["link"]).startswith("rs_l_")


def test_once_somebody_signed_in_there_is_no_link(
    database: str, rows: Rows, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows("INSERT INTO person (name, role, password) VALUES ('vera', 'viewer', 'x')")
    assert run(database, monkeypatch, capsys) == (0, {"link": None})


def test_a_newer_schema_and_no_server_are_said(
    database: str, rows: Rows, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows("UPDATE alembic_version SET version_num = '9999'")
    for url, word in ((database, "9999"), ("postgresql://127.0.0.1:1/x", "can't be used")):
        code, said = run(url, monkeypatch, capsys)
        assert code == 1
        assert word in str(said["error"])
