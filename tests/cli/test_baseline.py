"""Gates that count only what an earlier report does not know."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rightshift import config
from rightshift.assess.baseline import Baseline
from rightshift.cli import baseline
from rightshift.cli.main import main
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

pytestmark = pytest.mark.usefixtures("feed")
Locked = Callable[[str, str], Path]
POM = """<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>a</artifactId><version>1</version>
<dependencies><dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId>
<version>2.14.1</version></dependency></dependencies></project>"""


@pytest.fixture
def before(locked: Locked, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A report that knows the flaw of smallvec 1.6.0."""
    report = tmp_path / "main.json"
    assert main(["scan", str(locked("smallvec", "1.6.0")), "-q", "-o", f"json={report}"]) == 0
    capsys.readouterr()
    return report


def test_what_is_known_fails_no_gate_and_is_reported(
    before: Path, locked: Locked, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["scan", str(locked("smallvec", "1.5.0")), "--fail-on", "severity>=low"]
    assert main(words) == 3
    capsys.readouterr()
    assert main([*words, "--baseline", str(before)]) == 0
    out = capsys.readouterr().out
    assert "CVE-2021-25900" in out
    assert f"0 of 1 match is new since {before}" in out
    assert "Gate passed: severity>=low" in out


def test_what_came_with_a_change_fails_and_only_that(
    before: Path, locked: Locked, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = locked("smallvec", "1.6.0")
    (tree / "pom.xml").write_text(POM)
    assert main(["scan", str(tree), "--json", "--baseline", str(before), "--fail-on", "severity>=low"]) == 3
    document = json.loads(capsys.readouterr().out)
    assert document["baseline"] == {"reports": [str(before)], "new": 1}
    assert {match["id"]: match["new"] for match in document["matches"]} == {
        "CVE-2021-44228": True,
        "CVE-2021-25900": False,
    }
    assert document["gates"] == [{"condition": "severity>=low", "failed": True, "matches": 1}]


def test_a_list_of_packages_is_matched_today(
    locked: Locked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree, report = locked("smallvec", "1.6.0"), tmp_path / "packages.json"
    assert main(["scan", str(tree), "-q", "--no-match", "-o", f"json={report}"]) == 0
    assert "matches" not in json.loads(report.read_bytes())
    assert main(["scan", str(tree), "--baseline", str(report), "--fail-on", "severity>=low"]) == 0
    (tree / "pom.xml").write_text(POM)
    assert main(["scan", str(tree), "--baseline", str(report), "--fail-on", "severity>=low"]) == 3
    assert "1 of 2 matches is new" in capsys.readouterr().out


def test_several_reports_know_together(before: Path, locked: Locked, tmp_path: Path) -> None:
    other, tree = tmp_path / "base.json", tmp_path / "base"
    tree.mkdir()
    (tree / "pom.xml").write_text(POM)
    assert main(["scan", str(tree), "-q", "-o", f"json={other}"]) == 0
    both = locked("smallvec", "1.6.0")
    (both / "pom.xml").write_text(POM)
    words = ["scan", str(both), "--fail-on", "severity>=low", "--baseline", str(before)]
    assert main(words) == 3
    assert main([*words, "--baseline", str(other)]) == 0


def test_what_was_suppressed_then_was_not_accepted_for_ever(
    locked: Locked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules, report = tmp_path / "decided.toml", tmp_path / "main.json"
    rules.write_text('[[ignore]]\nid = "CVE-2021-25900"\nreason = "x"\nuntil = 2999-01-01\n')
    tree = locked("smallvec", "1.6.0")
    assert main(["scan", str(tree), "-q", "--ignore-file", str(rules), "-o", f"json={report}"]) == 0
    assert main(["scan", str(tree), "--baseline", str(report), "--fail-on", "severity>=low"]) == 3
    assert "1 of 1 match is new" in capsys.readouterr().out


def test_it_is_said_why_something_may_look_new_that_is_not(
    before: Path, locked: Locked, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(before.read_bytes())
    document["gaps"] = [{"path": "a.jar", "reason": "no zip"}]
    document["feed"]["kind"] = "starter"
    before.write_text(json.dumps(document, indent=4))
    assert main(["scan", str(locked("smallvec", "1.6.0")), "--baseline", str(before)]) == 0
    err = capsys.readouterr().err
    assert "main.json: Partial: 1 thing could not be read; what lies there looks new" in err
    assert "main.json: matched with the starter feed" in err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a scan document"),
        (b"[]", "not a scan document"),
        (b"{", "not a scan document"),
        (b'{"schema": "rightshift/scan/9"}', "schema"),
        (b'{"$schema": "sarif"}', "schema"),
        (b"\xff\xfe{\x00}\x00", "not a scan document"),
        (b"[" * 100_000, "not a scan document"),
    ],
)
def test_what_is_no_report_is_wrong_use_and_says_so(
    content: bytes, said: str, locked: Locked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "old.json"
    file.write_bytes(content)
    assert main(["scan", str(locked("smallvec", "1.6.0")), "--baseline", str(file)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{file}: " in err
    assert said in err
    assert "Give a report that" in err


def test_matches_of_another_shape_are_wrong_use(
    before: Path, locked: Locked, capsys: pytest.CaptureFixture[str]
) -> None:
    before.write_bytes(before.read_bytes().replace(b'"id":"CVE-2021-25900"', b'"id":7'))
    assert main(["scan", str(locked("smallvec", "1.6.0")), "--baseline", str(before)]) == 2
    assert "main.json: " in capsys.readouterr().err


def test_a_report_beyond_the_limit_is_refused_unread(
    locked: Locked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "old.json"
    with file.open("wb") as sparse:
        sparse.truncate(baseline.LIMIT_BYTES + 1)
    assert main(["scan", str(locked("smallvec", "1.6.0")), "--baseline", str(file)]) == 2
    assert f"more than {baseline.LIMIT_BYTES} bytes" in capsys.readouterr().err


def test_what_is_no_file_is_not_opened(locked: Locked, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "none", "."):
        assert main(["scan", str(locked("smallvec", "1.6.0")), "--baseline", str(tmp_path / name)]) == 2


def test_with_nothing_matched_there_is_nothing_to_compare(before: Path, locked: Locked) -> None:
    assert main(["scan", str(locked("smallvec", "1.6.0")), "--no-match", "--baseline", str(before)]) == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(at=st.floats(0, 1), put=st.binary(max_size=4), taken=st.integers(0, 9))
def test_no_bytes_raise_anything_else(at: float, put: bytes, taken: int, before: Path, tmp_path: Path) -> None:
    content, file = before.read_bytes(), tmp_path / "cut.json"
    cut = int(len(content) * at)
    file.write_bytes(content[:cut] + put + content[cut + taken :])
    with suppress(UsageError):
        found = baseline.read([file], config.of_process(), Streams(None, None, {}), datetime(2026, 1, 5, tzinfo=UTC))
        assert isinstance(found, Baseline)
