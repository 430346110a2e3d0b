"""What a job declares, and what it has at hand while it runs. Who runs it: `queue`; its heavy part: `child`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from uuid import UUID

import msgspec

from rightshift.config import Config
from rightshift.console.disk import nearly_full
from rightshift.console.jobs import child
from rightshift.console.jobs.child import Messages, Priority
from rightshift.console.store import progress
from rightshift.console.store.pool import Connection, Pool
from rightshift.errors import RightshiftError

Result = Mapping[str, int | float | str | None]
"""What came of it, for people: numbers and names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`run` may be cut off at any await and at any instant by the end of the process, and is then run again."""

    name: str
    run: Callable[["Running"], Awaitable[Result]]
    timeout_s: float
    """Of one attempt."""
    attempts: int = 4
    pause_s: float = 30
    """Before the second attempt; each further one waits twice as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all jobs of a process have. `embedded`: all processes of the console share this home."""

    pool: Pool
    url: str
    config: Config
    clock: Callable[[], datetime]
    embedded: bool


@dataclass(slots=True, kw_only=True)
class Running:
    """A run that is under way. What it stores of its progress goes through the session that holds its lock."""

    id: UUID
    arguments: str
    wished_by: str
    created: datetime
    attempt: int
    around: Surroundings
    session: Connection
    _said: float = field(default=0.0)

    async def tell(self, doing: str, done: int = 0, total: int | None = None) -> None:
        """What it is at. Comes at most twice a second to the database."""
        now = asyncio.get_running_loop().time()
        if now - self._said < _TELL_S:
            return
        self._said = now
        await progress.doing(self.session, self.id, doing, done, total)

    async def log(self, *lines: str) -> None:
        """Lines for people, kept with the run."""
        await progress.log(self.session, self.id, lines, self.around.clock())

    async def child(
        self, function: str, order: msgspec.Struct, *, fds: Sequence[int] = (), priority: Priority = "idle"
    ) -> bytes:
        """
        Has a process of its own do `MODULE:FUNCTION`; what it gave, in JSON.

        It gets these descriptors besides, under the same numbers. It ends when this is cancelled or this process ends.
        Raises: ChildFailed; RightshiftError where there is no space for what it would write.
        """
        if self.around.embedded and nearly_full(self.around.config.home):
            raise RightshiftError("The disk of the console is nearly full", do="Make space where RIGHTSHIFT_HOME lies")
        heard = Messages(self.tell, self.log)
        return await child.work(function, msgspec.json.encode(order), heard, fds=fds, priority=priority)


_TELL_S = 0.5


@cache
def declared() -> Mapping[str, Job]:
    """All jobs by name, found by being there."""
    from rightshift import parts

    return {job.name: job for _, job in parts.declared(__package__ or "", "JOB", Job)}
