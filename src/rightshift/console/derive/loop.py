"""
Takes marks out in batches, each with its conclusions in one transaction. One process works, others stand by.

What the work on something ends badly with holds up nothing else. A batch that fails, or that a process died of, is done
again in small ones, and what is in a small one that does so too by itself. What fails then, or ends its process three
times, is set aside, and tried again later.
"""

import asyncio
import contextlib
import gc
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from rightshift import __version__
from rightshift.console.derive import assets, facets, triage
from rightshift.console.store import listening
from rightshift.console.store.conclusions import generations as generation_store
from rightshift.console.store.conclusions import marks, tries, turns
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
REST_S = 1.0
"""
After work that is done, and as long again as it took: what is marked meanwhile is worked on together. A batch of one
costs nearly as much as one of fifty, and of all that sensors tell each second most is about the same assets. The first
mark after a quiet time does not wait.
"""
_LONGEST_REST_S = 1.5
_HOLD_S = 5.0
"""How long a feed is held open for the next scan: opening it reads a file of many megabytes."""
_AGAIN_S = 2.0
_PATIENCE = 20
"""Rounds of assets and matches after which inventories are counted although there are more of those."""
TRIES = 3
"""Of one thing that fails, before it is set aside: among others, among a few, by itself."""
ENDS = tries.ALONE + 3
"""Of the process, the last three at nothing but that one: what else ends it seldom strikes the same so often."""
ASIDE = timedelta(hours=1)
"""Until it is tried once more, by this version of the program; another one tries at once."""
_FEWER = 25
"""Into so many a batch is parted that ended badly."""
_ALONE = 20
"""Things that are worked on by themselves before others have their turn again."""
_OWN_FAULT = (psycopg.errors.QueryCanceled, psycopg.errors.ProgramLimitExceeded)
"""What the database says of a statement and not of itself, among what it calls operational."""
_OF_OTHERS = (psycopg.OperationalError, psycopg.InterfaceError, OSError, FeedError)
_LOG = logging.getLogger("rightshift.derive")
Work = Callable[[Connection, Sequence[Mark]], Awaitable[None]]


@dataclass(slots=True)
class Hand:
    """The feed at hand: opened while there is work for it, closed before a long wait."""

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
    rest_s: float = REST_S
    _day: date | None = None
    _asked: datetime | None = None
    """When it was asked for a newer feed last; None as soon as there is word of one."""
    _server: datetime | None = None
    """When the server was started that was worked with last."""

    async def run(self) -> None:
        """Until the stop. A lost connection is made again: with it the lock went, perhaps to another process."""
        innocent = False
        while not self.stopping.is_set():
            hand = Hand(self.folder)
            try:
                async with self.pool.connection() as connection, self._alone(connection):
                    await self._look_back(connection, innocent=innocent)
                    while not self.stopping.is_set():
                        began = time.monotonic()
                        await self.drain(connection, hand)
                        await self._pause(self.rest_s + min(time.monotonic() - began, _LONGEST_REST_S))
                        await self._wait(connection, hand)
            except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
                what = (
                    "the database can't be worked with" if isinstance(error, psycopg.Error) else "a file can't be used"
                )
                _LOG.warning(what, extra={"error": f"{type(error).__name__} {getattr(error, 'strerror', '')}".strip()})
                # a session that ends without a word may have been ended by what it was asked
                innocent = not isinstance(error, psycopg.OperationalError) or error.sqlstate is not None
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
        """What changes without a mark: the day, the feed, what was set aside long enough."""
        await tries.again(connection, self.now() - ASIDE, __version__, TRIES - 1)
        await tries.cover(connection)
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
        if hand.useless or waiting.isdisjoint(("package_version", "advisory")):
            return False
        if hand.opened is None and not await self._take_up(connection, hand):
            return False
        from rightshift.console.derive import matches, ratings

        opened = hand.opened
        assert opened is not None

        async def match(connection: Connection, some: Sequence[Mark]) -> None:
            await matches.derive(connection, some, opened, self.now())

        async def rate(connection: Connection, some: Sequence[Mark]) -> None:
            await ratings.derive(connection, some, opened, self.now())

        try:
            worked = await self._some(connection, waiting, "package_version", matches.BATCH, match)
            return worked | await self._some(connection, waiting, "advisory", ratings.BATCH, rate)
        except FeedError as error:
            hand.close()
            hand.useless = True
            _LOG.error("the feed can't be read", extra={"error": str(error)})
            return False

    async def _some(self, connection: Connection, waiting: frozenset[str], what: What, most: int, work: Work) -> bool:
        """One batch; where there is none, some of those that ended badly before."""
        if what not in waiting:
            return False
        careful = marks.TRIED in waiting
        if found := await marks.some(connection, what, most, sound=careful):
            await self._try(connection, what, found, work)
            return True
        return careful and await self._again(connection, what, most, work)

    async def _again(self, connection: Connection, what: What, most: int, work: Work) -> bool:
        tried = await marks.tried(connection, what, max(_ALONE, most // _FEWER))
        if tried and tried[0].tries < tries.ALONE:
            await self._try(connection, what, [one for one in tried if one.tries < tries.ALONE], work)
            return True
        for one in tried[:_ALONE]:
            if one.tries >= ENDS:
                await self._set_aside(connection, what, one, f"The process ended in each of {one.tries} tries")
            else:
                await self._try(connection, what, [one], work)
        return bool(tried)

    async def _try(self, connection: Connection, what: What, some: Sequence[Mark], work: Work) -> None:
        await tries.begin(connection, what, some)
        try:
            await work(connection, some)
        except Exception as error:  # whatever facts of one thing do to the work on it is no matter of the others
            if isinstance(error, _OF_OTHERS) and not isinstance(error, _OWN_FAULT):
                raise
            _LOG.warning("the work failed", extra={"what": what, "things": len(some), "error": type(error).__name__})
            await tries.failed(connection, some)
            if some[0].tries + 1 >= TRIES:
                _LOG.exception("nothing can be concluded of this")
                await self._set_aside(connection, what, some[0], f"It ended by {type(error).__name__}")

    async def _set_aside(self, connection: Connection, what: What, one: Mark, reason: str) -> None:
        await tries.set_aside(connection, what, one, reason, __version__, self.now())
        said = {"what": what, "which": one.which, "key": one.key, "reason": reason}
        _LOG.error("something is set aside", extra=said)

    async def _look_back(self, connection: Connection, *, innocent: bool) -> None:
        """Whether somebody's end left something half done; it is to be done by itself, for that may have caused it."""
        server = await tries.server(connection)
        innocent = innocent or self._server not in (None, server)
        self._server = server
        if not innocent and (blamed := await tries.blame(connection)):
            _LOG.warning("the work was cut off", extra={"marks": blamed})
        await tries.excuse(connection)

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

    async def _wait(self, connection: Connection, hand: Hand) -> None:
        """For a word from the database, the stop, or long enough; what is at hand is given back after a while."""
        heard: frozenset[str] = frozenset()
        if hand.opened is not None:
            heard = await listening.word(connection, min(_HOLD_S, self.look_s), self.stopping)
        if not heard:
            hand.close()
            heard = await listening.word(connection, self.look_s, self.stopping)
        if turns.FEED in heard:
            self._asked = None

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)
