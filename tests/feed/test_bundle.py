"""The feed as one file: what comes out is what went in, and nothing changed, foreign or older gets in."""

import json
import random
from pathlib import Path

import pytest

from rightshift.errors import FeedError
from rightshift.feed import bundle, file, signature, starter
from rightshift.feed.bundle import Imported
from rightshift.feed.guard import HeldError
from rightshift.feed.lookup import Feed
from rightshift.model.advisory import Kev
from tests.feed.bucket import feed, many, osv
from tests.feed.test_build import onward

KEV = {"CVE-2024-0001": Kev("2024-01-01", False)}


class Site:
    """A place with a feed, and one without a network."""

    def __init__(self, root: Path) -> None:
        self.here, self.there = root / "here", root / "there"
        self.key, self.file = root / "key.pem", root / "feed.bundle"
        self.here.mkdir()

    def export(self, since: int | None = None) -> tuple[str, int]:
        return bundle.export(self.here, self.file, self.key, since)

    def bring(self, *, confirmed: bool = False, older: bool = False) -> Imported:
        trusted = signature.public_key(self.key)
        return bundle.bring(self.there, self.file, trusted, confirmed=confirmed, older=older)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    feed(site.here, [*many(60), osv("T-gone", "npm", "gone", "introduced 0")], KEV, {"CVE-2024-0001": 0.5})
    return site


def digest(folder: Path) -> str:
    return file.check(folder / file.FEED)["digest"]


def test_the_same_feed_comes_out(site: Site) -> None:
    lineage, generation = site.export()
    assert site.bring() == Imported(lineage, generation, whole=True)
    assert digest(site.there) == digest(site.here)
    with Feed.open(site.there) as known:
        ((_, kev, epss),) = known.threats(["CVE-2024-0001"])
        assert kev == KEV["CVE-2024-0001"]
        assert epss is not None


def test_the_key_is_made_once(site: Site) -> None:
    site.export()
    before = site.key.read_bytes()
    site.export()
    assert site.key.read_bytes() == before
    assert site.key.stat().st_mode & 0o777 == 0o600


def test_it_takes_the_place_of_the_starter_feed(site: Site) -> None:
    site.there.mkdir()
    starter.opened(site.there).close()
    site.export()
    site.bring()
    assert digest(site.there) == digest(site.here)


def test_changes_alone_end_where_the_whole_does(site: Site) -> None:
    site.export()
    site.bring()
    whole = site.file.stat().st_size
    onward(
        site.here,
        [*many(59), osv("T-PyPI-59", "PyPI", "name-59", "introduced 7"), osv("T-new", "Go", "n", "introduced 0")],
    )
    lineage, _ = site.export(since=1)
    assert site.file.stat().st_size < whole
    assert site.bring() == Imported(lineage, 2, whole=False)
    assert digest(site.there) == digest(site.here)
    with Feed.open(site.there) as known:
        assert set(known.changed_since(1)) == {("PyPI", "name-59"), ("Go", "n"), ("npm", "gone")}


def test_changes_of_another_lineage_are_refused(site: Site) -> None:
    feed(site.there, many(60))
    before = digest(site.there)
    onward(site.here, many(59))
    site.export(since=1)
    with pytest.raises(FeedError, match="another feed") as raised:
        site.bring()
    assert "whole bundle" in raised.value.do
    assert digest(site.there) == before


def test_changes_that_begin_later_are_refused(site: Site) -> None:
    site.export()
    site.bring()
    for count in (59, 58):
        onward(site.here, many(count))
    site.export(since=2)
    with pytest.raises(FeedError, match="after generation 2"):
        site.bring()


def test_changes_without_a_feed_are_refused(site: Site) -> None:
    site.export(since=1)
    with pytest.raises(FeedError, match="changes only"):
        site.bring()


def test_a_generation_that_is_not_there_cannot_be_exported(site: Site) -> None:
    for since in (0, 2, -5):
        with pytest.raises(FeedError, match="no generation"):
            site.export(since=since)


def test_it_never_goes_back_unless_told_to(site: Site) -> None:
    site.export()
    older = site.file.read_bytes()
    onward(site.here, many(59))
    site.export()
    site.bring()
    newer = digest(site.there)
    site.file.write_bytes(older)
    with pytest.raises(FeedError, match="generation 1, and 2 is in use"):
        site.bring()
    assert digest(site.there) == newer
    site.bring(older=True)
    assert digest(site.there) != newer


def test_a_bundle_that_empties_the_feed_is_held(site: Site) -> None:
    site.export()
    site.bring()
    onward(site.here, many(30))
    site.export()
    with pytest.raises(HeldError):
        site.bring()
    site.bring(confirmed=True)
    assert digest(site.there) == digest(site.here)


def test_no_changed_byte_gets_in(site: Site) -> None:
    site.export()
    site.bring()
    content, before, places = site.file.read_bytes(), (site.there / file.FEED).read_bytes(), random.Random(5)
    for _ in range(60):
        changed = bytearray(content)
        changed[places.randrange(len(content))] ^= 1 << places.randrange(8)
        site.file.write_bytes(changed)
        with pytest.raises(signature.SignatureRefused):
            site.bring()
    assert (site.there / file.FEED).read_bytes() == before
    assert not list(site.there.glob(".new-*"))


@pytest.mark.prove
def test_truncated_at_every_64_kib_nothing_gets_in(site: Site) -> None:
    site.export()
    content = site.file.read_bytes()
    for length in range(0, len(content), 1 << 16):
        site.file.write_bytes(content[:length])
        with pytest.raises(FeedError):
            site.bring()


def test_an_unsigned_file_and_another_key_are_refused(site: Site, tmp_path: Path) -> None:
    site.export()
    other = signature.make_key(tmp_path / "other.pem")
    with pytest.raises(signature.SignatureRefused):
        bundle.bring(site.there, site.file, other)
    site.file.write_bytes((site.here / file.FEED).read_bytes())
    with pytest.raises(signature.SignatureRefused):
        site.bring()


def resigned(site: Site, body: bytes) -> None:
    """A body that somebody with the key signed."""
    (site.here / "body").write_bytes(body)
    with (site.here / "body").open("rb") as opened:
        site.file.write_bytes(signature.sign(opened, site.key) + body)


HEADER = {"lineage": "a", "generation": 1, "digest": "b", "since": -1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}\n",
        b"\xff\n",
        json.dumps(HEADER | {"parts": [["../../evil", 10]]}).encode() + b"\n",
        json.dumps(HEADER | {"parts": [["feed.sqlite", 1 << 60]]}).encode() + b"\n",
        json.dumps(HEADER | {"parts": [["feed.sqlite", 10]]}).encode() + b"\nno zstd",
        json.dumps(HEADER | {"parts": [["feed.sqlite", 10]], "more": 1}).encode() + b"\n",
        b"[" * 60_000,
    ],
    ids=["empty", "no header", "bytes", "path", "size", "no zstd", "unknown field", "deep"],
)
def test_what_is_signed_is_still_bounded(site: Site, body: bytes) -> None:
    signature.make_key(site.key)
    resigned(site, body)
    with pytest.raises(FeedError):
        site.bring()
    assert not (site.there / file.FEED).exists()


def test_a_file_that_is_none_is_an_error(site: Site) -> None:
    signature.make_key(site.key)
    for path in (site.here / "missing", site.here):
        with pytest.raises(FeedError):
            bundle.bring(site.there, path, signature.public_key(site.key))


def test_progress_is_told(site: Site) -> None:
    told: list[tuple[str, int, int]] = []
    bundle.export(site.here, site.file, site.key, progress=lambda *step: told.append(step))
    bundle.bring(site.there, site.file, signature.public_key(site.key), progress=lambda *step: told.append(step))
    assert {what for what, _, _ in told} == {"Packing the feed", "Reading the bundle", "Unpacking the feed"}
    assert all(done <= total for _, done, total in told)
