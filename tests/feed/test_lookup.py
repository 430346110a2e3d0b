"""What a feed answers, and how fast it opens and answers."""

from pathlib import Path
from time import process_time

import pytest

from rightshift.errors import FeedError
from rightshift.feed.lookup import Feed
from rightshift.model.advisory import Affected, Kev, Range
from tests.feed.bucket import feed, many, osv


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feed")
    records = [
        osv("GHSA-1", "PyPI", "Foo.Bar", "introduced 0", "fixed 2.0", aliases=["CVE-2024-0001"], summary="One"),
        osv("PYSEC-1", "PyPI", "foo-bar", "introduced 0", aliases=["CVE-2024-0001"]),
        osv("DEBIAN-CVE-2024-0001", "Debian:12", "foo", "introduced 0", upstream=["CVE-2024-0001"]),
        osv("DSA-1", "Debian:11", "foo", "introduced 0", "fixed 1-2", upstream=["CVE-2024-0002"]),
        *many(2_000, "npm"),
    ]
    feed(folder, records, {"CVE-2024-0001": Kev("2024-02-03", True)}, {"CVE-2024-0001": 0.25})
    return folder


def test_names_are_asked_as_people_write_them(folder: Path) -> None:
    with Feed.open(folder) as known:
        assert known.affected("PyPI", ["FOO_bar", "other"]) == {
            "FOO_bar": (
                Affected("GHSA-1", "PyPI", "FOO_bar", (Range((("introduced", "0"), ("fixed", "2.0"))),)),
                Affected("PYSEC-1", "PyPI", "FOO_bar", (Range((("introduced", "0"),)),)),
            )
        }


def test_a_release_or_all(folder: Path) -> None:
    with Feed.open(folder) as known:
        assert [a.advisory for a in known.affected("Debian:11", ["foo"])["foo"]] == ["DSA-1"]
        assert [a.ecosystem for a in known.affected("Debian", ["foo"])["foo"]] == ["Debian:12", "Debian:11"]


def test_an_advisory_has_closed_aliases(folder: Path) -> None:
    with Feed.open(folder) as known:
        found = known.advisory("GHSA-1")
        assert found is not None
        assert (found.aliases, found.summary) == (("CVE-2024-0001", "PYSEC-1"), "One")
        assert known.advisory("CVE-2024-0001") is None
        assert known.packages("DSA-1") == (("Debian", "foo"),)


def test_threats_and_history(folder: Path) -> None:
    with Feed.open(folder) as known:
        ((cve, kev, epss),) = known.threats(["GHSA-1", "CVE-2024-0001", "CVE-2024-0002"])
        assert (cve, kev) == ("CVE-2024-0001", Kev("2024-02-03", True))
        assert epss is not None
        assert (epss.probability, epss.model_version, epss.day) == (0.25, "v1", "2026-01-01")
        assert (known.history("Debian", "foo"), known.history("PyPI", "foo-bar")) == ((2, 1), (1, 1))


def test_opening_is_cheap_and_so_is_a_thousand_look_ups(folder: Path) -> None:
    """Bounds three times those of a quiet machine, which are 5 and 10 ms."""
    names = [f"name-{n}" for n in range(1_000)]
    opening, asking = [], []
    for _ in range(5):
        began = process_time()
        with Feed.open(folder) as known:
            opening.append(process_time() - began)
            for _ in range(2):
                began = process_time()
                found = sum(len(known.statements("npm", name)) for name in names)
                asking.append(process_time() - began)
            assert found == 1_000
    assert min(opening) < 0.015
    assert min(asking) < 0.030


def test_no_feed_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="There is no feed yet") as raised:
        Feed.open(tmp_path)
    assert "rightshift feed update" in raised.value.do


def test_a_feed_of_another_schema_is_refused(tmp_path: Path) -> None:
    from rightshift.feed import file

    feed(tmp_path, many(1))
    database = file.connect(tmp_path / file.FEED, "rw")
    file.set_meta(database, {"schema": "99"})
    database.close()
    with pytest.raises(FeedError, match="schema 99"):
        Feed.open(tmp_path)
