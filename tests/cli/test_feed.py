"""`rightshift feed`: what is in use, one file out and in, and a feed that is never lost on the way."""

import json
from pathlib import Path

import pytest

from rightshift.cli.main import main
from tests.feed.bucket import many, served


def test_the_status_says_from_when_it_is(feed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feed", "status"]) == 0
    out = capsys.readouterr().out
    assert "advisories  3\n" in out
    assert "built       2026-01-04T02:00:00Z" in out
    assert "checked     never" in out
    assert "EPSS        v2026.06.15 of 2026-01-04" in out
    assert main(["feed", "status", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["generation"], status["records"], status["kind"]) == (1, 3, "full")


def test_one_file_out_and_in_again(
    feed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / "feed.bundle"
    assert main(["feed", "export", str(bundle), "--json"]) == 0
    exported = json.loads(capsys.readouterr().out)
    assert exported["generation"] == 1
    monkeypatch.setenv("RIGHTSHIFT_HOME", str(tmp_path / "elsewhere"))
    words = ["feed", "import", str(bundle)]
    assert main(words) == 2
    assert main([*words, "--trust", exported["public_key"]]) == 0
    assert f"generation 1 of {exported['lineage']} is in use" in capsys.readouterr().out
    monkeypatch.setenv("RIGHTSHIFT_FEED_KEY", exported["public_key"])
    assert main(words) == 0
    assert main(["match", "pkg:cargo/smallvec@1.6.0"]) == 0
    assert "CVE-2021-25900" in capsys.readouterr().out


def test_another_key_or_a_changed_byte_is_refused_and_the_feed_stays(
    feed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, other = tmp_path / "feed.bundle", tmp_path / "other.bundle"
    assert main(["feed", "export", str(bundle)]) == 0
    assert main(["feed", "export", str(other), "--key", str(tmp_path / "other.pem")]) == 0
    assert main(["feed", "import", str(bundle), "--trust", str(tmp_path / "other.pem.pub")]) == 1
    content = bytearray(bundle.read_bytes())
    content[-5] ^= 1
    bundle.write_bytes(content)
    trust = str(tmp_path / "home" / "feed-key.pem.pub")
    assert main(["feed", "import", str(bundle), "--trust", trust]) == 1
    assert main(["feed", "import", str(other), "--trust", "/no/such/key"]) == 2
    capsys.readouterr()
    assert main(["feed", "status"]) == 0
    assert "advisories  3\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["update", "more"], ["export"], ["import"], ["status", "x"], ["export", "/no/such/folder/x"], ["nothing"]]
)
def test_wrong_use(words: list[str], feed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feed", *words]) == 2
    assert capsys.readouterr().err.startswith("rightshift: error: ")


def test_offline_nothing_is_fetched(
    feed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RIGHTSHIFT_OFFLINE", "1")
    assert main(["feed", "update"]) == 2
    assert "Nothing is fetched" in capsys.readouterr().err


def test_a_mirror_that_does_not_answer_is_an_error_and_the_feed_stays(
    feed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RIGHTSHIFT_FEED_URL", "http://127.0.0.1:1")
    assert main(["feed", "update"]) == 1
    assert "The feed in use stays as it was" in capsys.readouterr().err
    assert main(["feed", "status"]) == 0


def test_a_home_that_cannot_be_made_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RIGHTSHIFT_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setenv("RIGHTSHIFT_FEED_URL", "http://127.0.0.1:1")
    assert main(["feed", "update"]) == 1
    assert "Set RIGHTSHIFT_HOME" in capsys.readouterr().err


def test_a_feed_that_cannot_be_had_is_said_and_no_reason_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RIGHTSHIFT_HOME", str(tmp_path))
    monkeypatch.setenv("RIGHTSHIFT_FEED_URL", "http://127.0.0.1:9")
    assert main(["feed", "update"]) == 1
    capsys.readouterr()
    assert main(["feed", "update", "--if-reachable"]) == 0
    assert "The feed stays as it is" in capsys.readouterr().err


@pytest.mark.parametrize("first", ["unreachable", "page", "emptied"])
def test_where_a_mirror_is_of_no_use_the_next_one_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], first: str
) -> None:
    monkeypatch.setenv("RIGHTSHIFT_HOME", str(tmp_path))
    with served() as bad, served() as good:
        good.put(*many(80))
        monkeypatch.setenv("RIGHTSHIFT_FEED_URL", good.url)
        assert main(["feed", "update"]) == 0
        good.put(*many(85))
        bad.put(*many(3))
        bad.fault = "page" if first == "page" else ""
        no_use = "http://127.0.0.1:1" if first == "unreachable" else bad.url
        monkeypatch.setenv("RIGHTSHIFT_FEED_URL", f"{no_use} {good.url}")
        capsys.readouterr()
        assert main(["feed", "update"]) == 0
    out, said = capsys.readouterr()
    assert "85 advisories" in out
    assert "was of no use, the next one is asked" in said
