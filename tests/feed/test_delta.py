"""Which addresses of a bucket are asked, and when the archive is the shorter way. What comes of it: `test_update`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rightshift.errors import FeedError
from rightshift.feed import delta
from rightshift.feed.build import Built, building
from rightshift.feed.delta import Fetching, Seen
from tests.feed.bucket import Bucket, impatient, many, osv

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


class Folder:
    """A feed that is filled again and again, and what the last run has seen."""

    def __init__(self, place: Path, bucket: Bucket) -> None:
        self.place = place
        self.bucket = bucket
        self.seen: dict[str, Seen] = {}
        self.runs = 0
        self.built: Built | None = None

    def fill(self, now: datetime = NOW, small_bytes: int = delta.SMALL_BYTES) -> Fetching:
        older = self.place / f"{self.runs}.sqlite" if self.runs else None
        new = self.place / f"{self.runs + 1}.sqlite"
        self.bucket.asked.clear()
        with impatient() as client, building(self.place, new, older) as build:
            asked = delta.Bucket(
                client=client,
                root=self.bucket.url,
                folder=self.place,
                now=now,
                progress=lambda *_: None,
                small_bytes=small_bytes,
            )
            fetching = delta.fill(build, asked, self.seen)
            self.built = build.finish(now.isoformat(), "test")
        self.runs += 1
        self.seen = fetching.seen
        return fetching


@pytest.fixture
def folder(tmp_path: Path, bucket: Bucket) -> Folder:
    bucket.put(*many(5), *many(5, "npm"))
    return Folder(tmp_path, bucket)


def test_at_first_every_archive_is_read_and_no_single_record(folder: Folder) -> None:
    fetching = folder.fill()
    assert folder.bucket.asked == ["ecosystems.txt", "PyPI/all.zip", "npm/all.zip"]
    assert fetching.changed == 10
    assert {seen.whole for seen in fetching.seen.values()} == {NOW.isoformat()}
    assert all(seen.etag for seen in fetching.seen.values())


def test_what_did_not_change_is_asked_for_and_not_sent(folder: Folder) -> None:
    before = folder.fill().seen
    again = folder.fill(LATER)
    assert folder.bucket.asked == ["ecosystems.txt", "PyPI/all.zip", "npm/all.zip"]
    assert (again.changed, again.seen) == (0, before)


def test_of_a_large_archive_only_what_the_list_of_changes_names_is_fetched(folder: Folder) -> None:
    folder.fill()
    folder.bucket.put(osv("T-npm-3", "npm", "name-3", "introduced 1", modified="2025-01-01T00:00:00Z"))
    fetching = folder.fill(LATER, small_bytes=0)
    assert folder.bucket.asked == [
        *("ecosystems.txt", "PyPI/all.zip"),
        *("npm/all.zip", "npm/modified_id.csv", "npm/T-npm-3.json"),
    ]
    assert fetching.changed == 1
    assert {seen.whole for seen in fetching.seen.values()} == {NOW.isoformat()}


def test_of_a_small_archive_all_is_read_for_records_change_without_a_word(folder: Folder) -> None:
    folder.fill()
    folder.bucket.put(osv("T-npm-3", "npm", "name-3", "introduced 1"))
    assert folder.fill(LATER).changed == 1
    assert folder.bucket.asked == ["ecosystems.txt", "PyPI/all.zip", "npm/all.zip"]


def test_too_many_changes_take_the_archive(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delta, "SINGLE_RECORDS", 2)
    folder.fill()
    folder.bucket.put(*(record | {"modified": "2025-01-01T00:00:00Z"} for record in many(5, "npm")))
    folder.fill(LATER, small_bytes=0)
    assert not [path for path in folder.bucket.asked if path.startswith("npm/T-")]
    assert folder.bucket.asked.count("npm/all.zip") == 2


def test_single_changes_are_trusted_for_a_week(folder: Folder) -> None:
    folder.fill()
    folder.bucket.put(osv("T-npm-3", "npm", "name-3", "introduced 1", modified="2025-01-01T00:00:00Z"))
    folder.fill(NOW + delta.WHOLE_AFTER, small_bytes=0)
    assert "npm/modified_id.csv" not in folder.bucket.asked


def test_a_bucket_without_a_list_of_changes_gives_the_archive(folder: Folder) -> None:
    folder.fill()
    folder.bucket.put(osv("T-npm-3", "npm", "name-3", "introduced 1", modified="2025-01-01T00:00:00Z"))
    folder.bucket.instead["npm/modified_id.csv"] = None
    assert folder.fill(LATER, small_bytes=0).changed == 1
    assert folder.bucket.asked.count("npm/all.zip") == 2


def test_a_list_of_changes_that_is_none_ends_it(folder: Folder) -> None:
    folder.fill()
    folder.bucket.put(osv("T-npm-3", "npm", "name-3", "introduced 1", modified="2025-01-01T00:00:00Z"))
    folder.bucket.instead["npm/modified_id.csv"] = b"nonsense\n" * 20
    with pytest.raises(FeedError, match="is no list of changes"):
        folder.fill(LATER, small_bytes=0)


def test_a_record_that_is_listed_and_gone_is_not_in_the_feed(folder: Folder) -> None:
    folder.fill()
    folder.bucket.put(osv("T-npm-3", "npm", "name-3", "introduced 1", modified="2025-01-01T00:00:00Z"))
    folder.bucket.instead["npm/T-npm-3.json"] = None
    folder.fill(LATER, small_bytes=0)
    assert folder.built
    assert (folder.built.records, folder.built.gone) == (9, 1)


def test_a_record_under_the_name_of_another_ends_it(folder: Folder) -> None:
    folder.fill()
    folder.bucket.put(osv("T-npm-3", "npm", "name-3", "introduced 1", modified="2025-01-01T00:00:00Z"))
    folder.bucket.instead["npm/T-npm-3.json"] = b'{"id": "T-npm-4", "modified": "2025-01-01T00:00:00Z"}'
    with pytest.raises(FeedError, match="holds another record"):
        folder.fill(LATER, small_bytes=0)


def test_an_archive_that_is_missing_is_named_and_what_was_known_of_it_stays(folder: Folder) -> None:
    folder.fill()
    folder.bucket.instead["npm/all.zip"] = None
    assert folder.fill(LATER).missing == ["npm"]
    assert folder.built
    assert folder.built.records == 10


def test_a_bucket_without_any_archive_is_none(folder: Folder) -> None:
    folder.bucket.instead["all.zip"] = None
    with pytest.raises(FeedError, match="no archives of records"):
        folder.fill()


def test_an_ecosystem_that_the_bucket_no_longer_names_leaves_the_feed(folder: Folder) -> None:
    folder.fill()
    for record in many(5, "npm"):
        del folder.bucket.records[record["id"]]
    folder.fill(LATER)
    assert folder.built
    assert (folder.built.records, folder.built.gone) == (5, 5)
