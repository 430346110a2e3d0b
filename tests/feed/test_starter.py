"""The feed that comes with the program: sound records, true results, and no more than a start."""

import json
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from rightshift.assess import cvss
from rightshift.feed import file, starter, update
from rightshift.feed.lookup import Feed
from rightshift.feed.matches import Line, match_lines
from rightshift.versions.schemes import scheme
from tests.feed.bucket import Bucket, feed, impatient, many

LINES = files(starter).joinpath(starter.RECORDS).read_text().splitlines()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (Line("Maven", "org.apache.logging.log4j:log4j-core", "2.14.1"), "CVE-2021-44228"),
        (Line("Maven", "org.apache.logging.log4j:log4j-core", "2.17.1"), ""),
        (Line("Debian:12", "openssh", "1:9.2p1-2+deb12u2"), "CVE-2024-6387"),
        (Line("Debian:12", "openssh", "1:9.2p1-2+deb12u3"), ""),
        (Line("Go", "stdlib", "1.21.0"), "CVE-2023-44487"),
        (Line("PyPI", "PyYAML", "5.3"), "CVE-2020-14343"),
        (Line("npm", "event-stream", "3.3.6"), "GHSA-mh6f-8j2x-4483"),
        (Line("npm", "event-stream", "3.3.5"), ""),
        (Line("npm", "minimist", "1.2.5"), "CVE-2021-44906"),
        (Line("crates.io", "rustls", "0.21.10"), "CVE-2024-32650"),
        (Line("NuGet", "newtonsoft.json", "12.0.3"), "CVE-2024-21907"),
        (Line("RubyGems", "rack", "2.2.3"), "CVE-2022-30123"),
        (Line("Packagist", "symfony/runtime", "6.4.13"), "CVE-2024-50340"),
    ],
)
def test_well_known_advisories_hold_where_they_should(tmp_path: Path, line: Line, expected: str) -> None:
    with starter.opened(tmp_path) as known:
        (found,) = match_lines([line], known)
        ids = {match.id for match in found}
        assert (expected in ids) if expected else not ids


def test_it_says_that_it_is_only_that(tmp_path: Path) -> None:
    with starter.opened(tmp_path) as known:
        status = known.status()
    assert (status.starter, status.records) == (True, len(LINES))


def test_log4shell_is_known_to_be_exploited(tmp_path: Path) -> None:
    with starter.opened(tmp_path) as known:
        (found,) = match_lines([Line("Maven", "org.apache.logging.log4j:log4j-core", "2.14.1")], known)
    assert [(match.severity, match.facts.ransomware) for match in found if match.id == "CVE-2021-44228"] == [
        ("critical", True)
    ]


@pytest.mark.parametrize("line", LINES, ids=[json.loads(line)["id"] for line in LINES])
def test_each_record_can_be_read_and_compared(line: str) -> None:
    record = json.loads(line)
    assert record["summary"].strip().rstrip(".") == record["summary"]
    assert all(cvss.read(one["score"]) for one in record.get("severity", []))
    for affected in record["affected"]:
        order = scheme(affected["package"]["ecosystem"])
        assert order is not None
        named = [v for r in affected.get("ranges", []) for event in r["events"] for v in event.values()]
        assert all(version == "0" or order.orders(version) for version in named + affected.get("versions", []))


def test_a_second_start_does_not_build_it_again(tmp_path: Path) -> None:
    starter.opened(tmp_path).close()
    before = (tmp_path / file.FEED).stat().st_ino
    starter.opened(tmp_path).close()
    assert (tmp_path / file.FEED).stat().st_ino == before


def test_an_older_starter_feed_is_replaced(tmp_path: Path) -> None:
    starter.opened(tmp_path).close()
    database = file.connect(tmp_path / file.FEED, "rw")
    file.set_meta(database, {"starter_source": "older"})
    database.close()
    before = (tmp_path / file.FEED).stat().st_ino
    starter.opened(tmp_path).close()
    assert (tmp_path / file.FEED).stat().st_ino != before


def test_a_fetched_feed_is_never_replaced_by_it(tmp_path: Path) -> None:
    feed(tmp_path, many(3))
    with starter.opened(tmp_path) as known:
        assert (known.status().starter, known.status().records) == (False, 3)


def test_the_first_update_takes_its_place_unasked(tmp_path: Path, bucket: Bucket) -> None:
    starter.opened(tmp_path).close()
    bucket.put(*many(3))
    with impatient() as client:
        update.update(tmp_path, update.addresses(bucket.url), client, datetime(2026, 1, 5, tzinfo=UTC))
    with Feed.open(tmp_path) as known:
        assert (known.status().starter, known.status().records) == (False, 3)


def test_it_works_where_nothing_can_be_written() -> None:
    with starter.opened(Path("/proc/nowhere")) as known:
        assert known.status().starter


def test_no_two_records_are_of_one_flaw() -> None:
    ids = [one for line in LINES for one in json.loads(line)["aliases"]]
    assert len(ids) == len(set(ids))
