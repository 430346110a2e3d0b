"""A feed file from nothing and from an older one: the same content, and generations that say what changed."""

import json
from pathlib import Path
from random import Random

import pytest

from rightshift.errors import FeedError
from rightshift.feed import file
from rightshift.feed.build import Built, building, without_secrets
from rightshift.feed.lookup import Feed
from rightshift.feed.record import read
from tests.feed.bucket import STAMP, Osv, feed, many, osv


def onward(folder: Path, records: list[Osv]) -> Built:
    """These records instead of what the feed of a folder has."""
    new = folder / "next.sqlite"
    with building(folder, new, folder / file.FEED) as build:
        for record in records:
            build.add(read(json.dumps(record).encode()))
        build.enlist("", [(record["id"], STAMP) for record in records])
        built = build.finish(STAMP, "test")
    file.swap(new, folder / file.FEED)
    return built


BEFORE = [
    *many(20),
    osv("GHSA-1", "npm", "left", "introduced 0", "fixed 2.0.0", aliases=["CVE-2021-1"]),
    osv("T-gone", "npm", "gone", "introduced 0"),
]
AFTER = [
    *many(19),
    osv("T-PyPI-19", "PyPI", "name-19", "introduced 0", "fixed 99.0"),
    osv("GHSA-1", "npm", "left", "introduced 0", "fixed 2.0.0", aliases=["CVE-2021-1"]),
    osv("T-new", "Go", "example.org/x", "introduced 0", aliases=["CVE-2021-1"]),
]


def test_a_delta_has_the_content_of_a_build_from_nothing(tmp_path: Path) -> None:
    feed(tmp_path, BEFORE)
    assert onward(tmp_path, AFTER).digest == feed(tmp_path / "other", AFTER).digest


def test_the_order_of_records_is_nothing(tmp_path: Path) -> None:
    shuffled = AFTER[:]
    Random(4).shuffle(shuffled)
    assert feed(tmp_path / "a", AFTER).digest == feed(tmp_path / "b", shuffled).digest


@pytest.mark.parametrize("change", ["a range", "an alias", "a summary", "one less"])
def test_any_change_of_content_changes_the_digest(tmp_path: Path, change: str) -> None:
    other = {
        "a range": [*AFTER[:-1], osv("T-new", "Go", "example.org/x", "introduced 1", aliases=["CVE-2021-1"])],
        "an alias": [*AFTER[:-1], osv("T-new", "Go", "example.org/x", "introduced 0", aliases=["CVE-2021-2"])],
        "a summary": [*AFTER[:-1], AFTER[-1] | {"summary": "new"}],
        "one less": AFTER[:-1],
    }[change]
    assert feed(tmp_path / "a", AFTER).digest != feed(tmp_path / "b", other).digest


def test_only_changed_rows_get_the_new_generation(tmp_path: Path) -> None:
    first = feed(tmp_path, BEFORE)
    second = onward(tmp_path, AFTER)
    assert (first.generation, second.generation, second.lineage) == (1, 2, first.lineage)
    with Feed.open(tmp_path) as known:
        assert set(known.changed_since(1)) == {
            ("PyPI", "name-19"),
            ("npm", "gone"),
            ("Go", "example.org/x"),
            ("npm", "left"),  # its record is the same, and has a new alias
        }
        assert set(known.changed_since(2)) == set()


def test_nothing_new_is_no_new_generation(tmp_path: Path) -> None:
    feed(tmp_path, BEFORE)
    built = onward(tmp_path, BEFORE)
    assert (built.generation, built.changed, built.gone) == (1, 0, 0)


def test_of_two_records_with_one_id_the_newest_counts_in_any_order(tmp_path: Path) -> None:
    old, new = (
        osv("T-1", "npm", "x", "introduced 0"),
        osv("T-1", "npm", "y", "introduced 0", modified="2025-01-01T00:00:00Z"),
    )
    built = [feed(tmp_path / str(n), records) for n, records in enumerate(([old, new], [new, old], [new, old, new]))]
    assert len({one.digest for one in built}) == 1
    with Feed.open(tmp_path / "0") as known:
        assert (known.statements("npm", "x"), len(known.statements("npm", "y"))) == ([], 1)


def test_an_older_copy_elsewhere_does_not_undo_what_stands(tmp_path: Path) -> None:
    old, new = (
        osv("T-1", "npm", "x", "introduced 0"),
        osv("T-1", "npm", "y", "introduced 0", modified="2025-01-01T00:00:00Z"),
    )
    feed(tmp_path, [new])
    assert onward(tmp_path, [new, old]).changed == 0


def test_a_file_that_was_changed_is_noticed(tmp_path: Path) -> None:
    feed(tmp_path, AFTER)
    file.check(tmp_path / file.FEED)
    with file.connect(tmp_path / file.FEED, "rw") as database:
        database.execute("DELETE FROM package WHERE name = 'name-3'")
    database.close()
    with pytest.raises(FeedError, match="digest"):
        file.check(tmp_path / file.FEED)


def test_a_file_with_a_trigger_is_refused(tmp_path: Path) -> None:
    feed(tmp_path, AFTER)
    with file.connect(tmp_path / file.FEED, "rw") as database:
        database.execute("CREATE TRIGGER t AFTER INSERT ON package BEGIN DELETE FROM package; END")
    database.close()
    with pytest.raises(FeedError, match="tables"):
        file.check(tmp_path / file.FEED)


def test_no_password_stands_in_the_file() -> None:
    assert without_secrets("https://user:word@mirror.example:8443/osv?token=1") == "https://mirror.example:8443/osv"
