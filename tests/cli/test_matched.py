"""What is known against packages, from a feed on this machine: reports, gates, what is left out, lines in and out."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rightshift.cli.main import main

pytestmark = pytest.mark.usefixtures("feed")
Locked = Callable[[str, str], Path]


def said(words: list[str], capsys: pytest.CaptureFixture[str], code: int = 0) -> str:
    assert main(words) == code
    return capsys.readouterr().out


def test_a_table_with_the_fix_and_what_speaks_for_it(locked: Locked, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(["scan", str(locked("smallvec", "1.6.0"))], capsys)
    row = next(line for line in out.splitlines() if "smallvec" in line)
    for cell in ("CVE-2021-25900", "critical", "EPSS 20%", "1.6.0", "1.6.1", "unknown", "Cargo.lock"):
        assert cell in row
    assert "1 match in 1 of 1 package:" in out


@pytest.mark.parametrize(
    ("release", "said", "over"),
    [
        ('ID=debian\nVERSION_ID="9"\nPRETTY_NAME="Debian 9"', "Debian 9 reached its end of life on 2022-06-30", "yes"),
        ("ID=wolfi\nVERSION_ID=1", "Linux: its end of life is unknown", "unknown"),
    ],
)
def test_the_end_of_life_of_the_system(
    release: str, said: str, over: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tree/etc").mkdir(parents=True)
    (tmp_path / "tree/etc/os-release").write_text(release)
    assert main(["scan", str(tmp_path / "tree")]) == 0
    assert said in capsys.readouterr().out
    assert main(["scan", str(tmp_path / "tree"), "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["end_of_life"]["over"] == over
    assert (said in err) is (over == "yes")


def test_json_has_matches_and_feed(locked: Locked, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(said(["scan", str(locked("smallvec", "1.6.0")), "--json"], capsys))
    assert document["feed"] | {"lineage": ""} == {
        "kind": "full",
        "generation": 1,
        "lineage": "",
        "built": "2026-01-04T02:00:00Z",
        "records": 3,
        "covers": 1,
        "packages": 1,
        "nothing_of": [],
        "unversioned": 0,
    }
    (match,) = document["matches"]
    assert match["id"] == "CVE-2021-25900"
    assert {"RUSTSEC-2021-0003", "GHSA-43w2-9j62-hq99"} <= set(match["aliases"]) | set(match["records"])
    assert match["purl"] == "pkg:cargo/smallvec@1.6.0"
    assert match["fixed"] == ["1.6.1"]
    assert match["package"] == 0
    assert match["points"] == sum(part["points"] for part in match["evidence"])


@pytest.mark.parametrize(
    ("conditions", "code"),
    [("severity>=high", 3), ("fixable + severity=critical", 3), ("kev", 0), ("epss>=0.5", 0), ("kev, fixable", 3)],
)
def test_a_gate_is_3_and_everything_is_reported_all_the_same(
    conditions: str, code: int, locked: Locked, capsys: pytest.CaptureFixture[str]
) -> None:
    out = said(["scan", str(locked("smallvec", "1.6.0")), "--fail-on", conditions], capsys, code)
    assert "CVE-2021-25900" in out
    assert ("Gate FAILED" in out) is (code == 3)


def test_a_gate_beats_partial(locked: Locked, capsys: pytest.CaptureFixture[str]) -> None:
    tree = locked("smallvec", "1.6.0")
    (tree / "package-lock.json").write_text("{")
    words = ["scan", str(tree), "--require-complete"]
    said(words, capsys, 4)
    said([*words, "--fail-on", "fixable"], capsys, 3)
    said([*words, "--fail-on", "kev"], capsys, 4)


def test_nothing_known_is_0(locked: Locked, capsys: pytest.CaptureFixture[str]) -> None:
    assert "No match in 1 package" in said(["scan", str(locked("smallvec", "1.6.1")), "--fail-on", "score>=0"], capsys)


def test_an_ignored_match_is_listed_apart_and_fails_nothing(
    locked: Locked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "left.toml"
    rules.write_text('[[ignore]]\nid = "GHSA-43w2-9j62-hq99"\nreason = "not called"\nuntil = 2999-12-31\n')
    words = ["scan", str(locked("smallvec", "1.6.0")), "--fail-on", "fixable", "--ignore-file", str(rules), "--json"]
    document = json.loads(said(words, capsys))
    assert document["matches"] == []
    (left,) = document["suppressed"]
    assert (left["by"], left["reason"], left["until"]) == ("ignore", "not called", "2999-12-31")
    assert left["match"]["id"] == "CVE-2021-25900"


def test_rules_that_ended_or_have_no_end_are_told(
    locked: Locked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "left.toml"
    rules.write_text(
        '[[ignore]]\nid = "CVE-2021-25900"\nreason = "old"\nuntil = "2020-01-01"\n'
        '[[ignore]]\npackage = "other"\nreason = "for ever"\n'
    )
    assert main(["scan", str(locked("smallvec", "1.6.0")), "--fail-on", "fixable", "--ignore-file", str(rules)]) == 3
    notes = capsys.readouterr().err
    assert "the rule for CVE-2021-25900 ended on 2020-01-01" in notes
    assert "the rule for other has no end" in notes


@pytest.mark.parametrize(
    "content",
    [
        b"\xff",
        b"[[ignore]",
        b'[[ignore]]\nid = "CVE-2021-25900"\n',
        b'[[ignore]]\nreason = "all"\n',
        b'[[ignore]]\nid = 1\nreason = "x"\n',
        b'[[ignore]]\nid = "a"\nreason = "x"\nuntil = "soon"\n',
        b'[[ignore]]\nid = "a"\nreason = "x"\nuntil = 7\n',
        b'[[ignore]]\nid = "a"\nreason = "x"\nseverity = "high"\n',
        b'ignore = "all"\n',
        b'[[ignored]]\nid = "a"\nreason = "x"\n',
        b"a = " + b"[" * 99_999,
    ],
)
def test_an_ignore_file_that_is_wrong_is_refused(
    content: bytes, locked: Locked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "left.toml"
    rules.write_bytes(content)
    assert main(["scan", str(locked("smallvec", "1.6.0")), "--ignore-file", str(rules)]) == 2
    assert "help ignore-file" in capsys.readouterr().err


def test_a_missing_or_special_file_is_refused(locked: Locked, capsys: pytest.CaptureFixture[str]) -> None:
    tree = str(locked("smallvec", "1.6.0"))
    assert main(["scan", tree, "--ignore-file", "/no/such/file"]) == 2
    assert main(["scan", tree, "--vex", "/dev/zero"]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_vex_takes_a_match_out(locked: Locked, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vex = tmp_path / "vex.json"
    statement = {
        "vulnerability": {"name": "CVE-2021-25900"},
        "products": [{"@id": "pkg:cargo/smallvec@1.6.0"}],
        "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path",
    }
    document = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://vendor.example/vex/1",
        "author": "vendor",
        "timestamp": "2026-01-01T00:00:00Z",
        "version": 1,
        "statements": [statement],
    }
    vex.write_text(json.dumps(document))
    found = json.loads(said(["scan", str(locked("smallvec", "1.6.0")), "--vex", str(vex), "--json"], capsys))
    assert found["matches"] == []
    assert found["suppressed"][0]["by"] == "vex"
    assert found["suppressed"][0]["status"] == "not_affected"
    vex.write_text("{}")
    said(["scan", str(locked("smallvec", "1.6.0")), "--vex", str(vex)], capsys, 2)


def test_named_packages_are_matched(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(["match", "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", "pkg:cargo/smallvec@1.6.1"], capsys)
    assert "KEV ransomware" in out
    assert "1 match in 1 of 2 packages" in out
    document = json.loads(said(["match", "--json", "pkg:cargo/smallvec@1.6.0"], capsys))
    assert document["matches"][0]["id"] == "CVE-2021-25900"


def test_a_source_package_of_a_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    purl = "pkg:deb/debian/libc6@2.36-9?distro=debian-12&upstream=glibc"
    assert "CVE-2010-4756" in said(["match", purl], capsys)


@pytest.mark.parametrize("words", [["nonsense"], ["pkg:"], ["-", "pkg:npm/a@1"], ["pkg:npm/" + "a" * 100_000]])
def test_what_is_no_package_is_wrong_use(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    said(["match", *words], capsys, 2)


def answer(lines: bytes, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, code: int = 0) -> str:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines)))
    return said(["match", "-", "--json"], capsys, code)


def test_each_line_is_answered_in_its_order(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (
        b'{"ecosystem": "crates.io", "name": "smallvec", "version": "1.6.0", "more": 1}\n\n'
        b'{"ecosystem": "crates.io", "name": "smallvec", "version": "1.6.1"}\n'
        b'{"ecosystem": "Debian:12", "name": "glibc", "version": "2.36-9"}'
    )
    answers = [json.loads(line) for line in answer(lines, capsys, monkeypatch).splitlines()]
    assert [(one["name"], one["version"]) for one in answers] == [
        ("smallvec", "1.6.0"),
        ("smallvec", "1.6.1"),
        ("glibc", "2.36-9"),
    ]
    assert {"CVE-2021-25900", "RUSTSEC-2021-0003", "GHSA-43w2-9j62-hq99"} <= set(answers[0]["ids"])
    assert "1.6.1" in answers[0]["matches"][0]["rule"]
    assert answers[1]["ids"] == []
    assert "DEBIAN-CVE-2010-4756" in answers[2]["ids"]


def test_lines_that_cannot_be_read_are_answered_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = b'{"ecosystem": "crates.io", "name": "smallvec", "version": "1.6.0"}\n'
    lines = [b"\xff\n", b"{\n", b"[1]\n", b'{"ecosystem": 1}\n', b"[" * 30_000 + b"\n", b"x" * 200_000 + b"\n"]
    answers = [json.loads(line) for line in answer(good + b"".join(lines) + good, capsys, monkeypatch, 1).splitlines()]
    assert ["error" in one for one in answers] == [False] + [True] * len(lines) + [False]


def test_a_line_is_answered_before_the_next_one_comes(feed: Path) -> None:
    program = "from rightshift.cli.main import entry; entry()"
    with subprocess.Popen(
        [sys.executable, "-c", program, "match", "-", "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as asked:
        assert asked.stdin
        assert asked.stdout
        for version, hit in (("1.6.0", True), ("1.6.1", False)):
            line = {"ecosystem": "crates.io", "name": "smallvec", "version": version}
            asked.stdin.write(json.dumps(line).encode() + b"\n")
            asked.stdin.flush()
            assert bool(json.loads(asked.stdout.readline())["ids"]) is hit
        asked.stdin.close()
        assert asked.wait(10) == 0


def test_without_a_feed_the_starter_feed_says_that_it_is_one(
    locked: Locked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RIGHTSHIFT_HOME", str(tmp_path / "new"))
    tree = str(locked("rustls", "0.20.0"))
    starter = "covers 1 of your 1 package; run `rightshift feed update`"
    assert main(["scan", tree]) == 0
    out, notes = capsys.readouterr()
    assert f"Starter feed: {starter}\n" in out
    assert not notes
    assert main(["scan", tree, "--json"]) == 0
    out, notes = capsys.readouterr()
    assert json.loads(out)["feed"]["kind"] == "starter"
    assert notes == f"rightshift: Starter feed: {starter}\n"


def test_a_distribution_that_the_feed_does_not_know_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(["match", "pkg:rpm/fedora/bash@5.2-1?distro=fedora-40"], capsys)
    assert "The feed has no advisory at all of fedora 40" in out
