"""Events of a console from the command line: what happened, and what happens, also across a break."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import psycopg
import pytest
import urllib3

from rightshift.cli.console import client, opened, told
from rightshift.cli.main import main
from rightshift.cli.streams import Streams
from rightshift.errors import EgressError
from tests.cli.answering import Running

CHANGED = '{"before": 41, "after": 72, "severity": 5, "severity_before": 5}'


@pytest.fixture
def happens(signed_in: Callable[..., Running]) -> Callable[..., None]:
    """Adds events; the administrator is signed in."""
    database = signed_in().database
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("""
            INSERT INTO package (ecosystem, name) VALUES ('npm', 'x') ON CONFLICT DO NOTHING;
            INSERT INTO package_version (key, package_id, version, purl, matchable)
            SELECT 'k', id, '1', 'pkg:npm/x@1', true FROM package ON CONFLICT DO NOTHING;
            INSERT INTO advisory (name) VALUES ('CVE-2021-44228') ON CONFLICT DO NOTHING;
            INSERT INTO asset (kind, key, name, first_seen, last_seen)
            VALUES ('host', 'h', E'web-\\x1b[31m1', now(), now()) ON CONFLICT DO NOTHING
        """)

    def happen(kind: str = "asset.new", detail: str = "{}") -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO event (kind, asset_id, package_version_id, advisory_id, detail)"
                " SELECT k, CASE WHEN k ^@ 'asset' THEN a.id END, CASE WHEN k ^@ 'match' THEN v.id END,"
                " CASE WHEN k ^@ 'match' THEN d.id END, %s::jsonb"
                " FROM (VALUES (%s::text)) k (k), asset a, package_version v, advisory d",
                (detail, kind),
            )
            connection.execute("SELECT pg_notify('events', '')")

    return happen


def test_what_happened_is_listed_the_newest_first(
    happens: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    happens()
    happens("match.changed", CHANGED)
    assert main(["events"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].split() == ["CREATED", "EVENT", "ADVISORY", "PACKAGE", "POINTS", "ASSET"]
    assert out.splitlines()[1].split()[2:] == ["match.changed", "CVE-2021-44228", "pkg:npm/x@1", "41", "→", "72"]
    assert "host web-" in out.splitlines()[2]
    assert "\x1b" not in out
    assert main(["events", "--kind", "asset.new", "--since", "2026-01-01", "--limit", "1", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["items"]
    assert found["kind"] == "asset.new"
    assert main(["events", "--since", "2999-01-01"]) == 0
    assert capsys.readouterr().out == "No event\n"
    assert main(["events", "--kind", "none"]) == 1
    for words in (["--follow", "--since", "2026-01-01"], ["--follow", "--format", "csv"], ["--since", "never"]):
        assert main(["events", *words]) == 2
        assert capsys.readouterr().err


@pytest.fixture
def following(happens: Callable[..., None]) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """The command as a program, that hears what happens by the time it is given."""
    started: list[subprocess.Popen[str]] = []

    def follow(*more: str) -> "subprocess.Popen[str]":
        words = [sys.executable, "-m", "rightshift", "events", "--follow", *more]
        started.append(subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield follow
    for one in started:
        one.kill()
        one.communicate()


def streams_open(running: Running) -> int:
    """As the console itself counts them."""
    token = opened.chosen("", os.environ).token
    answer = urllib3.request("GET", f"{running.url}/metrics", headers={"Authorization": f"Bearer {token}"})
    (line,) = (line for line in answer.data.decode().splitlines() if line.startswith("rightshift_event_streams "))
    return int(float(line.split()[1]))


def within(seconds: float, holds: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_happens_is_followed_until_somebody_stops_it(
    happens: Callable[..., None], running: Running, following: Callable[..., "subprocess.Popen[str]"]
) -> None:
    people, program = following("--kind", "match.changed"), following("--json")
    within(20, lambda: streams_open(running) == 2)
    happens()
    happens("match.changed", CHANGED)
    assert people.stdout
    assert program.stdout
    assert people.stdout.readline().split()[2:] == ["match.changed", "CVE-2021-44228", "pkg:npm/x@1", "41", "→", "72"]
    assert [json.loads(program.stdout.readline())["kind"] for _ in range(2)] == ["asset.new", "match.changed"]
    people.terminate()
    assert people.wait(10) == 143
    within(20, lambda: streams_open(running) == 1)


class Breaking(BaseHTTPRequestHandler):
    """A console whose first stream breaks within a message and whose second ends; the third goes on."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[str]] = []
    PARTS = (
        (b"retry: 3000\nid: 6\n\n:\n\nid: 7\nevent: a\ndata: {}\n\nid: 8\nevent: b\nda", False),
        (b"id: 8\r\nevent: b\r\ndata: [\r\ndata: 1]\r\n\r\n", True),
        (b'id: nonsense\nevent: reset\ndata: {"why": "slow"}\n\n', False),
    )

    def do_GET(self) -> None:
        content, whole = self.PARTS[len(self.asked)]
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(content), 5):
            piece = content[start : start + 5]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n" if whole else b"")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_a_stream_that_breaks_is_asked_for_again_from_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "AGAIN_S", 0.01)
    with ThreadingHTTPServer(("127.0.0.1", 0), Breaking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        console = client.connect(f"http://127.0.0.1:{server.server_port}", limits=client.LISTENING)
        with console:
            messages = told.told(console, "/events", (("kind", "x"),), Streams(None, None, {}))
            found = [next(messages) for _ in range(3)]
            messages.close()
        server.shutdown()
    assert found == [
        told.Message("7", "a", b"{}"),
        told.Message("8", "b", b"[\n1]"),
        told.Message("", "reset", b'{"why": "slow"}'),
    ]
    asked = "/api/v1/events?kind=x"
    assert Breaking.asked == [asked, f"{asked}&last_event_id=7", f"{asked}&last_event_id=8"]


def test_a_console_that_was_never_reached_is_an_error(configured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Breaking) as server:
        url = f"http://127.0.0.1:{server.server_port}"
    console = client.connect(url, limits=client.LISTENING)
    with console, pytest.raises(EgressError):
        next(told.told(console, "/events", (), Streams(None, None, {})))
