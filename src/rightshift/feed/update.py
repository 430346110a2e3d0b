"""One update of the feed, from addresses to files in place, or nothing at all. Without a network: `bundle.py`."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from rightshift.egress.client import Client, Limits, Settings
from rightshift.egress.policy import Policy
from rightshift.errors import FeedError, Malformed
from rightshift.feed import delta, file, guard, threat
from rightshift.feed.build import Built, building
from rightshift.feed.delta import Bucket, Seen
from rightshift.feed.upstreams import epss, kev, osv
from rightshift.feed.upstreams.fetch import CHUNK_BYTES, OLD, Progress, fetch, silent, to_file, whole
from rightshift.feed.upstreams.kev import Catalogue

STATE = "state.json"
STATE_BYTES = 1 << 20


class _State(msgspec.Struct):
    checked: str
    feed: str
    addresses: list[str]
    seen: dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the three upstreams lie; the public ones when nothing else is said."""

    osv: str = osv.ADDRESS
    kev: str = kev.ADDRESS
    epss: str = epss.ADDRESS


def addresses(feed_url: str = "", kev_url: str = "", epss_url: str = "") -> Addresses:
    """A mirror of the bucket brings KEV and EPSS as `kev.json` and `epss.csv.gz`, unless they are named themselves."""
    root = feed_url.rstrip("/")
    return Addresses(
        root or osv.ADDRESS,
        kev_url or (f"{root}/kev.json" if root else kev.ADDRESS),
        epss_url or (f"{root}/epss.csv.gz" if root else epss.ADDRESS),
    )


def client(of: Addresses, certificates: Path | None = None, limits: Limits | None = None) -> Client:
    """A client that reaches these addresses also on this machine, in private networks, without TLS: they were given."""
    named = [urlsplit(url) for url in (of.osv, of.kev, of.epss)]
    hosts = frozenset(filter(None, (url.hostname for url in named)))
    plain = frozenset(url.netloc.rpartition("@")[2].lower() for url in named if url.scheme == "http")
    policy = Policy(hosts=hosts, plain_http=plain)
    return Client(Settings(policy=policy, certificates=certificates, limits=limits or Limits()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How an update goes. `rebuild` takes nothing from the older file; `confirmed` lets a suspicious change pass."""

    rebuild: bool = False
    confirmed: bool = False
    small_bytes: int = delta.SMALL_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """What came of an update. `built` is None where no record changed; `missing` are ecosystems without an archive."""

    built: Built | None
    kev: str
    epss_day: str
    missing: tuple[str, ...]


def update(
    folder: Path,
    of: Addresses,
    asked: Client,
    now: datetime,
    wishes: Wishes | None = None,
    progress: Progress = silent,
) -> Updated:
    """
    Fetches, builds, checks and swaps. `now` carries its time zone.

    Raises: FeedError, and then the files in use are the old ones.
    """
    try:
        with file.locked(folder):
            return _update(folder, of, asked, now, wishes or Wishes(), progress)
    except epss.MalformedEpss as error:
        raise FeedError(f"{of.epss} is not EPSS: {error}", means=OLD) from error
    except (OSError, sqlite3.Error) as error:
        what = f"The feed could not be written: {error}"
        raise FeedError(what, means=OLD, do=f"See that {folder} has room") from error


def _update(folder: Path, of: Addresses, asked: Client, now: datetime, wishes: Wishes, progress: Progress) -> Updated:
    current = folder / file.FEED
    sound = file.sound(current)
    older = None if wishes.rebuild else sound
    state = _state(folder, of, older)
    with (
        file.beside(folder, "feed") as new,
        file.beside(folder, "threat") as threats,
        file.beside(folder, "epss") as csv,
    ):
        entries, kev_tag = _kev(folder, of.kev, asked, state.get("kev", Seen()).etag)
        epss_tag = _epss(of.epss, asked, state.get("epss", Seen()).etag, csv)
        bucket = Bucket(
            client=asked, root=of.osv, folder=folder, now=now, progress=progress, small_bytes=wishes.small_bytes
        )
        with building(folder, new, older) as build:
            fetching = delta.fill(build, bucket, state)
            progress("Writing the feed", 0, 0)
            built = build.finish(now.isoformat(), of.osv)
        renewed = older is None or bool(built.changed or built.gone)
        if renewed:
            guard.check(new, sound, confirmed=wishes.confirmed)
            file.check(new)
        scores = threat.stored(folder / file.THREAT)[1] if epss_tag is None else epss.read(_chunks(csv))
        threat.build(threats, new if renewed else current, entries, scores)
        if renewed:
            file.swap(new, current)
        file.swap(threats, folder / file.THREAT)
        seen = fetching.seen | {"kev": Seen(kev_tag), "epss": Seen(epss_tag or state["epss"].etag)}
        _keep_state(folder, of, now, seen)
        return Updated(
            built=built if renewed else None,
            kev=entries.version,
            epss_day=scores.day,
            missing=tuple(fetching.missing),
        )


def _kev(folder: Path, url: str, asked: Client, etag: str) -> tuple[Catalogue, str]:
    with fetch(asked, url, etag) as found:
        if found is None:
            return threat.stored(folder / file.THREAT)[0], etag
        try:
            return kev.read(whole(found, kev.LIMIT_BYTES)), found.etag
        except Malformed as error:
            raise FeedError(f"{url} is not CISA's catalogue: {error}", means=OLD) from error


def _epss(url: str, asked: Client, etag: str, csv: Path) -> str | None:
    """Puts the file beside; gives its ETag, or None when it is still the one that was read last."""
    with fetch(asked, url, etag) as found:
        if found is None:
            return None
        to_file(found, csv, epss.LIMIT_BYTES, silent, "")
        return found.etag


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file_:
        while chunk := file_.read(CHUNK_BYTES):
            yield chunk


def checked(folder: Path) -> str:
    """When the upstreams were last asked with success, RFC 3339; empty when they never were."""
    found = _stored_state(folder)
    return found.checked if found else ""


def _state(folder: Path, of: Addresses, older: Path | None) -> dict[str, Seen]:
    """What the last run saw, if it wrote the very files that are in use and asked the same addresses."""
    found = _stored_state(folder)
    if found is None or older is None or not (folder / file.THREAT).exists():
        return {}
    if found.addresses != _told(of) or found.feed != file.identity(older):
        return {}
    return {name: Seen(*seen) for name, seen in found.seen.items()}


def _stored_state(folder: Path) -> _State | None:
    try:
        content = (folder / STATE).read_bytes()
        return msgspec.json.decode(content, type=_State) if len(content) <= STATE_BYTES else None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _keep_state(folder: Path, of: Addresses, now: datetime, seen: dict[str, Seen]) -> None:
    """Losing it costs a fetch, so that it needs no more care than not to be half there."""
    rows = {name: (one.etag, one.whole) for name, one in seen.items()}
    state = _State(now.isoformat(), file.identity(folder / file.FEED), _told(of), rows)
    with file.beside(folder, "state") as new:
        new.write_bytes(msgspec.json.encode(state))
        new.replace(folder / STATE)


def _told(of: Addresses) -> list[str]:
    """The addresses as digests: one may hold a password."""
    return [blake2b(url.encode(), digest_size=16).hexdigest() for url in (of.osv, of.kev, of.epss)]
