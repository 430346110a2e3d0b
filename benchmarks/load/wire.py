"""HTTP/1.1 on connections that are kept, with as little work as there can be: whoever measures shares the processor."""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import httptools

TIMEOUT_S = 60.0
_PAUSES_S = (0.5, 30.0)
"""After a connection that failed: the first pause, which doubles, and the longest."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Lost(Exception):
    """The connection ended before the answer did: what was sent may be kept or not."""


class _Reading(asyncio.Protocol):
    """One connection, with one question at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.WriteTransport | None = None
        self.answered: asyncio.Future[Answer] | None = None
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._end(Lost("not HTTP"))

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._end(Lost(str(exc or "closed")))

    def _end(self, error: Exception) -> None:
        if self.answered and not self.answered.done():
            self.answered.set_exception(error)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        found = Answer(self._parser.get_status_code(), self._headers, b"".join(self._body))
        keeps = self._parser.should_keep_alive()
        if self.answered and not self.answered.done():
            self.answered.set_result(found)
        if keeps:
            self._begin()
        elif self.transport:
            self.transport.close()


@dataclass(slots=True)
class Wire:
    """One connection to a console at a time, made anew where it was lost; `headers` go with each question."""

    host: str
    port: int
    headers: str = ""
    """Lines with their ends."""
    _reading: _Reading | None = None

    async def ask(self, method: str, path: str, body: bytes = b"", headers: str = "") -> Answer:
        """Raises: Lost, OSError, TimeoutError."""
        async with asyncio.timeout(TIMEOUT_S):
            reading = self._reading
            if reading is None or reading.transport is None:
                loop = asyncio.get_running_loop()
                _, reading = await loop.create_connection(_Reading, self.host, self.port)
                self._reading = reading
            assert reading.transport
            reading.answered = asyncio.get_running_loop().create_future()
            length = f"Content-Length: {len(body)}\r\n" if method != "GET" else ""
            head = f"{method} /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\n{self.headers}{headers}{length}\r\n"
            reading.transport.write(head.encode() + body)
            try:
                return await reading.answered
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Ends the connection."""
        if self._reading and self._reading.transport:
            self._reading.transport.abort()
        self._reading = None


@dataclass(slots=True)
class Post:
    """
    Documents that must arrive, sent as a careful sensor would: what is not acknowledged is sent again.

    A refusal for now (429, 503) says when to come again; a connection that fails is tried again ever more seldom, at
    random times.
    """

    wire: Wire
    path: str
    headers: str
    acknowledged_s: list[tuple[float, float]]
    """When, and how long after it was due; of all posts together."""
    refused: list[tuple[float, int, str]] = field(default_factory=list)
    """When, status, Retry-After: of what was sent again."""
    lost: int = 0
    """How often a connection ended in between."""

    async def send(self, body: bytes, due: float) -> Answer:
        """Until it is acknowledged. Raises: RuntimeError for a refusal that will stay."""
        pause_s, longest_s = _PAUSES_S
        while True:
            try:
                answer = await self.wire.ask("POST", self.path, body, self.headers)
            except (Lost, OSError, TimeoutError):
                self.lost += 1
                self.wire.close()
                await asyncio.sleep(random.uniform(0, pause_s))
                pause_s = min(2 * pause_s, longest_s)
                continue
            now = time.monotonic()
            if answer.status in (200, 201):
                self.acknowledged_s.append((now, now - due))
                return answer
            if answer.status not in (429, 503) and answer.status < 500:
                raise RuntimeError(f"{self.path}: {answer.status} {answer.body[:300]!r}")
            again = answer.headers.get("retry-after", "")
            self.refused.append((now, answer.status, again))
            await asyncio.sleep(float(again) if again.isdecimal() else random.uniform(0, pause_s))
            pause_s = min(2 * pause_s, longest_s)
