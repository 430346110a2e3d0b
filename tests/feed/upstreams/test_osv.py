"""What is read from the bucket's files, and what a hostile one cannot make of them."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from rightshift.errors import FeedError
from rightshift.feed.upstreams import osv
from rightshift.feed.upstreams.fetch import fetch, silent
from rightshift.feed.upstreams.osv import Part
from tests.feed.bucket import Bucket, impatient, many
from tests.feed.bucket import osv as record


def read(bucket: Bucket, folder: Path) -> list[str]:
    part = Part(bucket.url, "PyPI")
    with impatient() as client, fetch(client, part.url("all.zip")) as found:
        assert found is not None
        return [one.id for one in osv.archive(found, folder / "archive", silent, part)]


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members:
            packed.writestr(name, content)
    return buffer.getvalue()


def test_ecosystems_without_their_releases(bucket: Bucket) -> None:
    bucket.put(*many(1), *many(1, "npm"))
    with impatient() as client:
        assert [part.name for part in osv.parts(client, bucket.url + "/")] == ["PyPI", "npm"]


def test_names_are_quoted_in_addresses() -> None:
    part = Part("https://m.example", "Rocky Linux")
    assert part.url("RLSA-2024:1.json") == "https://m.example/Rocky%20Linux/RLSA-2024%3A1.json"


def test_a_few_records_that_cannot_be_read_are_left_out(bucket: Bucket, tmp_path: Path) -> None:
    good = [(f"T-{n}.json", json.dumps(record(f"T-{n}", "PyPI", "x", "introduced 0")).encode()) for n in range(20)]
    bucket.put(*many(1))
    bucket.instead["all.zip"] = zipped(*good, ("bad.json", b"{"), ("readme.txt", b"hello"))
    assert read(bucket, tmp_path) == [f"T-{n}" for n in range(20)]


def test_many_that_cannot_be_read_are_no_archive(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put(*many(1))
    bucket.instead["all.zip"] = zipped(*[(f"{n}.json", b"{") for n in range(20)])
    with pytest.raises(FeedError, match="20 of 20 records"):
        read(bucket, tmp_path)


def test_a_bomb_is_an_error(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put(*many(1))
    bucket.instead["all.zip"] = zipped(("T-1.json", b" " * (40 << 20)))
    with pytest.raises(FeedError, match="no archive of records, or damaged"):
        read(bucket, tmp_path)


def test_an_answer_without_end_is_an_error(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.put(*many(300))
    monkeypatch.setattr(osv, "ARCHIVE_BYTES", 1_000)
    with pytest.raises(FeedError, match="sends more than"):
        read(bucket, tmp_path)


@pytest.mark.parametrize("body", [b"../../etc\n", b"\xff\xfe\n", b"x" * 200 + b"\n", b"<html>\n"])
def test_what_is_no_list_of_ecosystems_is_an_error(bucket: Bucket, body: bytes) -> None:
    bucket.instead["ecosystems.txt"] = body
    with pytest.raises(FeedError, match="no list of ecosystems"), impatient() as client:
        osv.parts(client, bucket.url)


@pytest.mark.parametrize("body", [b"nonsense\n", b"2024-01-01T00:00:00Z,../../x\n", b"x" * 10_000, b"2024,\n"])
def test_what_is_no_list_of_changes_is_an_error(bucket: Bucket, body: bytes) -> None:
    bucket.put(*many(1))
    bucket.instead["modified_id.csv"] = body
    with pytest.raises(FeedError, match="no list of changes"), impatient() as client:
        osv.listing(client, Part(bucket.url, "PyPI"))


def test_stamps_of_year_one_are_not_sound(bucket: Bucket) -> None:
    bucket.put(record("GO-1", "Go", "x", "introduced 0", modified="0001-01-01T00:00:00Z"))
    with impatient() as client:
        listing = osv.listing(client, Part(bucket.url, "Go"))
        assert listing is not None
        assert (listing.sound, list(listing.stamps)) == (False, ["GO-1"])
        assert osv.listing(client, Part(bucket.url, "nowhere")) is None


def test_a_single_record_that_is_gone_or_broken_is_none(bucket: Bucket) -> None:
    bucket.put(*many(1))
    with impatient() as client:
        part = Part(bucket.url, "PyPI")
        found = osv.record(client, part, "T-PyPI-0")
        assert found is not None
        assert found.id == "T-PyPI-0"
        assert osv.record(client, part, "T-nothing") is None
        bucket.fault, bucket.fault_path = "nonsense", ".json"
        assert osv.record(client, part, "T-PyPI-0") is None
