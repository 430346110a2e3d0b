"""The bucket of OSV as it is laid out: archives, lists of changes, single records. What is taken: `delta.py`."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from rightshift.egress.client import Client
from rightshift.errors import FeedError, Malformed
from rightshift.feed.record import RECORD_BYTES, MalformedRecord, Record, read
from rightshift.feed.upstreams.fetch import OLD, Fetched, Missing, Progress, fetch, to_file, whole
from rightshift.tree.budget import Budget
from rightshift.tree.file import DescriptorFile
from rightshift.tree.zip import Zip

ADDRESS = "https://osv-vulnerabilities.storage.googleapis.com"
ARCHIVE_BYTES = 8 << 30
UNPACKED_BYTES = 64 << 30
RECORDS = 5_000_000
LISTING_BYTES = 512 << 20
LINE_BYTES = 512
ECOSYSTEMS, ECOSYSTEMS_BYTES = 1_000, 1 << 20
SOUND_YEAR = "1990"
"""Before it, a stamp says that nobody knows when the record changed: Go's source has the year 1 everywhere."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()+-]{0,99}|\[EMPTY\]")
_ROW = re.compile(r"([0-9]{4}-[0-9:.TZ+-]{5,36}),(?:[^,/]+/)?([A-Za-z0-9][A-Za-z0-9._:~+-]{0,199})")
REFUSED_SHARE, REFUSED_LEAST = 0.01, 10
"""Records that cannot be read are left out; when there are more of them, the archive is not believed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One folder of the bucket, by its ecosystem; empty for the whole bucket in one archive."""

    root: str
    name: str

    def url(self, *names: str) -> str:
        """The address of a file in it."""
        return "/".join([self.root, *[quote(name, safe="") for name in (self.name, *names) if name]])

    @property
    def title(self) -> str:
        """For people."""
        return self.name or "all ecosystems"


@dataclass(frozen=True, slots=True)
class Listing:
    """What is there and when it changed, by id. `sound` is false where some stamps say nothing."""

    stamps: dict[str, str]
    sound: bool


def parts(client: Client, root: str) -> list[Part]:
    """
    The ecosystems of a bucket, without releases, which lie in their ecosystem's archive; one part for a bucket that
    names none.

    Raises: FeedError.
    """
    root = root.rstrip("/")
    try:
        with fetch(client, f"{root}/ecosystems.txt") as found:
            assert found is not None
            text = whole(found, ECOSYSTEMS_BYTES).decode("utf-8", "replace")
    except Missing:
        return [Part(root, "")]
    names = sorted({line.strip() for line in text.splitlines() if line.strip() and ":" not in line})
    if not names or len(names) > ECOSYSTEMS or not all(_NAME.fullmatch(name) for name in names):
        raise FeedError(f"{root}/ecosystems.txt is no list of ecosystems", means=OLD)
    return [Part(root, name) for name in names]


def listing(client: Client, part: Part) -> Listing | None:
    """The list of changes; None when the bucket has none. Raises: FeedError."""
    url = part.url("modified_id.csv")
    try:
        with fetch(client, url) as found:
            assert found is not None
            return _listing(found)
    except Missing:
        return None


def _listing(fetched: Fetched) -> Listing:
    stamps: dict[str, str] = {}
    rest = b""
    for chunk in fetched.chunks(LISTING_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > LINE_BYTES:
            raise FeedError(f"{fetched.url} is no list of changes", means=OLD)
        _rows(lines, stamps, fetched.url)
    _rows([rest], stamps, fetched.url)
    return Listing(stamps, all(stamp >= SOUND_YEAR for stamp in stamps.values()))


def _rows(lines: list[bytes], stamps: dict[str, str], url: str) -> None:
    for line in lines:
        text = line.decode("ascii", "replace").strip()
        found = _ROW.fullmatch(text)
        if found:
            stamps[found[2]] = found[1]
        elif text:
            raise FeedError(f"{url} is no list of changes", means=OLD)
    if len(stamps) > RECORDS:
        raise FeedError(f"{url} lists more than {RECORDS} records", means=OLD)


def record(client: Client, part: Part, identity: str) -> Record | None:
    """One record; None when it is gone meanwhile, or cannot be read. Raises: FeedError."""
    try:
        with fetch(client, part.url(identity + ".json")) as found:
            assert found is not None
            return read(whole(found, RECORD_BYTES))
    except (Missing, MalformedRecord):
        return None


def archive(fetched: Fetched, beside: Path, progress: Progress, part: Part) -> Iterator[Record]:
    """
    The records of an archive, which is put into the file `beside` first. In the archive's order.

    Raises: FeedError when it is no archive, is damaged, or holds too many records that cannot be read; OSError.
    """
    to_file(fetched, beside, ARCHIVE_BYTES, progress, f"Fetching {part.title}")
    handle = os.open(beside, os.O_RDONLY | os.O_CLOEXEC)
    try:
        packed = DescriptorFile(fetched.url, handle, os.fstat(handle).st_size)
        yield from _records(packed, progress, part)
    finally:
        os.close(handle)


def _records(file: DescriptorFile, progress: Progress, part: Part) -> Iterator[Record]:
    url, reason = file.path, ""
    count = refused = 0
    try:
        packed = Zip(file, Budget(unpacked_bytes=UNPACKED_BYTES, entries=RECORDS))
        for entry in packed.entries(lambda name: name.endswith(".json")):
            content = packed.read(entry, RECORD_BYTES)
            count += 1
            try:
                found = read(content)
            except MalformedRecord as error:
                refused, reason = refused + 1, f"{entry.name[:100]}: {error}"
                continue
            if count % 1_000 == 0:
                progress(f"Reading {part.title}", count, 0)
            yield found
        if packed.flaw:
            raise FeedError(f"{url} is damaged: {packed.flaw}", means=OLD, do="Try again")
    except Malformed as error:
        raise FeedError(f"{url} is no archive of records, or damaged: {error}", means=OLD, do="Try again") from error
    if refused > max(REFUSED_LEAST, count * REFUSED_SHARE):
        raise FeedError(f"{url}: {refused} of {count} records cannot be read, the last {reason}", means=OLD)
