"""Building, updating and failing with the real records of the data set."""

import json
import urllib.request
from pathlib import Path

import pytest

from rightshift.errors import FeedError
from rightshift.feed import file, update
from rightshift.feed.guard import HeldError
from rightshift.feed.lookup import Feed
from rightshift.feed.update import Wishes
from tests.feed.bucket import PATIENCE, many
from tests.feed.shared_feed import NOW, built, fetched, from_nothing, serving
from tests.shared import FOLDER

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not (FOLDER / "feed").exists(), reason="the data set is not beside this checkout"),
]


def test_an_update_has_the_digest_of_a_build_from_nothing(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    said = file.check(built(tmp_path_factory) / file.FEED)
    assert said["generation"] == "2"
    assert said["digest"] == from_nothing(tmp_path / "current", "current").digest
    with Feed.open(built(tmp_path_factory)) as known:
        assert 0 < len(list(known.changed_since(1))) < 12_000


@pytest.mark.prove
def test_through_the_server_alone_and_not_back(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A first fetch, one of what changed, and the older state is held."""
    with serving("--state", "previous") as address:
        first = fetched(tmp_path, address)
        switched(address, "current")
        second = fetched(tmp_path, address)
        assert first.built is not None
        assert second.built is not None
        assert (second.built.generation, second.built.lineage) == (2, first.built.lineage)
        assert second.built.digest == file.check(built(tmp_path_factory) / file.FEED)["digest"]
        switched(address, "previous")
        with pytest.raises(HeldError):
            fetched(tmp_path, address)
    assert file.check(tmp_path / file.FEED)["digest"] == second.built.digest


def switched(address: str, state: str) -> None:
    """The server goes on with another state."""
    request = urllib.request.Request(f"{address}/__state/{state}", data=b"", method="POST")
    urllib.request.urlopen(request).close()


def test_what_is_in_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Feed.open(built(tmp_path_factory)) as known:
        status = known.status()
        assert (status.records, status.kev, status.epss_day) == (80_100, "2026.08.07", "2025-12-26")
        assert known.members("CVE-2023-44487")[:2] == ("BIT-apisix-2023-44487", "BIT-aspnet-core-2023-44487")
        assert "CVE-2024-10979" in known.reached("DEBIAN-CVE-2024-10979")


FAULTS = ("truncate", "corrupt", "500", "503", "429", "hang", "wrong-length", "short-length", "html", "redirect-loop")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of a few records for the server."""
    import zstandard

    folder = tmp_path_factory.mktemp("small")
    pack = zstandard.ZstdCompressor().compress
    lines = "".join(json.dumps(record | {"schema_version": "1.7.0"}) + "\n" for record in many(200)).encode()
    (folder / "osv.jsonl.zst").write_bytes(pack(lines))
    (folder / "debian-12.jsonl.zst").write_bytes(pack(b""))
    (folder / "previous.delta.jsonl.zst").write_bytes(pack(b'{"op":"del","id":"T-PyPI-7"}\n'))
    for name in ("kev.json.zst", "kev-previous.json.zst", "epss-sample.csv"):
        (folder / name).write_bytes((FOLDER / "feed" / name).read_bytes())
    return folder


@pytest.mark.parametrize("path", ["all.zip$", "kev.json", "epss"])
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_a_clear_error_and_the_old_feed_stays(tmp_path: Path, small: Path, fault: str, path: str) -> None:
    with serving("--data", str(small), "--state", "previous") as address:
        fetched(tmp_path, address)
    before = (tmp_path / file.FEED).read_bytes(), (tmp_path / file.THREAT).read_bytes()
    with serving("--data", str(small), "--fault", fault, "--fault-path", path, "--slow-seconds", "4") as address:
        addresses = update.addresses(address)
        with update.client(addresses, limits=PATIENCE) as client, pytest.raises(FeedError) as raised:
            update.update(tmp_path, addresses, client, NOW, Wishes())
    assert raised.value.what
    assert before == ((tmp_path / file.FEED).read_bytes(), (tmp_path / file.THREAT).read_bytes())
    assert not list(tmp_path.glob(".new-*"))


@pytest.mark.parametrize("fault", ["no-length", "etag-flap", "slow"])
def test_what_is_merely_odd_is_lived_with(tmp_path: Path, small: Path, fault: str) -> None:
    with serving("--data", str(small), "--fault", fault, "--slow-seconds", "0.4") as address:
        assert fetched(tmp_path, address).built is not None


def test_a_passing_fault_is_tried_again(tmp_path: Path, small: Path) -> None:
    with serving("--data", str(small), "--fault", "503", "--fault-count", "1") as address:
        assert fetched(tmp_path, address).built is not None
