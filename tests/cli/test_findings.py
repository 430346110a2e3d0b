"""Findings of a console: each filter reaches it, and tables, JSON, files and exit codes say what it answered."""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from rightshift.cli import command, findings
from rightshift.cli.console.types import FindingsQuery
from rightshift.cli.main import main
from tests.cli.answering import Running
from tests.egress.peers import Asked, Peer, peer, reply

ROW = {
    "id": "3f0f6a1d-e54b-4b5c-9a2c-2f0c6b8f7a10",
    "points": 83,
    "score": 83,
    "band": "now",
    "advisory": "CVE-2021-44228",
    "aliases": ["GHSA-jfh8-c2jp-5v3q"],
    "summary": "Remote code injection in Log4j",
    "severity": "critical",
    "kev": True,
    "ransomware": True,
    "malicious": False,
    "ignored": False,
    "fixable": True,
    "certain": True,
    "epss": 0.94,
    "vector": "",
    "fixed": ["2.15.0"],
    "ecosystem": "maven",
    "package": "org.apache.logging.log4j:log4j-core",
    "version": "2.14.1",
    "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
    "unit": "3f0f6a1d-e54b-4b5c-9a2c-2f0c6b8f7a11",
    "unit_kind": "workload",
    "unit_name": "shop/cart",
    "cluster": "eu",
    "namespace": "shop",
    "workload": "cart",
    "host": "",
    "image": "",
    "assets": 50,
    "running": True,
    "first_seen": "2026-01-01T00:00:00Z",
    "state": "open",
    "fixed_at": None,
    "newer": "passed on",
}


@pytest.fixture
def console(configured: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    """A stand-in that has three findings, one a page."""

    def answer(asked: Asked) -> bytes:
        query = parse_qs(urlsplit(asked.path).query)
        if "format" in query:
            return reply(200, b"a,b\r\n", content_type="text/csv")
        at = int(query.get("after", ["0"])[0])
        row = ROW | {"package": f"p{at}\x1b[31m"}
        body = {"items": [row], "next": str(at + 1) if at < 2 else None}
        return reply(200, json.dumps(body).encode(), content_type="application/json")

    monkeypatch.setenv("RIGHTSHIFT_TOKEN", "it")
    with peer(lambda asked, _: answer(asked)) as other:
        monkeypatch.setenv("RIGHTSHIFT_CONSOLE", other.url(""))
        yield other


def test_a_table_for_people(console: Peer, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["findings"]) == 0
    out, said = capsys.readouterr()
    head, *rows = out.splitlines()
    assert head.split()[:3] == ["SCORE", "ADVISORY", "SEVERITY"]
    assert len(rows) == 3
    assert rows[0].split("  ")[0].strip() == "83 Fix now"
    assert "KEV, ransomware" in rows[0]
    assert "\x1b" not in out
    assert not said


def test_json_has_all_that_was_said(console: Peer, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["findings", "--json", "--limit", "2"]) == 0
    items = json.loads(capsys.readouterr().out)["items"]
    assert len(items) == 2
    assert items[0]["newer"] == "passed on"


def test_that_there_is_more_is_said(console: Peer, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["findings", "--limit", "1"]) == 0
    assert "--limit 0" in capsys.readouterr().err


@pytest.mark.parametrize("more", [[], ["--json"], ["--format", "csv"]])
def test_a_pipeline_can_ask_for_what_must_not_be_there(console: Peer, more: list[str]) -> None:
    assert main(["findings", "--fail", *more]) == 3


def test_a_file_is_written_whole(console: Peer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "found.csv"
    assert main(["findings", "--kev", "--format", "csv", "-o", str(file)]) == 0
    assert file.read_bytes() == b"a,b\r\n"
    assert "kev=true&state=open&format=csv" in console.asked[-1].path
    assert main(["findings", "--format", "csv"]) == 0
    assert capsys.readouterr().out == "a,b\r\n"


def test_a_file_that_could_not_be_had_is_not_there(
    configured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIGHTSHIFT_TOKEN", "it")
    file = tmp_path / "found.csv"
    broken = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 100\r\n\r\na,b"

    def answer(_asked: Asked, connection: object) -> None:
        connection.sendall(broken)  # type: ignore[attr-defined]

    with peer(answer) as other:
        assert main(["findings", "--console", other.url(""), "--format", "csv", "-o", str(file)]) == 1
    assert list(tmp_path.glob("*found*")) == []


def test_every_filter_of_the_api_is_an_option_and_reaches_it() -> None:
    values = {
        "--epss": "10%",
        "--score": "40",
        "--since": "2026-01-31",
        "--severity": "high",
        "--band": "now",
        "--running": "true",
        "--state": "all",
    }
    parser = command.parser("findings", findings.COMMAND)
    words: list[str] = []
    others = {"--limit", "--format", "--output", "--console", "--ca-file", "--json", "--quiet", "--help", "--fail"}
    for action in parser.declared:
        name = next((one for one in action.option_strings if one.startswith("--")), "")
        if name and name not in others:
            words += [name] if action.nargs == 0 else [name, values.get(name, "x")]
    asked = findings._asked(parser.parse_args(words))
    untold = [name for name in FindingsQuery.__struct_fields__ if getattr(asked, name) is None]
    assert untold == []
    assert (asked.epss_min, asked.since, asked.ignored) == (0.1, "2026-01-31T00:00:00Z", False)


@pytest.mark.parametrize(
    "words",
    [
        ["--epss", "2"],
        ["--epss", "x"],
        ["--since", "soon"],
        ["--band", "never"],
        ["--limit", "-1"],
        ["--json", "--format", "csv"],
        ["--output", "x.csv"],
        ["--format", "csv", "--output", "/no/such/folder/x"],
    ],
)
def test_wrong_use(console: Peer, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["findings", *words]) == 2
    assert capsys.readouterr().err.startswith("rightshift: error: ")
    assert console.asked == []


def test_a_real_console_takes_every_filter(
    signed_in: Callable[..., Running], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    signed_in()
    id = ROW["id"]
    every = ["--kev", "--fixable", "--not-ignored", "--score", "40", "--epss", "0.1", "--since", "2026-01-31"]
    every += ["--text", "log4j", "--unit", str(id), "--state", "all", "--running", "true", "--running", "unknown"]
    for name in ("cluster", "namespace", "workload", "host", "image", "ecosystem", "package", "advisory"):
        every += [f"--{name}", "a", f"--{name}", "b"]
    assert main(["findings", *every]) == 0
    assert capsys.readouterr().out == "No finding\n"
    for form in ("csv", "jsonl", "xlsx"):
        file = tmp_path / f"found.{form}"
        assert main(["findings", "--format", form, "-o", str(file)]) == 0, capsys.readouterr().err
        assert file.exists()
    assert main(["findings", "--fail"]) == 0
    assert main(["findings", "--unit", "x"]) == 1
    assert "unit" in capsys.readouterr().err


def test_shares_are_read() -> None:
    assert findings._share("0.5") == findings._share("50%") == 0.5
    with pytest.raises(argparse.ArgumentTypeError):
        findings._share("nan")
