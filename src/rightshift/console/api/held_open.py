"""An answer that stays open: sent piece by piece until its reader goes away, or until somebody says that it is over."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractContextManager, aclosing
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

GRACE_S = 1.0
"""To take what was sent last; then the connection is cut. Whoever reads nothing would hold a stop up else."""
_LOG = logging.getLogger("rightshift.api")


@dataclass(frozen=True, slots=True)
class Opened:
    """`watch` comes to its end when the answer must; `end` is called then, and `chunks` come to theirs."""

    chunks: AsyncGenerator[bytes, None]
    watch: Callable[[], Awaitable[None]]
    end: Callable[[], None]


Opens = Callable[[], AbstractContextManager[Opened]]
"""What is held as long as the answer is open. It may refuse with an HTTPException: nothing was sent by then."""


class HeldOpen(Response[Any]):
    """An answer of this media type that is opened when it is sent."""

    def __init__(self, opens: Opens, media_type: str) -> None:
        # proxies that collect an answer before they pass it on would show nothing
        super().__init__(None, media_type=media_type, headers={"X-Accel-Buffering": "no"})
        self._opens = opens

    def to_asgi_response(
        self,
        app: object,  # noqa: ARG002  # as Litestar calls it
        request: Request[Any, Any, Any],  # noqa: ARG002
        *,
        headers: dict[str, str] | None = None,
        **_: object,
    ) -> ASGIResponse:
        """As Litestar asks for it."""
        return _Sent(self._opens, media_type=self.media_type, headers={**(headers or {}), **self.headers})


class _Sent(ASGIResponse):
    __slots__ = ("_opens",)
    _should_set_content_length = False

    def __init__(self, opens: Opens, *, media_type: str | None, headers: dict[str, str]) -> None:
        super().__init__(media_type=media_type, headers=headers)
        self._opens = opens

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        with self._opens() as opened:
            await self.start_response(send)
            await _until_over(opened, receive, send)


async def _until_over(opened: Opened, receive: Receive, send: Send) -> None:
    sending = asyncio.create_task(_send(opened.chunks, send))
    leaving = asyncio.create_task(_left(receive))
    watching = asyncio.ensure_future(opened.watch())
    tasks = (sending, leaving, watching)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            opened.end()
            await asyncio.wait({sending, leaving}, timeout=GRACE_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for error in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(error, Exception):
                _LOG.warning("an answer ended early", extra={"error": type(error).__name__})


async def _send(chunks: AsyncGenerator[bytes, None], send: Send) -> None:
    async with aclosing(chunks):
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
