"""`rightshift scan` on small trees: what is written where, with which exit code."""

import csv
import io
import json
from pathlib import Path

import pytest

from rightshift.cli.main import main
from rightshift.documents import scan

LOCK = b'version = 4\n[[package]]\nname = "smallvec"\nversion = "1.6.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "Cargo.lock").write_bytes(LOCK)
    return folder


def test_the_packages_of_a_folder(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(tree), "--no-match"]) == 0
    out, said = capsys.readouterr()
    assert "smallvec  1.6.0    cargo      locked  Cargo.lock" in out
    assert "1 package; nothing was matched" in out
    assert not said


def test_json_is_the_scan_document(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(tree), "--no-match", "--json"]) == 0
    document = scan.decode(capsys.readouterr().out.encode())
    assert document.status == "complete"
    assert [package.purl for package in document.packages] == ["pkg:cargo/smallvec@1.6.0"]


def test_two_scans_differ_in_time_and_id_only(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def once() -> dict[str, object]:
        assert main(["scan", str(tree), "--no-match", "--json"]) == 0
        document: dict[str, object] = json.loads(capsys.readouterr().out)
        return {key: value for key, value in document.items() if key not in ("id", "created")}

    assert once() == once()


def test_reports_go_to_files_and_one_to_standard_output(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {name: tree.parent / f"out.{name}" for name in ("sarif", "csv", "cyclonedx", "spdx", "markdown", "table")}
    words = [word for name, path in files.items() for word in ("-o", f"{name}={path}")]
    assert main(["scan", str(tree), "--no-match", "--format", "json", *words]) == 0
    assert json.loads(capsys.readouterr().out)["packages"]
    assert json.loads(files["cyclonedx"].read_bytes())["components"][0]["name"] == "smallvec"
    assert next(csv.reader(io.StringIO(files["csv"].read_text())))[0] == "score"
    assert all(path.stat().st_size for path in files.values())
    assert not list(tree.parent.glob(".*"))


def test_a_report_to_a_link_goes_where_it_leads(tree: Path) -> None:
    real, link = tree.parent / "real.json", tree.parent / "link.json"
    real.write_text("")
    link.symlink_to(real)
    assert main(["scan", str(tree), "--no-match", "-q", "-o", f"json={link}"]) == 0
    assert link.is_symlink()
    assert json.loads(real.read_bytes())


def test_a_file_that_is_there_stays_when_the_scan_fails(tree: Path) -> None:
    kept = tree.parent / "kept.json"
    kept.write_text("before")
    assert main(["scan", str(tree / "missing"), "--no-match", "-o", f"json={kept}"]) == 1
    assert kept.read_text() == "before"


def test_only_the_wanted_ecosystems(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(tree), "--no-match", "--json", "--ecosystems", "java,python"]) == 0
    assert json.loads(capsys.readouterr().out)["packages"] == []


def test_what_is_not_there_is_an_error(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(tree / "missing"), "--no-match"]) == 1
    out, said = capsys.readouterr()
    assert not out
    assert "missing" in said


def test_partial_is_4_where_complete_was_required(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "broken").mkdir()
    (tree / "broken" / "Cargo.lock").write_bytes(b"\xff")
    assert main(["scan", str(tree), "--no-match"]) == 0
    assert "Partial: 1 thing could not be read\n  broken/Cargo.lock: " in capsys.readouterr().out
    assert main(["scan", str(tree), "--no-match", "--require-complete"]) == 4


def test_offline_no_registry_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "registry:127.0.0.1:1/app:1", "--offline", "--no-match"]) == 1
    assert "No registry was asked" in capsys.readouterr().err


def test_names_of_files_that_look_like_options_are_names(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "--help").mkdir()
    (tree / "--help" / "Cargo.lock").write_bytes(LOCK.replace(b"1.6.0", b"1.7.0"))
    assert main(["scan", str(tree), "--no-match"]) == 0
    assert "--help/Cargo.lock" in capsys.readouterr().out


def test_hostile_names_come_out_harmless(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tree / "a\x1b[31m\n::error::x\u202e\x9b"
    folder.mkdir()
    (folder / "Cargo.lock").write_bytes(LOCK.replace(b"smallvec", b"=cmd\\u001b[31m<b>\\u202e"))
    for name in ("table", "json", "csv", "markdown", "sarif", "cyclonedx", "spdx"):
        assert main(["scan", str(tree), "--no-match", "--format", name]) == 0
        out, said = capsys.readouterr()
        assert all(character.isprintable() or character in "\r\n" for character in out + said)
        assert not any(line.startswith("::error") for line in out.splitlines())


def test_a_folder_is_left_out_as_asked_and_named(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place in ("a/old", "b/old"):
        (tree / place).mkdir(parents=True)
        (tree / place / "Cargo.lock").write_bytes(LOCK.replace(b"1.6.0", b"1.5." + place[:1].encode().hex().encode()))
    assert main(["scan", str(tree), "--no-match", "--json", "--skip", "/a/", "--skip", "b/./old"]) == 0
    document = scan.decode(capsys.readouterr().out.encode())
    assert [package.purl for package in document.packages] == ["pkg:cargo/smallvec@1.6.0"]
    assert document.covered_elsewhere == ("a: left out as asked", "b/old: left out as asked")
    assert document.status == "complete"


@pytest.mark.parametrize("folder", ["..", "a/../..", "/", "."])
def test_a_folder_outside_can_not_be_left_out(tree: Path, folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(tree), "--skip", folder]) == 2
    assert "inside what is scanned" in capsys.readouterr().err
