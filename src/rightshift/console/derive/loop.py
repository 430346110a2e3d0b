"""Takes marks out in batches, each with its conclusions in one transaction. One process works, others stand by."""

import asyncio
import contextlib
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from rightshift.console.derive import assets, facets, triage
from rightshift.console.store import listening
from rightshift.console.store.conclusions import generations as generation_store
from rightshift.console.store.conclusions import marks, turns
from rightshift.console.store.conclusions import matches as match_store
from rightshift.console.store.conclusions.marks import Mark, What
from rightshift.console.store.pool import Connection, Pool
from rightshift.errors import FeedError

if TYPE_CHECKING:
    from rightshift.console.derive.feed import Opened

LOOK_S = 10.0
"""Also without a word from the database: for a notice that was lost, another day, a feed on the disk."""
_FETCH = timedelta(minutes=5)
"""How often it is asked for a newer feed without a word of one."""
_AGAIN_S = 2.0
_PATIENCE = 20
"""Rounds of assets and matches after which inventories are counted although there are more of those."""
_OWN_FAULT = (psycopg.DataError, psycopg.IntegrityError, ValueError, TypeError, LookupError, AttributeError)
"""What the facts of one thing can do to the work on it, which must not hold up all others."""
_LOG = logging.getLogger("rightshift.derive")
Work = Callable[[Connection, Sequence[Mark]], Awaitable[None]]


@dataclass(slots=True)
class Hand:
    """The feed at hand: opened while there is work for it, closed before the wait."""

    folder: Path
    opened: "Opened | None" = None
    seen: object = None
    """State of the folder when it was looked at last."""
    useless: bool = False
    """The feed of that state is older than conclusions are, or can't be read: matches wait for another one."""
    files: ExitStack = field(default_factory=ExitStack)

    def close(self) -> None:
        """What it held in memory goes back to the system: idle, this process is small."""
        if self.opened is None:
            return
        self.opened = None
        self.files.close()
        gc.collect()
        from ctypes import CDLL

        with contextlib.suppress(OSError, AttributeError):  # other C libraries give it back by themselves
            CDLL("libc.so.6").malloc_trim(0)


@dataclass(slots=True)
class Deriving:
    """
    One process' part. `folder` is the feed's; `catch_up` fetches a newer one into it, where processes share no disk.

    Matching is plain computing and holds up this process alone, which does nothing else.
    """

    pool: Pool
    folder: Path
    now: Callable[[], datetime]
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    catch_up: Callable[[], Awaitable[object]] | None = None
    look_s: float = LOOK_S
    _day: date | None = None
    _asked: datetime | None = None
    """When it was asked for a newer feed last; None as soon as there is word of one."""
    _refused: set[int] = field(default_factory=set)
    """Marks whose work failed for what they are; the next process tries them again."""

    async def run(self) -> None:
        """Until the stop. A lost connection is made again: with it the lock went, perhaps to another process."""
        while not self.stopping.is_set():
            hand = Hand(self.folder)
            try:
                async with self.pool.connection() as connection, self._alone(connection):
                    while not self.stopping.is_set():
                        await self.drain(connection, hand)
                        hand.close()
                        await self._wait(connection)
            except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
                _LOG.warning("the database can't be worked with", extra={"error": type(error).__name__})
                await self._pause(_AGAIN_S)
            finally:
                hand.close()

    async def drain(self, connection: Connection, hand: Hand) -> None:
        """Works until nothing is marked any more, or the stop."""
        patience = _PATIENCE
        await self._begin(connection, hand)
        while not self.stopping.is_set():
            waiting = await marks.waiting(connection)
            worked = await self._some(connection, waiting, "scan", assets.BATCH, self._assets)
            worked |= await self._some(connection, waiting, "asset", assets.BATCH, self._assets)
            worked |= await self._match(connection, waiting, hand)
            patience = patience - 1 if worked else 0
            if patience <= 0:
                worked |= await self._some(connection, waiting, "inventory", facets.BATCH, self._facets)
                worked |= await self._some(connection, waiting, "wishes", 10_000, self._triage)
                patience = _PATIENCE
            if not worked:
                return

    async def _begin(self, connection: Connection, hand: Hand) -> None:
        """What changes without a mark: the day, the feed."""
        today = self.now().astimezone(UTC).date()
        if today != self._day:
            async with connection.transaction():
                await generation_store.mark_turned(connection, today)
                await triage.decide(connection, None, self.now())
            self._day = today
        if self.catch_up is not None and (self._asked is None or self.now() - self._asked > _FETCH):
            await self.catch_up()
            self._asked = self.now()
        from rightshift.console.derive import feed

        if hand.seen is None or hand.seen != feed.seen(self.folder):
            await self._take_up(connection, hand)

    async def _take_up(self, connection: Connection, hand: Hand) -> bool:
        """Opens the feed and marks what it concerns; false where nothing is to be concluded with it."""
        from rightshift.console.derive import feed, generations

        hand.close()
        hand.seen, hand.useless = feed.seen(self.folder), True
        try:
            opened = hand.files.enter_context(feed.opened(self.folder))
            standing = await generations.take_up(connection, opened, self.now())
        except FeedError as error:
            hand.files.close()
            _LOG.error("the feed can't be read", extra={"error": str(error)})
            return False
        hand.opened = opened
        if standing is generations.Standing.OLDER:
            _LOG.warning("the feed at hand is older than the one that conclusions were drawn with: waiting for it")
            hand.close()
            return False
        if standing is generations.Standing.TAKEN_UP:
            _LOG.info("a feed was taken up", extra={"generation": opened.identity.generation})
        hand.useless = False
        return True

    async def _match(self, connection: Connection, waiting: frozenset[str], hand: Hand) -> bool:
        if "package_version" not in waiting or hand.useless:
            return False
        if hand.opened is None and not await self._take_up(connection, hand):
            return False
        from rightshift.console.derive import matches

        opened = hand.opened
        assert opened is not None

        async def match(connection: Connection, some: Sequence[Mark]) -> None:
            await matches.derive(connection, some, opened, self.now())

        try:
            return await self._some(connection, waiting, "package_version", matches.BATCH, match)
        except FeedError as error:
            hand.close()
            hand.useless = True
            _LOG.error("the feed can't be read", extra={"error": str(error)})
            return False

    async def _some(self, connection: Connection, waiting: frozenset[str], what: What, most: int, work: Work) -> bool:
        """One batch; where it fails for what is in it, each for itself, so that one holds up no other."""
        if what not in waiting:
            return False
        found = await marks.some(connection, what, most, self._refused)
        if not found:
            return False
        try:
            await work(connection, found)
        except _OWN_FAULT:
            for one in found:
                await self._alone_with(connection, what, one, work)
        return True

    async def _alone_with(self, connection: Connection, what: What, one: Mark, work: Work) -> None:
        try:
            await work(connection, [one])
        except _OWN_FAULT:
            self._refused.update(one.ids)
            _LOG.exception("nothing can be concluded of this", extra={"what": what, "which": one.which, "key": one.key})

    async def _assets(self, connection: Connection, some: Sequence[Mark]) -> None:
        await assets.derive(connection, some, self.now())

    async def _facets(self, connection: Connection, some: Sequence[Mark]) -> None:
        await facets.derive(connection, some, self.now())

    async def _triage(self, connection: Connection, some: Sequence[Mark]) -> None:
        await triage.derive(connection, some, self.now())

    @asynccontextmanager
    async def _alone(self, connection: Connection) -> AsyncIterator[None]:
        """
        The lock of whoever derives, on the very connection that all conclusions are written with: who loses it loses
        the transaction too. It is asked for now and then: a wait for it would keep the database from cleaning up.
        """
        mine = False
        while not (mine or self.stopping.is_set()):
            mine = await turns.take(connection)
            if not mine:
                await self._pause(self.look_s)
        if mine:
            await turns.listen(connection)
            await match_store.prepare(connection)
            _LOG.info("this process derives")
        try:
            yield
        finally:
            with contextlib.suppress(psycopg.Error):
                await turns.leave(connection)

    async def _wait(self, connection: Connection) -> None:
        """For a word from the database, the stop, or long enough."""
        if turns.FEED in await listening.word(connection, self.look_s, self.stopping):
            self._asked = None

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)
