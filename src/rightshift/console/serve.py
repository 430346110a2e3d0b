"""The HTTP server of a process: uvicorn, with an end to whoever sends too slowly, and streams that end at the stop."""

import asyncio
import resource
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from rightshift.console import renewed
from rightshift.console.renewed import Pair

HEAD_S = 15.0
"""For the whole head of a request, or for the next one to begin."""
BODY_GRACE_S = 15.0
BODY_BYTES_PER_S = 1_000
"""What a body must bring on average once the grace is over; the slowest link that is kept up with has 8 kB/s."""
_LOOK_S = 5.0
STOP_S = 5


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection whose head or body comes too slowly. uvicorn alone waits for ever."""

    def connection_made(self, transport: Any) -> None:
        """A new connection."""
        super().connection_made(transport)
        self._head_began: float | None = self.loop.time()
        self._body_began: float | None = None
        self._body_bytes = 0
        self._looking = self.loop.call_later(_LOOK_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end of one."""
        self._looking.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._head_began = self._head_began or self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._head_began, self._body_began, self._body_bytes = None, self.loop.time(), 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there as a whole; the answer may take its time."""
        self._body_began = None
        super().on_message_complete()

    def _look(self) -> None:
        now = self.loop.time()
        slow_head = self._head_began is not None and now - self._head_began > HEAD_S
        if slow_head or self._slow_body(now):
            self.transport.abort()
            return
        self._looking = self.loop.call_later(_LOOK_S, self._look)

    def _slow_body(self, now: float) -> bool:
        if self._body_began is None or self.flow.read_paused:
            # whoever is told to wait is not slow
            return False
        took_s = now - self._body_began
        return took_s > BODY_GRACE_S and self._body_bytes < (took_s - BODY_GRACE_S) * BODY_BYTES_PER_S


class Server(uvicorn.Server):
    """Tells streams to end as soon as the process is told to stop; else uvicorn would wait for them."""

    def __init__(self, config: uvicorn.Config, stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Until it is told to stop."""
        self.config.load()
        following = asyncio.create_task(self._follow())
        try:
            await super().serve(sockets)
        finally:
            following.cancel()

    async def _follow(self) -> None:
        said = self.config
        if said.ssl is not None and said.ssl_certfile and said.ssl_keyfile:
            await renewed.follow(said.ssl, Pair(Path(said.ssl_certfile), Path(said.ssl_keyfile)))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """On SIGTERM and SIGINT."""
        self._stopping()
        super().handle_exit(sig, frame)


def server(
    app: Any, *, fd: int, stopping: Callable[[], None], certificate: str | None = None, key: str | None = None
) -> Server:
    """
    A server on a socket that listens already, in TLS where there is a certificate.

    The address of the peer is the connection's: what proxies say is read by `auth`, from those that are configured.
    """
    config = uvicorn.Config(
        app,
        fd=fd,
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=STOP_S,
        h11_max_incomplete_event_size=None,
        backlog=2_048,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    return Server(config, stopping)


def run(serving: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Until the process is told to stop."""
    import uvloop

    # a thousand sensors keep a connection each, and many systems allow no more without being asked
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serving())
