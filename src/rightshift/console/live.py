"""Tells open pages what changed: one LISTEN a process, one bounded queue a stream. What happened: `store/events`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from rightshift.console.store import listening
from rightshift.console.store.pool import Pool
from rightshift.console.store.read import happened
from rightshift.console.store.read.happened import Happened
from rightshift.console.store.scope import Scope

CHANNEL = "events"
WAITING = 500
"""Events that a stream may be behind; then it is told to read everything again."""
_LOOK_S = 60.0
"""Also without a word from the database, in case that one was lost with a connection."""


@dataclass(slots=True, eq=False)
class Stream:
    """What one open page has not read yet. `behind` is set when something was left out."""

    scope: Scope
    waiting: asyncio.Queue[Happened] = field(default_factory=lambda: asyncio.Queue(WAITING))
    behind: bool = False

    def put(self, one: Happened) -> None:
        """For this stream if it may see it."""
        if self.scope.teams is not None and not (one.teams & self.scope.teams):
            return
        try:
            self.waiting.put_nowait(one)
        except asyncio.QueueFull:
            self.behind = True


@dataclass(slots=True)
class Live:
    """The streams of this process. `stopping` ends them all."""

    pool: Pool
    url: str
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _streams: set[Stream] = field(default_factory=set)
    _last: int = 0

    @property
    def open(self) -> int:
        """How many streams there are."""
        return len(self._streams)

    @asynccontextmanager
    async def stream(self, scope: Scope) -> AsyncIterator[Stream]:
        """A stream of what happens from now on, within a scope."""
        made = Stream(scope)
        self._streams.add(made)
        try:
            yield made
        finally:
            self._streams.discard(made)

    async def run(self) -> None:
        """Listens until it is cancelled; a lost connection is made again, and nothing in between is lost."""
        async with self.pool.connection() as connection:
            self._last = await happened.newest(connection)
        await listening.keep(self.url, CHANNEL, "live", self._deliver)

    async def _deliver(self) -> float:
        while True:
            async with self.pool.connection() as connection:
                found = await happened.since(connection, self._last, WAITING)
            for one in found:
                self._last = max(self._last, one.id)
                for stream in list(self._streams):
                    stream.put(one)
            if len(found) < WAITING:
                return _LOOK_S
