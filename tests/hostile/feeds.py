"""What reads the feed and its upstreams' files, also behind a good signature. Other readers: `elsewhere.py`."""

import gzip
import json
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import zstandard

from rightshift.catalog.format import Found
from rightshift.errors import FeedError
from rightshift.feed import bundle, record, signature
from rightshift.feed import file as feed_file
from rightshift.feed.lookup import Feed
from rightshift.feed.matches import Line, match_lines
from rightshift.feed.upstreams import epss, kev
from rightshift.tree import inflate
from tests.feed.bucket import feed, many, osv
from tests.hostile.readers import Reader, of_bytes, put


def readers() -> Iterator[Reader]:
    """Each of them once."""
    yield of_bytes("advisory", _advisories, record.read)
    yield of_bytes("kev", _kevs, kev.read)
    yield of_bytes("epss", _epss, lambda content: list(epss.read([content]).rows))
    yield Reader(name="feed-file", seeds=_feed_files, read=_feed_file, refuses=(FeedError,), cost=8)
    yield Reader(name="feed-bundle", seeds=lambda: _bundles()[:1], read=_bundle, refuses=(FeedError,), cost=20)
    yield Reader(name="feed-body", seeds=_bodies, read=_body, refuses=(FeedError,), cost=20)


def _advisories() -> list[bytes]:
    more = {
        "aliases": ["CVE-2021-0001"],
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "references": [{"type": "WEB", "url": "https://a.example"}],
        "database_specific": {"cwe_ids": ["CWE-79"], "severity": "HIGH"},
        "affected_versions": ["1.0", "1.1"],
    }
    return [json.dumps(osv("T-1", "PyPI", "x", "introduced 0", "fixed 1.2", **more)).encode()]


def _kevs() -> list[bytes]:
    entry = {"cveID": "CVE-2021-0001", "dateAdded": "2022-01-01", "knownRansomwareCampaignUse": "Known"}
    return [json.dumps({"catalogVersion": "1", "vulnerabilities": [entry] * 3}).encode()]


def _epss() -> list[bytes]:
    rows = "".join(f"CVE-2021-{number:04},0.5,0.9\n" for number in range(50))
    return [gzip.compress(f"#model_version:v1,score_date:2026-01-01T00:00:00Z\ncve,epss,percentile\n{rows}".encode())]


@cache
def _feed_files() -> list[bytes]:
    with TemporaryDirectory() as folder:
        feed(Path(folder), many(5))
        return [Path(folder, feed_file.FEED).read_bytes()]


def _feed_file(content: bytes, folder: Path) -> Iterator[Found]:
    yield from ()
    path = put(content, folder, feed_file.FEED)
    with Feed.open(folder) as known:
        known.status()
        list(match_lines([Line("PyPI", "name-1", "1.0"), Line("PyPI", "x", "1.0")], known))
        list(known.changed_since(0))
    feed_file.check(path)


@cache
def _bundles() -> list[bytes]:
    """A whole feed and its changes, each signed by `_key`."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        feed(folder, many(5))
        found = []
        for since in (None, 1):
            bundle.export(folder, folder / "bundle", _key(), since)
            found.append((folder / "bundle").read_bytes())
        return found


@cache
def _key() -> Path:
    """Made once for each process that reads."""
    path = Path(_keys().name, "key.pem")
    signature.make_key(path)
    return path


@cache
def _keys() -> TemporaryDirectory[str]:
    return TemporaryDirectory()


def _bring(content: bytes, folder: Path) -> None:
    place = folder / "feed"
    place.mkdir(exist_ok=True)
    bundle.bring(place, put(content, folder, "bundle"), signature.public_key(_key()), confirmed=True, older=True)


def _bundle(content: bytes, folder: Path) -> Iterator[Found]:
    yield from ()
    _bring(content, folder)


def _bodies() -> list[bytes]:
    """What is signed, and the same with its compressed part in the open."""
    return [one[signature.HEAD_BYTES :] for one in _bundles()] + [_opened(_bundles()[0][signature.HEAD_BYTES :])]


def _opened(body: bytes) -> bytes:
    line, _, packed = body.partition(b"\n")
    return line + b"\n" + zstandard.ZstdDecompressor().decompressobj().decompress(packed)


def _body(content: bytes, folder: Path) -> Iterator[Found]:
    """Signed after it was changed: what a taken-over publisher could send."""
    yield from ()
    line, end, rest = content.partition(b"\n")
    if rest[:4] != inflate.ZSTD_MAGIC:
        content = line + end + zstandard.compress(rest)
    _bring(signature.sign(BytesIO(content), _key()) + content, folder)
