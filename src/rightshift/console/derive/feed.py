"""The feed at hand, opened for as long as it is worked with. What a newer one concerns: `generations.py`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from rightshift import __version__
from rightshift.console.store.conclusions.generations import Derived
from rightshift.feed import file, starter
from rightshift.feed.lookup import Feed

_CHUNK_BYTES = 1 << 20
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Opened:
    """A feed, and what tells it from all others."""

    feed: Feed
    identity: Derived


def seen(folder: Path) -> tuple[tuple[int, ...], ...]:
    """Changes whenever one of the feed's files is another one; costs two looks at the folder."""
    return tuple(_state(folder / name) for name in (file.FEED, file.THREAT))


def _state(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


@contextmanager
def opened(folder: Path) -> Iterator[Opened]:
    """
    The feed of a folder, the starter feed where none was fetched.

    Raises: FeedError when it can't be read.
    """
    for _ in range(_TRIES):
        feed = starter.opened(folder)
        try:
            before = seen(folder)
            identity = Derived(feed.lineage, feed.generation, f"{__version__} {_digest(folder / file.THREAT)}")
            if before == seen(folder) and (not before[0] or _is_that(folder, identity)):
                break
        except BaseException:
            feed.close()
            raise
        feed.close()  # it was exchanged meanwhile
    else:
        feed = starter.opened(folder)
    with feed:
        yield Opened(feed, identity)


def _is_that(folder: Path, identity: Derived) -> bool:
    return file.identity(folder / file.FEED) == f"{identity.lineage}/{identity.generation}"


def _digest(path: Path) -> str:
    digest = blake2b(digest_size=16)
    try:
        with path.open("rb") as content:
            while chunk := content.read(_CHUNK_BYTES):
                digest.update(chunk)
    except FileNotFoundError:
        return ""
    return digest.hexdigest()
