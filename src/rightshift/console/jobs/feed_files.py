"""
The feed's files between processes that share no disk: whoever built them gives them to the database, all fetch them
from there. Generations that are counted apart can't be compared, so there is one line of them for all.

In an embedded console all processes share one home, and nothing of this is done.
"""

import asyncio
import hashlib
import logging
import os
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from rightshift.console.store import feed_files as store
from rightshift.console.store import listening, progress
from rightshift.console.store.feed_files import Stored
from rightshift.console.store.pool import Connection, Pool
from rightshift.errors import FeedError, RightshiftError

PART_BYTES = 2 << 20
NAMES = ("threat.sqlite", "state.json", "feed.sqlite")
"""In the order in which they are put in place: the feed itself last. Whether it is newer is seen by it."""
FEED = NAMES[-1]
CHANNEL: Literal["feed"] = "feed"
FETCHED = "fetched.json"
LOOK_S = 300.0
_AGAIN_S = 5.0
_LOG = logging.getLogger("rightshift.feed")


class _Fetched(msgspec.Struct, frozen=True):
    """Which files lie in the folder: SHA-256 in hexadecimal by name, and the feed that they belong to."""

    files: dict[str, str]
    identity: str


async def publish(pool: Pool, folder: Path, now: datetime) -> None:
    """
    Gives the folder's files to the database; seen by others all at once when all is there.

    Raises: OSError; psycopg.Error; FeedError.
    """
    async with pool.connection() as connection:
        await give(connection, folder, now)


async def give(connection: Connection, folder: Path, now: datetime) -> None:
    """`publish`, and a word to whoever follows."""
    from rightshift.feed import file

    identity = await asyncio.to_thread(file.said, folder / FEED)
    lineage, generation = identity.get("lineage", ""), file.generation(identity)
    stored = []
    for name in NAMES:
        path = folder / name
        if not path.exists():
            continue
        with path.open("rb") as opened:  # whatever takes its name meanwhile, this one stays
            digest = await asyncio.to_thread(_digest, opened)
            size, parts = os.fstat(opened.fileno()).st_size, 0
            if not await store.has(connection, digest):
                async for part in _parts(opened):
                    await store.put_part(connection, digest, parts, part)
                    parts += 1
            else:
                parts = -(-size // PART_BYTES)
        stored.append(Stored(name=name, sha256=digest, size_bytes=size, parts=parts))
    await store.put(connection, stored, lineage, generation, now)
    await store.sweep(connection)
    _remember(folder, stored)
    await progress.tell(connection, CHANNEL)


async def fetch(pool: Pool, folder: Path) -> bool:
    """
    Brings the folder to the newest files that were given to the database; whether there were any newer ones.

    Raises: FeedError when they are not what they should be or the folder can't be written; psycopg.Error.
    """
    async with pool.connection() as connection:
        newest = await store.newest(connection)
        if newest is None or not any(one.name == FEED for one in newest.files):
            return False
        wanted = {one.name: one.sha256.hex() for one in newest.files}
        here = await asyncio.to_thread(_here, folder)
        if here is not None and here.files == wanted:
            return False
        from rightshift.feed import file

        try:
            with file.locked(folder):
                await _bring(connection, newest.files, folder)
                _remember(folder, newest.files)
        except OSError as error:
            raise FeedError(f"The feed could not be written: {error.strerror}", means="The old one stays") from error
    return True


async def follow(pool: Pool, url: str, folder: Path) -> None:
    """`fetch` at once, whenever a feed was built, and now and then, until it is cancelled."""

    async def look() -> float:
        try:
            if await fetch(pool, folder):
                _LOG.info("a newer feed was fetched")
        except RightshiftError as error:
            _LOG.warning("the feed could not be fetched", extra={"error": str(error)})
            return _AGAIN_S
        return LOOK_S

    await listening.keep(url, CHANNEL, "feed", look)


async def _bring(connection: Connection, files: list[Stored], folder: Path) -> None:
    from rightshift.feed import file

    for one in sorted(files, key=lambda stored: NAMES.index(stored.name)):
        with file.beside(folder, "fetched") as new:
            digest = hashlib.sha256()
            with new.open("wb") as opened:
                async for part in store.parts(connection, one.sha256, one.parts):
                    await asyncio.to_thread(_add, opened, digest, part)
            if digest.digest() != one.sha256:
                raise FeedError(f"{one.name} in the database is not what its digest says", means="The old one stays")
            file.swap(new, folder / one.name)


def _add(opened: BinaryIO, digest: "hashlib._Hash", part: bytes) -> None:
    opened.write(part)
    digest.update(part)


async def _parts(opened: BinaryIO) -> AsyncIterator[bytes]:
    opened.seek(0)
    while part := await asyncio.to_thread(opened.read, PART_BYTES):
        yield part


def _digest(opened: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    while part := opened.read(PART_BYTES):
        digest.update(part)
    return digest.digest()


def _here(folder: Path) -> _Fetched | None:
    """What was put there last, if that is what lies there."""
    try:
        found = msgspec.json.decode((folder / FETCHED).read_bytes(), type=_Fetched)
        return found if found.identity == _marks(folder, found.files) else None
    except (OSError, msgspec.MsgspecError):
        return None


def _remember(folder: Path, files: list[Stored]) -> None:
    """Losing it costs a fetch."""
    named = {one.name: one.sha256.hex() for one in files}
    (folder / FETCHED).write_bytes(msgspec.json.encode(_Fetched(named, _marks(folder, named))))


def _marks(folder: Path, names: dict[str, str]) -> str:
    """Changes when somebody else writes one of the files."""
    found = [(name, (folder / name).stat()) for name in sorted(names)]
    return " ".join(f"{name}:{stat.st_ino}:{stat.st_size}:{stat.st_mtime_ns}" for name, stat in found)
