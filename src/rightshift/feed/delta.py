"""Which records of the bucket are fetched for a feed: all, an archive's, or single ones. The file: `build.py`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from rightshift.egress.client import Client
from rightshift.errors import FeedError
from rightshift.feed import file
from rightshift.feed.build import Build
from rightshift.feed.upstreams import osv
from rightshift.feed.upstreams.fetch import OLD, Fetched, Missing, Progress, fetch
from rightshift.feed.upstreams.osv import Part

SMALL_BYTES = 48 << 20
"""An archive up to this size is read whole: records also change without a word in the list of changes."""
SINGLE_RECORDS = 1_500
"""Up to this many changes are fetched one by one from a larger archive; beyond, the archive is the shorter way."""
WHOLE_AFTER = timedelta(days=7)
"""How long single changes are trusted to be all, for archives that are larger."""
_KEY = "osv/"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was fetched of a part last: the archive's ETag, and when it was read whole (RFC 3339)."""

    etag: str = ""
    whole: str = ""


@dataclass(slots=True)
class Fetching:
    """What one run has done so far. `missing` are parts that the bucket names and does not have."""

    seen: dict[str, Seen] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    changed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One bucket as it is asked now; `folder` takes the archives while they are read."""

    client: Client
    root: str
    folder: Path
    now: datetime
    progress: Progress
    small_bytes: int = SMALL_BYTES


def fill(build: Build, bucket: Bucket, before: dict[str, Seen]) -> Fetching:
    """
    Brings the records of a bucket into a build. `before` is what the last run has seen (`Fetching.seen`), or nothing.

    The content is then the same as of a build from nothing, save for what the bucket changed in a large archive
    without listing it, at most `WHOLE_AFTER` ago.

    Raises: FeedError; OSError when the disk refuses.
    """
    fetching = Fetching()
    parts = osv.parts(bucket.client, bucket.root)
    listed = set(build.parts())
    for part in parts:
        try:
            seen = before.get(_KEY + part.name, Seen()) if part.name in listed else Seen()
            _fill(build, bucket, part, seen, fetching)
        except Missing:
            fetching.missing.append(part.title)
    if len(fetching.missing) == len(parts):
        raise FeedError(f"{bucket.root} has no archives of records", means=OLD, do="See whether the address is right")
    for name in listed - {part.name for part in parts}:
        build.unlist(name)
    return fetching


def _fill(build: Build, bucket: Bucket, part: Part, before: Seen, fetching: Fetching) -> None:
    with fetch(bucket.client, part.url("all.zip"), before.etag) as found:
        if found is None:
            fetching.seen[_KEY + part.name] = before
            return
        fresh = before.whole and bucket.now - _time(before.whole) < WHOLE_AFTER
        if not fresh or 0 < found.size <= bucket.small_bytes:
            _whole(build, bucket, part, found, fetching)
            return
    if _singles(build, bucket, part, fetching):
        fetching.seen[_KEY + part.name] = before
        return
    with fetch(bucket.client, part.url("all.zip")) as found:
        assert found is not None
        _whole(build, bucket, part, found, fetching)


def _whole(build: Build, bucket: Bucket, part: Part, found: Fetched, fetching: Fetching) -> None:
    """Reads the archive: its records are all that the part has."""
    build.enlist(part.name, _added(build, bucket, part, found, fetching))
    fetching.seen[_KEY + part.name] = Seen(found.etag, bucket.now.isoformat())


def _added(build: Build, bucket: Bucket, part: Part, found: Fetched, fetching: Fetching) -> Iterator[tuple[str, str]]:
    with file.beside(bucket.folder, "archive") as path:
        for record in osv.archive(found, path, bucket.progress, part):
            fetching.changed += build.add(record)
            yield record.id, record.modified


def _singles(build: Build, bucket: Bucket, part: Part, fetching: Fetching) -> bool:
    """Fetches what the list of changes names, if that is told soundly and is not too much; else False."""
    listing = osv.listing(bucket.client, part)
    if listing is None or not listing.sound:
        return False
    before = build.listed(part.name)
    changed = [one for one, stamp in listing.stamps.items() if before.get(one) != stamp]
    if len(changed) > SINGLE_RECORDS or (not changed and before.keys() == listing.stamps.keys()):
        return False
    gone = set()
    for count, one in enumerate(changed):
        bucket.progress(f"Fetching changes of {part.title}", count, len(changed))
        record = osv.record(bucket.client, part, one)
        if record is None:
            gone.add(one)
        elif record.id != one:
            raise FeedError(f"{part.url(one)} holds another record", means=OLD)
        else:
            fetching.changed += build.add(record)
    build.enlist(part.name, [row for row in listing.stamps.items() if row[0] not in gone])
    return True


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
