"""What a console scans by itself: listed with its times, and one of it scanned now."""

import json
from collections.abc import Callable

import psycopg
import pytest

from rightshift.cli.main import main
from tests.cli.answering import Running


@pytest.fixture
def sources(signed_in: Callable[..., Running]) -> Running:
    """Two sources, of which one has a schedule; the administrator is signed in."""
    console = signed_in()
    with psycopg.connect(console.database, autocommit=True) as connection:
        connection.execute("DELETE FROM source")
        connection.execute("DELETE FROM schedule")
        connection.execute(
            "INSERT INTO source (name, reference, ecosystems)"
            " VALUES ('cart', 'shop/cart:1', '{npm}'), ('web', 'web', '{}')"
        )
        connection.execute(
            "INSERT INTO schedule (name, job, source_id, cron, zone, enabled, next_run)"
            " SELECT 'each night', 'scan_source', id, '1 2 * * *', 'UTC', true, '2026-12-01T02:01:00Z' FROM source"
            " WHERE name = 'cart'"
        )
    return console


def test_sources_and_their_times_are_listed(sources: Running, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources"]) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["NAME", "SOURCE", "ONLY"], ["cart", "shop/cart:1", "npm"], ["web", "web"],
    ]  # fmt: skip
    assert main(["sources", "schedules"]) == 0
    assert "1 2 * * *" in capsys.readouterr().out
    assert main(["sources", "list", "--limit", "1", "--json"]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)["items"]] == ["cart"]


def test_one_is_scanned_now_by_its_name(sources: Running, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "scan", "cart"]) == 0
    job = capsys.readouterr().out.split()[-1]
    assert main(["jobs", "show", job, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["job"]["job"] == "scan_source"
    assert main(["sources", "scan", "none"]) == 2
    assert "no source called 'none'" in capsys.readouterr().err


@pytest.mark.usefixtures("sources")
@pytest.mark.parametrize("words", [["scan"], ["list", "cart"], ["--limit", "-1"], ["add"]])
def test_wrong_use_is_said(words: list[str]) -> None:
    assert main(["sources", *words]) == 2
