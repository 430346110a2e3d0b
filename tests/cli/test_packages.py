"""Where a package is: by name and version, for people and programs."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rightshift.cli import command, packages
from rightshift.cli.main import main
from tests.cli.answering import Running
from tests.egress.peers import Asked, peer, reply

PLACE = {
    "ecosystem": "maven",
    "name": "log4j-core",
    "version": "2.14.1",
    "purl": "pkg:maven/log4j-core@2.14.1",
    "unit": "3f0f6a1d-e54b-4b5c-9a2c-2f0c6b8f7a10",
    "unit_kind": "workload",
    "unit_name": "shop/cart",
    "cluster": "eu",
    "namespace": "shop",
    "host": "",
    "image": "",
    "inventory": "sha256:00",
    "assets": 50,
    "running": None,
    "state": "installed",
    "locations": ["app/lib/log4j-core.jar", "app/other.jar"],
    "since": "2026-01-01T00:00:00Z",
    "holder": 1,
    "version_id": 2,
}
PACKAGE = {
    "ecosystem": "maven",
    "name": "log4j-core",
    "version": "2.14.1",
    "purl": "pkg:maven/log4j-core@2.14.1",
    "version_id": 2,
    "arch": "",
    "source": "",
    "units": 3,
    "hosts": 1,
    "images": 2,
    "advisories": 4,
}


@pytest.mark.parametrize(
    ("words", "name", "version", "purl"),
    [
        (["log4j-core@2.14"], "log4j-core", "2.14", ""),
        (["log4j-core<2.17"], "log4j-core", "<2.17", ""),
        (["log4j-core >=2.14,<2.17"], "log4j-core", ">=2.14,<2.17", ""),
        (["@babel/core"], "@babel/core", "", ""),
        (["@babel/core@7"], "@babel/core", "7", ""),
        (["core", "--version", "7*"], "core", "7*", ""),
        (["pkg:npm/%40babel/core@7.1.0"], "", "", "pkg:npm/%40babel/core@7.1.0"),
        (["--purl", "pkg:npm/x@1"], "", "", "pkg:npm/x@1"),
    ],
)
def test_a_version_may_stand_behind_the_name(words: list[str], name: str, version: str, purl: str) -> None:
    arguments = command.parser("packages", packages.COMMAND).parse_args(words)
    assert packages._meant(arguments) == (name, version, purl)


@pytest.mark.parametrize(
    "words", [["a@1", "--version", "2"], ["pkg:npm/x@1", "--version", "2"], ["a<1", "--text", "x"]]
)
def test_what_is_said_twice_is_refused(words: list[str]) -> None:
    assert main(["packages", *words, "--console", "http://127.0.0.1:1"]) == 2


def answer(asked: Asked) -> bytes:
    items = [PLACE if "/places" in asked.path else PACKAGE]
    return reply(200, json.dumps({"items": items, "next": None}).encode(), content_type="application/json")


def test_who_holds_it_and_which_there_are(
    configured: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RIGHTSHIFT_TOKEN", "it")
    with peer(lambda asked, _: answer(asked)) as other:
        where = ["--console", other.url("")]
        assert main(["packages", "log4j-core", "--version", "2.14*", *where]) == 0
        out = capsys.readouterr().out
        assert "shop/cart" in out
        assert "app/lib/log4j-core.jar +1" in out
        assert other.asked[-1].path.startswith("/api/v1/packages/places?name=log4j-core&version=2.14%2A&")
        assert main(["packages", "--text", "log4j", *where]) == 0
        assert capsys.readouterr().out.splitlines()[0].split()[-1] == "ADVISORIES"
        assert other.asked[-1].path.startswith("/api/v1/packages?text=log4j&")
        assert main(["packages", "log4j-core", "--json", *where]) == 0
        assert json.loads(capsys.readouterr().out)["items"] == [PLACE]
        assert main(["packages", "log4j-core", "--text", "x", *where]) == 2


def test_a_real_console_is_asked_alike(
    signed_in: Callable[..., Running], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    signed_in()
    for words in (
        ["log4j-core", "--version", "2.14*", "--ecosystem", "maven"],
        ["--purl", "pkg:npm/x@1"],
        ["log4j-core>=2.14,<2.17"],
        ["--text", "x", "--ecosystem", "npm", "--ecosystem", "deb"],
    ):
        assert main(["packages", *words]) == 0, capsys.readouterr().err
        said = capsys.readouterr()
        assert said.out == "No package\n"
        assert ("--text log4j-core`" in said.err) == words[0].startswith("log4j-core")
        assert main(["packages", *words, "--format", "jsonl", "-o", str(tmp_path / "found")]) == 0


@pytest.mark.parametrize("more", [[], ["--json"], ["--format", "jsonl"]])
def test_a_list_without_end_is_written_as_it_comes_until_nobody_reads(more: list[str], tmp_path: Path) -> None:
    """As `| head -1` reads a list of a large estate: there is no trace, and nothing is held until the end."""
    page = json.dumps({"items": [PACKAGE | {"name": "\x1b[2Jüber"}] * 500, "next": "more"}).encode()

    def forever(asked: Asked, connection: socket.socket) -> bytes | None:
        if "format=jsonl" not in asked.path:
            # the cursor moves on, as a console's does
            return reply(200, page.replace(b'"more"', b'"%d"' % len(other.asked)), content_type="application/json")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n"
        with contextlib.suppress(OSError):
            connection.sendall(head)
            while True:
                connection.sendall(json.dumps(PACKAGE).encode() + b"\n")
        return None

    environ = {**os.environ, "RIGHTSHIFT_TOKEN": "it", "XDG_CONFIG_HOME": str(tmp_path)}
    with peer(forever) as other:
        words = ["packages", "--limit", "0", *more, "--console", other.url("")]
        command = [sys.executable, "-c", "from rightshift.cli.main import entry; entry()", *words]
        with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stderr
            first = process.stdout.readline() if more != ["--json"] else process.stdout.read(100_000)
            process.stdout.close()
            assert process.wait(20) == 141
            assert process.stderr.read() == b""
    assert b"\x1b" not in first
    assert first.startswith({"[]": b"PACKAGE", "['--json']": b'{"items":[{'}.get(str(more), b"{"))
