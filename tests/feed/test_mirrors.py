"""A mirror that answers badly, as the data set's peer does: one clear error, soon, in little memory; no other feed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rightshift.feed import file
from tests.egress.peers import hostile_peer
from tests.feed.bucket import feed, many
from tests.hostile.command import ran

pytestmark = pytest.mark.shared
SOON = ("gzip-bomb", "deflate-loop", "loop", "chain", "html", "deep-json", "bad-utf8")
LATER = (
    "close", "two-lengths", "slow-head", "slow-body", "hang", "reset", "short", "long", "no-length",
    "smuggle", "chunked-endless", "bad-chunk",
    "headers", "header-long", "big-json", "nul-header", "cookie", "etag", "dup", "status/500", "status/204",
    "status/429", "redirect",
)  # fmt: skip
WITHIN_S = 30.0
MEMORY_BYTES = 100 << 20


@pytest.fixture(scope="module")
def peer() -> Iterator[str]:
    with hostile_peer() as address:
        yield address


@pytest.mark.parametrize("path", SOON)
def test_a_bad_mirror_is_refused(tmp_path: Path, peer: str, path: str) -> None:
    refused(tmp_path, f"{peer}/{path}")


@pytest.mark.prove
@pytest.mark.parametrize("path", LATER)
def test_any_bad_mirror_is_refused(tmp_path: Path, peer: str, path: str) -> None:
    refused(tmp_path, f"{peer}/{path}")


def refused(folder: Path, address: str) -> None:
    """An update from there, by the command, with all the patience that it has."""
    home = folder / "home"
    feed(home / "feed", many(20))
    before = {path.name: path.read_bytes() for path in (home / "feed").iterdir()}
    environ = {"RIGHTSHIFT_HOME": str(home), "RIGHTSHIFT_FEED_URL": address}
    done = ran(["feed", "update"], folder, seconds=WITHIN_S, environ=environ)
    assert done.in_time, f"it still ran after {WITHIN_S:.0f} s"
    assert (done.status, done.out) == (1, b""), done
    assert done.err.count(b"rightshift: error: ") == 1, done.err
    assert b"Traceback" not in done.err
    assert done.peak_bytes < MEMORY_BYTES
    after = {path.name: path.read_bytes() for path in (home / "feed").iterdir()}
    assert after.pop(".lock", b"") == b""
    before.pop(".lock", None)
    assert after == before
    assert file.check(home / "feed" / file.FEED)
