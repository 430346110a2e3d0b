"""The status of a console: what there is, and for each thing that is stale what it means and what to do."""

import json
from collections.abc import Callable

import psycopg
import pytest

from rightshift.cli.main import main
from tests.cli.answering import Running


def test_what_is_stale_is_said_with_what_to_do(
    signed_in: Callable[..., Running], capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(signed_in().database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO reporter (key, kind, name, seen) VALUES ('h', 'sensor', %s, now() - interval '1 h')",
            ("web-1\x1b[2J\u202e",),
        )
        connection.execute(
            "INSERT INTO job_run (name, state, error, ended) VALUES ('scan_source', 'failed', 'no way', now())"
        )
        connection.execute("INSERT INTO set_aside VALUES ('asset', 0, 'host', 'h', 'too deep', '0', now())")
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    assert all(line.isprintable() for line in out.splitlines())
    lines = out.splitlines()
    at = lines.index("Jobs that failed: 1")
    assert "as old as their last good run" in lines[at + 1]
    assert lines[at + 2] == "  Read why: `rightshift jobs show ID`"
    assert "Reporters that are silent: 1" in lines
    assert "web-1\\x1b[2J\\u202e" in out
    assert "no way" in out
    assert "too deep" in out
    assert main(["status", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["kind"] for one in found["stale"]] == ["feed_starter", "aside", "silent", "failed"]
    assert main(["status", "--fail"]) == 3
