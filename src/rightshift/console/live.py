"""Tells open pages what changed: one LISTEN a process, one bounded queue a stream. What happened: `store/events`."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from rightshift.console.store import listening
from rightshift.console.store.pool import Pool
from rightshift.console.store.read import happened
from rightshift.console.store.read.happened import Happened
from rightshift.console.store.scope import Scope

CHANNEL = "events"
WAITING = 500
"""Events that a stream may be behind; then it is told to read everything again."""
AT_ONCE = 50
"""Events that are taken together, so that what is on its way to a page is little."""
STREAMS = 400
"""In this process: with all of them behind at once they hold 500 events in common, and a socket each."""
OF_ONE = 16
"""Of one caller: so many pages that somebody has open, or programs that share a token."""
Why = Literal["slow", "scope", "missed"]
"""Why whoever reads begins anew: it did not keep up, it may see something else by now, too much happened before."""
_LOOK_S = 60.0
"""Also without a word from the database, in case that one was lost with a connection."""


class TooManyStreams(Exception):
    """Whoever asks, or this process, has as many open as there may be."""


@dataclass(slots=True, eq=False)
class Stream:
    """What one open page has not read yet, of what it may see and wants."""

    scope: Scope
    wants: Callable[[Happened], bool] = lambda _: True
    after: int = 0
    """The number of the last event that happened before."""
    over: bool = False
    behind: Why | None = None
    """Something was left out: whoever reads begins anew."""
    _waiting: deque[Happened] = field(default_factory=deque)
    _word: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, one: Happened) -> None:
        """For this stream if it may see it. One that is behind holds nothing more until it begins anew."""
        if self.over or self.behind is not None or not self._may_see(one) or not self.wants(one):
            return
        if len(self._waiting) >= WAITING:
            self.fall_behind("slow")
        else:
            self._waiting.append(one)
            self._word.set()

    def fall_behind(self, why: Why) -> None:
        """What waits is thrown away."""
        self._waiting.clear()
        self.behind = why
        self._word.set()

    def see(self, scope: Scope) -> None:
        """From now on only within this scope; where it is another one, what the page shows is no longer true."""
        if scope != self.scope:
            self.scope = scope
            self.fall_behind("scope")

    def end(self) -> None:
        """Wakes whoever waits for more: there is none. What was not taken is told when the page comes back."""
        self._waiting.clear()
        self.over = True
        self._word.set()

    async def take(self, timeout_s: float) -> list[Happened]:
        """Some of what waits, as soon as there is anything; nothing when it took too long, is behind or over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._word.wait()
        taken = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
        if not self._waiting and not self.over:
            self._word.clear()
        return taken

    def begin_anew(self) -> Why | None:
        """Why it is told to read everything again, if it is; what happens from now on waits for it."""
        why, self.behind = self.behind, None
        return why

    def _may_see(self, one: Happened) -> bool:
        return self.scope.teams is None or not self.scope.teams.isdisjoint(one.teams)


@dataclass(slots=True)
class Live:
    """The streams of this process. `stop` ends them all, and there are no others afterwards."""

    pool: Pool
    url: str
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it is known what happened last: what happens from then on is told."""
    last: int = 0
    """The number of the last event that streams were given."""
    _streams: set[Stream] = field(default_factory=set)
    _of: Counter[Hashable] = field(default_factory=Counter)

    @property
    def open(self) -> int:
        """How many streams there are."""
        return len(self._streams)

    @contextmanager
    def stream(
        self, scope: Scope, *, caller: Hashable = None, wants: Callable[[Happened], bool] = lambda _: True
    ) -> Iterator[Stream]:
        """A stream of what happens from now on, within a scope. Raises: TooManyStreams."""
        if self.open >= STREAMS or self._of[caller] >= OF_ONE:
            raise TooManyStreams
        made = Stream(scope, wants, after=self.last, over=self.stopping.is_set())
        self._streams.add(made)
        self._of[caller] += 1
        try:
            yield made
        finally:
            self._streams.discard(made)
            self._of[caller] -= 1
            self._of += Counter()  # forgets who has none

    def stop(self) -> None:
        """Ends all streams."""
        self.stopping.set()
        for stream in self._streams:
            stream.end()

    async def run(self) -> None:
        """Listens until it is cancelled; a lost connection is made again, and nothing in between is lost."""
        await listening.keep(self.url, CHANNEL, "live", self._deliver)

    async def _deliver(self) -> float:
        if not self.begun.is_set():
            async with self.pool.connection() as connection:
                self.last = await happened.newest(connection)
            for stream in self._streams:
                stream.after = self.last
            self.begun.set()
        while True:
            async with self.pool.connection() as connection:
                found = await happened.since(connection, self.last, WAITING)
            for one in found:
                self.last = one.event.id
                for stream in self._streams:
                    stream.put(one)
            if len(found) < WAITING:
                return _LOOK_S
