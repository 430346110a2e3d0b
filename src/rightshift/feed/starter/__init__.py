"""A small feed of well-known advisories for machines that fetched none yet. What it covers of a list: `coverage.py`."""

import tempfile
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path

from rightshift.errors import FeedError
from rightshift.feed import file, record, threat
from rightshift.feed.build import building
from rightshift.feed.lookup import Feed
from rightshift.feed.upstreams.epss import Scores
from rightshift.feed.upstreams.kev import Catalogue
from rightshift.model.advisory import Kev

RECORDS, KEV = "records.jsonl", "kev.csv"


def opened(folder: Path) -> Feed:
    """
    The feed of a folder; where none was fetched or imported, the starter feed, which is put there.

    Where the folder cannot be written the starter feed lives only as long as it is open.

    Raises: FeedError when a feed is there and cannot be read.
    """
    if _other_feed(folder):
        return Feed.open(folder)
    try:
        with file.locked(folder):
            if not _current(folder):
                build(folder)
        return Feed.open(folder)
    except FeedError:
        with tempfile.TemporaryDirectory(prefix="rightshift-") as passing:
            build(Path(passing))
            return Feed.open(Path(passing))


def build(folder: Path) -> None:
    """Writes the starter feed into a folder, over what is there. Raises: FeedError."""
    with file.beside(folder, "feed") as new, file.beside(folder, "threat") as threats:
        with building(folder, new, None) as work:
            listed = []
            for found in records():
                work.add(found)
                listed.append((found.id, found.modified))
            work.enlist("", listed)
            work.finish(_newest(listed), "starter")
            work.mark({"starter": "yes", "starter_source": _source()})
        threat.build(threats, new, _kev(), Scores("", "", iter(())))
        file.swap(new, folder / file.FEED)
        file.swap(threats, folder / file.THREAT)


def records() -> Iterator[record.Record]:
    """The advisories that come with this program, by id."""
    for line in _read(RECORDS).splitlines():
        yield record.read(line)


def _newest(listed: list[tuple[str, str]]) -> str:
    return max(changed for _, changed in listed)


def _kev() -> Catalogue:
    rows = [line.split(",") for line in _read(KEV).decode().splitlines()[1:]]
    entries = {cve: Kev(added, ransomware == "known") for cve, added, ransomware in rows}
    return Catalogue(entries, f"starter, up to {max(entry.added for entry in entries.values())}")


def _other_feed(folder: Path) -> bool:
    """Whether the folder has a feed that is not a starter feed."""
    return (folder / file.FEED).exists() and file.said(folder / file.FEED).get("starter") != "yes"


def _current(folder: Path) -> bool:
    """Whether the starter feed there is the one that comes with this program."""
    path = folder / file.FEED
    return path.exists() and file.said(path).get("starter_source") == _source()


@cache
def _source() -> str:
    return blake2b(_read(RECORDS) + b"\0" + _read(KEV), digest_size=16).hexdigest()


@cache
def _read(name: str) -> bytes:
    return files(__name__).joinpath(name).read_bytes()
