"""Assets of a console: each filter reaches it, and what it answers is shown with its findings by band."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rightshift.cli import assets, command
from rightshift.cli.console.types import AssetsQuery
from rightshift.cli.main import main
from tests.cli.answering import Running
from tests.egress.peers import Peer, peer, reply

ROW = {
    "id": "3f0f6a1d-e54b-4b5c-9a2c-2f0c6b8f7a10",
    "kind": "host",
    "key": "web-1",
    "name": "web-1\x1b[31m",
    "parent": None,
    "cloud": "",
    "region": "",
    "cluster": "",
    "namespace": "",
    "workload": "",
    "host": "web-1",
    "image": "",
    "labels": {"tier": "web"},
    "running": True,
    "unit": None,
    "first_seen": "2026-01-01T00:00:00Z",
    "last_seen": "2026-01-02T03:04:05Z",
    "gone": None,
    "bands": [1, 0, 2_000, 3],
}


@pytest.fixture
def console(configured: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    body = json.dumps({"items": [ROW], "next": None}).encode()
    monkeypatch.setenv("RIGHTSHIFT_TOKEN", "it")
    with peer(lambda *_: reply(200, body, content_type="application/json")) as other:
        monkeypatch.setenv("RIGHTSHIFT_CONSOLE", other.url(""))
        yield other


def test_a_table_for_people(console: Peer, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assets"]) == 0
    out = capsys.readouterr().out
    head, row = out.splitlines()
    assert head.split() == ["KIND", "NAME", "NOW", "PLAN", "ROUTINE", "RUNNING", "HOST", "SEEN"]
    assert "2,000" in row
    assert "2026-01-02 03:04" in row
    assert "\x1b" not in out


def test_json_has_all_that_was_said(console: Peer, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assets", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["items"] == [ROW]


def test_every_filter_of_the_api_is_an_option_and_reaches_it() -> None:
    parser = command.parser("assets", assets.COMMAND)
    words: list[str] = []
    others = {"--limit", "--format", "--output", "--console", "--ca-file", "--json", "--quiet", "--help"}
    for action in parser.declared:
        name = next((one for one in action.option_strings if one.startswith("--")), "")
        if name and name not in others:
            words += [name] if action.nargs == 0 else [name, "true"]
    asked = assets._asked(parser.parse_args(words))
    assert [name for name in AssetsQuery.__struct_fields__ if getattr(asked, name) is None] == []


def test_a_real_console_takes_every_filter(
    signed_in: Callable[..., Running], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    signed_in()
    every = ["--gone", "--label", "tier=web", "--key", "x", "--parent", ROW["id"], "--text", "t", "--running", "true"]
    for name in ("kind", "cloud", "region", "cluster", "namespace", "workload", "host", "image"):
        every += [f"--{name}", "a", f"--{name}", "b"]
    assert main(["assets", *map(str, every)]) == 0
    assert capsys.readouterr().out == "No asset\n"
    for form in ("csv", "jsonl", "xlsx"):
        file = tmp_path / f"found.{form}"
        assert main(["assets", "--format", form, "-o", str(file)]) == 0, capsys.readouterr().err
        assert file.exists()
    assert main(["assets", "--label", "nonsense"]) == 1
    assert "label" in capsys.readouterr().err
