"""Starts a process for the heavy part of a job, hears what it says, and ends it. What runs in there: `inside`."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import msgspec

from rightshift.errors import EgressError, FeedError, RightshiftError

LINE_BYTES = 1 << 20
GRACE_S = 2.0
"""Between asking a process to end and ending it."""
HIDDEN = "RIGHTSHIFT_DATABASE_URL"
"""Not passed on: whoever reads foreign files has nothing to do with the database."""
_LOG = logging.getLogger("rightshift.jobs")


class Doing(msgspec.Struct, tag="doing", frozen=True, kw_only=True):
    """What it is at."""

    what: str
    done: int = 0
    total: int | None = None


class Said(msgspec.Struct, tag="said", frozen=True, kw_only=True):
    """A line for the log."""

    line: str


class Given(msgspec.Struct, tag="given", frozen=True, kw_only=True):
    """The end, and what came of it."""

    result: msgspec.Raw


class Failed(msgspec.Struct, tag="failed", frozen=True, kw_only=True):
    """The end, and why nothing came of it. `again` where another attempt may do better."""

    what: str
    means: str = ""
    do: str = ""
    again: bool = True


Message = Doing | Said | Given | Failed


class ChildFailed(RightshiftError):
    """The process said why it failed, or ended without a word."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.what, means=failed.means, do=failed.do)
        self.again = failed.again


def may_do_better(error: RightshiftError) -> bool:
    """Whether another attempt may: a wrong word stays wrong; a network, a disk or another process may not."""
    if isinstance(error, ChildFailed):
        return error.again
    return isinstance(error, EgressError | FeedError) or type(error) is RightshiftError


@dataclass(frozen=True, slots=True)
class Messages:
    """Who hears what the process says."""

    tell: Callable[[str, int, int | None], Awaitable[None]]
    log: Callable[[str], Awaitable[None]]


async def _nobody(*_: object) -> None:
    """Where nobody listens."""


SILENT = Messages(_nobody, _nobody)
Priority = Literal["idle", "normal"]
"""Idle for what takes long; normal for what holds locks, since others would wait for it."""


async def work(
    function: str, order: bytes, heard: Messages, *, fds: Sequence[int] = (), priority: Priority = "idle"
) -> bytes:
    """
    Runs `MODULE:FUNCTION` in a process of its own with an order in JSON; gives its result in JSON.

    Raises: ChildFailed. Whatever ends this early ends the process and all that it started.
    """
    module, _, name = function.partition(":")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"{__package__}.inside",
        str(os.getpid()),
        module,
        name,
        priority,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={key: value for key, value in os.environ.items() if key != HIDDEN},
        cwd="/",
        pass_fds=fds,
        start_new_session=True,
        limit=LINE_BYTES,
    )
    assert process.stdin is not None
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(order)
            await process.stdin.drain()
            process.stdin.close()
        end = await _listen(process, heard)
        code = await process.wait()
    finally:
        await _end(process)
    if isinstance(end, Given) and code == 0:
        return bytes(end.result)
    if isinstance(end, Failed):
        raise ChildFailed(end)
    raise ChildFailed(Failed(what=f"The process that did the work ended without a word ({_reason(code)})"))


async def _listen(process: asyncio.subprocess.Process, heard: Messages) -> Given | Failed | None:
    """What it ended with; None where it did not say."""
    assert process.stdout is not None
    decoder = msgspec.json.Decoder(Message)
    end: Given | Failed | None = None
    try:
        while line := await process.stdout.readline():
            match decoder.decode(line):
                case Doing() as said:
                    await heard.tell(said.what, said.done, said.total)
                case Said() as said:
                    await heard.log(said.line)
                case Given() | Failed() as said:
                    end = said
    except (ValueError, msgspec.DecodeError) as error:  # a line without end, or none of ours
        _LOG.error("a process spoke out of turn", extra={"error": type(error).__name__})
        return None
    return end


async def _end(process: asyncio.subprocess.Process) -> None:
    """Also what the process started, as long as that is in its session; the rest ends with its parent."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is None:
            _signal(process.pid, number)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), GRACE_S)


def _signal(group: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _reason(code: int) -> str:
    if code >= 0:
        return f"code {code}"
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"
