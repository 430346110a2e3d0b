"""An update against a bucket on loopback: what it takes, and that it takes nothing when anything is wrong."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rightshift.errors import FeedError
from rightshift.feed import file, update
from rightshift.feed.guard import HeldError
from rightshift.feed.lookup import Feed
from rightshift.feed.update import Updated, Wishes
from tests.feed.bucket import Bucket, archive, impatient, many, osv

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


def run(folder: Path, bucket: Bucket, wishes: Wishes | None = None, now: datetime = NOW) -> Updated:
    with impatient() as client:
        return update.update(folder, update.addresses(bucket.url), client, now, wishes)


def digest(folder: Path) -> str:
    return file.check(folder / file.FEED)["digest"]


def one_by_one() -> Wishes:
    """As if every archive were large."""
    return Wishes(small_bytes=0)


def records(folder: Path, ecosystem: str, name: str) -> list[str]:
    with Feed.open(folder) as known:
        return [statement.record for statement in known.statements(ecosystem, name)]


@pytest.fixture
def stocked(bucket: Bucket) -> Bucket:
    bucket.put(*many(40), *many(30, "npm"), osv("GO-1", "Go", "example.org/x", "introduced 0"))
    return bucket


def test_a_first_update_takes_everything(tmp_path: Path, stocked: Bucket) -> None:
    updated = run(tmp_path, stocked)
    assert updated.built is not None
    assert (updated.built.records, updated.built.generation, updated.kev, updated.epss_day) == (
        71,
        1,
        "1",
        "2026-01-01",
    )
    assert records(tmp_path, "npm", "name-7") == ["T-npm-7"]
    with Feed.open(tmp_path) as known:
        ((cve, kev, epss),) = known.threats(["CVE-2021-0001"])
        assert (cve, kev and kev.added, epss and epss.probability) == ("CVE-2021-0001", "2022-01-01", 0.5)
        assert known.status().source == stocked.url
    assert update.checked(tmp_path) == NOW.isoformat()


def test_a_second_update_fetches_nothing_again(tmp_path: Path, stocked: Bucket) -> None:
    run(tmp_path, stocked)
    before = (tmp_path / file.FEED).stat().st_ino
    stocked.asked.clear()
    later = NOW + timedelta(hours=1)
    assert run(tmp_path, stocked, now=later).built is None
    assert (tmp_path / file.FEED).stat().st_ino == before
    assert not [path for path in stocked.asked if path.endswith("modified_id.csv")]
    assert update.checked(tmp_path) == later.isoformat()


@pytest.mark.parametrize("wishes", [None, one_by_one()], ids=["archives", "single records"])
def test_a_delta_ends_where_a_build_from_nothing_does(tmp_path: Path, stocked: Bucket, wishes: Wishes | None) -> None:
    run(tmp_path / "a", stocked, wishes)
    del stocked.records["T-npm-3"]
    stocked.put(
        osv("T-npm-4", "npm", "renamed", "introduced 0", modified="2024-06-01T00:00:00Z"),
        osv("T-npm-5", "npm", "name-5", "introduced 0", modified="2023-01-01T00:00:00Z"),
        osv("T-npm-6", "npm", "name-6", "introduced 0", modified="2099-01-01T00:00:00Z"),
        osv("T-new", "npm", "new", "introduced 0"),
    )
    second = run(tmp_path / "a", stocked, wishes)
    assert second.built is not None
    assert (second.built.generation, second.built.changed, second.built.gone) == (2, 4, 1)
    run(tmp_path / "b", stocked)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_a_stamp_in_the_future_hides_no_later_change(tmp_path: Path, stocked: Bucket) -> None:
    stocked.put(osv("T-npm-6", "npm", "name-6", "introduced 0", modified="2099-01-01T00:00:00Z"))
    run(tmp_path, stocked)
    stocked.put(osv("T-npm-7", "npm", "moved", "introduced 0", modified="2024-06-01T00:00:00Z"))
    run(tmp_path, stocked, one_by_one())
    assert records(tmp_path, "npm", "moved") == ["T-npm-7"]


@pytest.mark.parametrize("stamp", ["0001-01-01T00:00:00Z", "2024-05-01T00:00:00Z"])
def test_a_change_without_a_word_in_the_list_is_seen_by_the_archive(tmp_path: Path, bucket: Bucket, stamp: str) -> None:
    bucket.put(osv("GO-1", "Go", "example.org/x", "introduced 0", modified=stamp))
    run(tmp_path, bucket)
    bucket.put(osv("GO-1", "Go", "example.org/x", "introduced 0", "fixed 2.0.0", modified=stamp))
    assert run(tmp_path, bucket, one_by_one()).built is not None
    with Feed.open(tmp_path) as known:
        assert known.statements("Go", "example.org/x")[0].ranges == (("i0", "f2.0.0"),)


def test_a_large_archive_is_read_whole_again_after_a_week(tmp_path: Path, stocked: Bucket) -> None:
    run(tmp_path, stocked, one_by_one())
    stocked.put(osv("T-npm-8", "npm", "name-8", "introduced 7"), osv("T-new", "npm", "new", "introduced 0"))
    run(tmp_path, stocked, one_by_one(), NOW + timedelta(hours=1))
    with Feed.open(tmp_path) as known:
        assert known.statements("npm", "name-8")[0].ranges[0][0] == "i0"
    run(tmp_path, stocked, one_by_one(), NOW + timedelta(days=8))
    with Feed.open(tmp_path) as known:
        assert known.statements("npm", "name-8")[0].ranges[0][0] == "i7"


def test_a_bucket_that_makes_up_a_new_tag_each_time_is_compared_by_content(tmp_path: Path, stocked: Bucket) -> None:
    run(tmp_path, stocked)
    stocked.fault = "new tag"
    assert run(tmp_path, stocked).built is None


FAULTS = ["500", "503", "page", "nonsense", "loop", "corrupt", "cut", "hang"]


@pytest.mark.parametrize("path", ["PyPI/all.zip", "kev.json", "epss.csv.gz", "ecosystems.txt"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_clear_error_and_the_old_feed_stays(
    tmp_path: Path, stocked: Bucket, fault: str, path: str
) -> None:
    run(tmp_path, stocked)
    before = (tmp_path / file.FEED).read_bytes(), (tmp_path / file.THREAT).read_bytes()
    stocked.put(osv("T-PyPI-1", "PyPI", "name-1", "introduced 0"))
    stocked.kev.append({"cveID": "CVE-2021-0002", "dateAdded": "2022-01-01"})
    stocked.epss += "CVE-2021-0002,0.1,0.9\n" * 2_000
    stocked.fault, stocked.fault_path = fault, path
    if (fault, path) == ("corrupt", "ecosystems.txt"):
        pytest.skip("a list of names has no checksum")
    with pytest.raises(FeedError) as raised:
        run(tmp_path, stocked)
    assert raised.value.what
    assert "Traceback" not in str(raised.value)
    assert before == ((tmp_path / file.FEED).read_bytes(), (tmp_path / file.THREAT).read_bytes())
    assert not list(tmp_path.glob(".new-*"))
    stocked.fault = ""
    assert run(tmp_path, stocked).built is not None


@pytest.mark.parametrize("fault", ["500", "page", "nonsense", "cut"])
def test_a_fault_in_the_list_of_changes_or_a_record_is_an_error_too(
    tmp_path: Path, stocked: Bucket, fault: str
) -> None:
    run(tmp_path, stocked)
    before = digest(tmp_path)
    stocked.put(osv("T-npm-1", "npm", "name-1", "introduced 0", modified="2024-06-01T00:00:00Z"))
    stocked.fault, stocked.fault_path = fault, "modified_id.csv"
    with pytest.raises(FeedError):
        run(tmp_path, stocked, one_by_one())
    assert digest(tmp_path) == before


def test_an_address_without_anything_is_an_error(tmp_path: Path, bucket: Bucket) -> None:
    with pytest.raises(FeedError), impatient() as client:
        update.update(tmp_path, update.addresses(bucket.url + "/nowhere"), client, NOW)
    assert not (tmp_path / file.FEED).exists()


def test_an_ecosystem_without_an_archive_is_named_and_loses_nothing(tmp_path: Path, stocked: Bucket) -> None:
    run(tmp_path, stocked)
    stocked.put(osv("T-x", "npm", "x", "introduced 0"))
    stocked.instead["PyPI/all.zip"] = None
    assert run(tmp_path, stocked).missing == ("PyPI",)
    assert records(tmp_path, "PyPI", "name-1") == ["T-PyPI-1"]


def test_a_bucket_in_one_archive(tmp_path: Path, stocked: Bucket) -> None:
    stocked.instead = {"ecosystems.txt": None, "all.zip": archive(list(stocked.records.values()))}
    built = run(tmp_path, stocked).built
    assert built is not None
    assert built.records == 71


def test_a_feed_that_loses_a_fifth_is_held_until_it_is_confirmed(tmp_path: Path, stocked: Bucket) -> None:
    run(tmp_path, stocked)
    before = digest(tmp_path)
    for n in range(15):
        stocked.put(osv(f"T-PyPI-{n}", "PyPI", f"name-{n}", "introduced 0", withdrawn="2024-06-01T00:00:00Z"))
    with pytest.raises(HeldError, match="lacks 15 of 71"):
        run(tmp_path, stocked)
    assert digest(tmp_path) == before
    assert run(tmp_path, stocked, Wishes(confirmed=True)).built is not None
    assert records(tmp_path, "PyPI", "name-3") == []


def test_a_feed_that_grows_by_half_is_held(tmp_path: Path, stocked: Bucket) -> None:
    run(tmp_path, stocked)
    stocked.put(*many(40, "Hex"))
    with pytest.raises(HeldError, match="40 new"):
        run(tmp_path, stocked)


def test_an_ecosystem_that_is_emptied_is_held_though_the_whole_hardly_changes(tmp_path: Path, bucket: Bucket) -> None:
    bucket.put(*many(400), *many(60, "npm"))
    run(tmp_path, bucket)
    for n in range(30):
        del bucket.records[f"T-npm-{n}"]
    with pytest.raises(HeldError, match="30 of 60 advisories of npm"):
        run(tmp_path, bucket)


def test_a_rebuild_takes_nothing_from_the_older_file_and_begins_a_lineage(tmp_path: Path, stocked: Bucket) -> None:
    first, second = run(tmp_path, stocked).built, run(tmp_path, stocked, Wishes(rebuild=True)).built
    assert first is not None
    assert second is not None
    assert (second.digest, second.generation) == (first.digest, 1)
    assert second.lineage != first.lineage


@pytest.mark.parametrize("damage", ["all", "inside"])
def test_a_damaged_feed_is_replaced(tmp_path: Path, stocked: Bucket, damage: str) -> None:
    run(tmp_path, stocked)
    content = (tmp_path / file.FEED).read_bytes()
    at = content.index(b"name-7")
    inside = content[:at] + b"\xff" * 300 + content[at + 300 :]
    (tmp_path / file.FEED).write_bytes(inside if damage == "inside" else b"no database")
    assert run(tmp_path, stocked).built is not None
    assert records(tmp_path, "npm", "name-7") == ["T-npm-7"]


def test_what_a_kill_left_is_removed_at_the_next_start(tmp_path: Path, stocked: Bucket) -> None:
    run(tmp_path, stocked)
    (tmp_path / ".new-feed-0123").write_bytes(b"half")
    run(tmp_path, stocked)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", file.FEED, update.STATE, file.THREAT]


def test_an_address_with_a_password_is_refused_without_saying_it(tmp_path: Path, stocked: Bucket) -> None:
    address = stocked.url.replace("http://", "http://user:hunter2@")
    with pytest.raises(FeedError) as raised, impatient() as client:
        update.update(tmp_path, update.addresses(address), client, NOW)
    assert "hunter2" not in str(raised.value)


def test_a_mirror_brings_all_three_unless_one_is_named() -> None:
    assert update.addresses("https://m.example/").kev == "https://m.example/kev.json"
    assert update.addresses("https://m.example", kev_url="https://k.example/k").kev == "https://k.example/k"
    assert update.addresses().osv.startswith("https://osv-vulnerabilities.")
