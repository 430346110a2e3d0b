"""How many documents are worked on at once; whoever comes beyond that waits, and beyond that is told to come again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from weakref import WeakKeyDictionary

LARGE_BYTES = 1 << 20
"""What is larger takes a second, and is done in a thread, one at a time: memory is ten times that of the bytes."""
_T = TypeVar("_T")


class Busy(Exception):
    """Too many wait already."""


@dataclass(slots=True)
class _Places:
    doing: asyncio.Semaphore
    large: asyncio.Semaphore


@dataclass(slots=True)
class Turns:
    """Of one process. `at_once` leaves connections of the pool to whoever reads."""

    at_once: int = 4
    most_waiting: int = 100
    """About two seconds of work; who waits longer would be waited for no longer."""
    waiting: int = 0
    _places: "WeakKeyDictionary[asyncio.AbstractEventLoop, _Places]" = field(default_factory=WeakKeyDictionary)

    def look(self) -> None:
        """Before anything is read of a document that would be refused in the end. Raises: Busy."""
        if self._here().doing.locked() and self.waiting >= self.most_waiting:
            raise Busy

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """For work with the database. Raises: Busy."""
        async with self._turn(self._here().doing):
            yield

    @asynccontextmanager
    async def large(self) -> AsyncIterator[None]:
        """For work that takes much memory or processor. Raises: Busy."""
        async with self._turn(self._here().large):
            yield

    async def work(self, size: int, work: Callable[[], _T]) -> _T:
        """Does what needs no database with a document of so many bytes. Raises: Busy; what `work` does."""
        if size <= LARGE_BYTES:
            return work()
        async with self.large():
            return await asyncio.to_thread(work)

    @asynccontextmanager
    async def _turn(self, place: asyncio.Semaphore) -> AsyncIterator[None]:
        if place.locked() and self.waiting >= self.most_waiting:
            raise Busy
        self.waiting += 1
        try:
            await place.acquire()
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            place.release()

    def _here(self) -> _Places:
        loop = asyncio.get_running_loop()
        found = self._places.get(loop)
        if found is None:
            found = self._places[loop] = _Places(asyncio.Semaphore(self.at_once), asyncio.Semaphore(1))
        return found
