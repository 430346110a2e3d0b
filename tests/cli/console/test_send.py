"""A scan's document reaches the console once, whole, under a name that tells machines and folders apart."""

import json
import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from rightshift.cli.console import send
from rightshift.cli.main import main
from rightshift.documents.scan import ScanDocument, Subject, Tool
from tests.cli.answering import Running
from tests.egress.peers import peer, reply


def document(kind: str, name: str) -> ScanDocument:
    subject = Subject(kind=kind, name=name)  # type: ignore[arg-type]
    return ScanDocument(
        id="x", created="2026-01-01T00:00:00Z", tool=Tool("t", "1", "c"), status="complete", subject=subject
    )


def test_a_name_where_nobody_gives_one(tmp_path: Path) -> None:
    (tmp_path / "bom.cdx.json").write_text("{}")
    names = {
        ("host", "host:"): "here",
        ("host", f"host:{tmp_path}"): f"here:{tmp_path}",
        ("image", "nginx:1.27"): "",
        ("container", "web"): "here:web",
        ("directory", f"dir:{tmp_path}/"): f"here:{tmp_path}",
        ("sbom", f"sbom:{tmp_path}/bom.cdx.json"): f"here:{tmp_path}/bom.cdx.json",
        ("directory", "/no/such/folder"): "here:/no/such/folder",
    }
    assert {one: send.asset_of(document(*one), "here") for one in names} == names


def test_a_folder_has_one_name_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path)
    names = {send.asset_of(document("directory", name), "here") for name in ("app", "dir:app", "./app", "app/../app/")}
    assert names == {f"here:{tmp_path}/app"}


def scans(running: Running) -> list[tuple[object, ...]]:
    with psycopg.connect(running.database) as connection:
        return connection.execute("SELECT kind, key, document_id, sent_by FROM scan ORDER BY id").fetchall()


@pytest.mark.parametrize("named", ["", "shop"])
def test_a_scan_is_kept_and_said(
    signed_in: Callable[..., Running],
    locked: Callable[[str, str], Path],
    feed: Path,
    named: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    running, folder = signed_in(), locked("smallvec", "1.6.0")
    before = len(scans(running))
    words = ["scan", str(folder), "--json", "--no-cache", "--console", running.url]
    assert main([*words, *(["--name", named] if named else [])]) == 0
    out, said = capsys.readouterr()
    key = named or f"{socket.gethostname()}:{folder}"
    assert f"keeps it as directory:{key}" in said
    kind, kept, id, by = scans(running)[before:][0]
    assert (kind, kept, id) == ("directory", key, json.loads(out)["id"])
    assert by


def test_a_gate_holds_all_the_same(
    signed_in: Callable[..., Running], locked: Callable[[str, str], Path], feed: Path
) -> None:
    running, folder = signed_in(), locked("smallvec", "1.6.0")
    before = len(scans(running))
    words = ["scan", str(folder), "--no-cache", "-q", "--fail-on", "severity>=high", "--console", running.url]
    assert main(words) == 3
    assert len(scans(running)) == before + 1


def test_without_a_sign_in_nothing_is_scanned(
    configured: Path, locked: Callable[[str, str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", str(locked("smallvec", "1.6.0")), "--console", "http://127.0.0.1:1"]) == 2
    out, said = capsys.readouterr()
    assert not out
    assert "rightshift login http://127.0.0.1:1" in said


def test_a_console_that_is_away_is_an_error_after_the_report(
    configured: Path,
    locked: Callable[[str, str], Path],
    feed: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RIGHTSHIFT_TOKEN", "some-token")
    folder = str(locked("smallvec", "1.6.0"))
    with peer(lambda *_: reply(401, b'{"title": "no"}', content_type="application/problem+json")) as other:
        assert main(["scan", folder, "--no-match", "--no-cache", "--json", "--console", other.url("")]) == 1
    out, said = capsys.readouterr()
    assert json.loads(out)["packages"]
    assert "error: no" in said
    assert "some-token" not in out + said


@pytest.mark.parametrize("words", [["--name", "x"], ["again", "--name", "x", "--console", "http://127.0.0.1:1"]])
def test_a_name_is_for_one_source_and_a_console(words: list[str], locked: Callable[[str, str], Path]) -> None:
    assert main(["scan", str(locked("smallvec", "1.6.0")), *words]) == 2
