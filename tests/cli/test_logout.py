"""Signing out forgets the token here and, where this program made it, there."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from rightshift.cli.console import credentials
from rightshift.cli.main import main
from tests.cli.answering import Running


def test_a_sign_out_ends_the_token(
    signed_in: Callable[..., Running], configured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running = signed_in()
    one = credentials.read(os.environ).of(running.url)
    assert one
    assert main(["logout", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"url": running.url, "revoked": True}
    assert credentials.read(os.environ).of(running.url) is None
    with psycopg.connect(running.database) as connection:
        asked = connection.execute("SELECT revoked IS NOT NULL FROM token WHERE id = %s", (one.token_id,)).fetchone()
    assert asked == (True,)
    assert main(["logout"]) == 2


def test_a_console_that_is_away_is_forgotten_all_the_same(configured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    away = credentials.Credential(url="http://127.0.0.1:1", token="it", token_id="x", expires="2030-01-01T00:00:00Z")
    credentials.write(credentials.Kept().having(away), os.environ)
    assert main(["logout", "http://127.0.0.1:1"]) == 0
    assert "holds until 2030-01-01" in capsys.readouterr().err
    assert credentials.read(os.environ).consoles == ()
