"""Hears server-sent events over a socket, as a browser would. Source: HTML Standard, 9.2 Server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    id: int
    kind: str
    data: dict[str, Any]


@dataclass(slots=True)
class Hearing:
    """An open stream, or the answer that was given instead of one. `last` is what a browser would come back with."""

    status: int
    headers: dict[str, str]
    _reader: asyncio.StreamReader
    last: str = ""
    quiet: list[str] = field(default_factory=list)
    """What came without data: keep-alives and bare numbers."""
    _text: str = ""
    whole: bool = False
    """It ended as an answer should, and was not cut."""

    async def message(self, timeout_s: float = 10) -> Message | None:
        """The next one; None at the end of the stream."""
        async with asyncio.timeout(timeout_s):
            while True:
                while "\n\n" not in self._text:
                    if not (more := await self._chunk()):
                        return None
                    self._text += more
                block, _, self._text = self._text.partition("\n\n")
                if found := self._read(block):
                    return found

    async def messages(self, count: int, timeout_s: float = 20) -> list[Message]:
        found = [await self.message(timeout_s) for _ in range(count)]
        return [one for one in found if one]

    async def heard(self, times: int = 1, timeout_s: float = 10) -> str:
        """Waits until so much came without data, and gives the last of it."""
        async with asyncio.timeout(timeout_s):
            while len(self.quiet) < times:
                self._text += await self._chunk()
                while "\n\n" in self._text:
                    block, _, self._text = self._text.partition("\n\n")
                    assert self._read(block) is None, block
        return self.quiet[-1]

    async def body(self) -> dict[str, Any]:
        """Of an answer that is no stream."""
        content = await self._reader.readexactly(int(self.headers["content-length"]))
        decoded: dict[str, Any] = json.loads(content)
        return decoded

    def _read(self, block: str) -> Message | None:
        fields = {name: value for name, _, value in (line.partition(": ") for line in block.split("\n"))}
        self.last = fields.get("id", self.last)
        if "data" not in fields:
            self.quiet.append(block)
            return None
        return Message(int(fields["id"]), fields["event"], json.loads(fields["data"]))

    async def _chunk(self) -> str:
        with suppress(ConnectionError):
            size = int((await self._reader.readline()).strip() or b"0", 16)
            if size:
                return (await self._reader.readexactly(size + 2))[:-2].decode()
            self.whole = True
        return ""


@asynccontextmanager
async def hearing(
    port: int, headers: Mapping[str, str], query: str = "", *, buffer_bytes: int = 1 << 20
) -> AsyncIterator[Hearing]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=buffer_bytes)
    asked = {"Host": "localhost", "Accept": "text/event-stream", **headers}
    lines = [f"GET /api/v1/events{query} HTTP/1.1", *(f"{name}: {value}" for name, value in asked.items())]
    try:
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode().split("\r\n")
        pairs = (line.split(": ", 1) for line in head[1:] if line)
        yield Hearing(int(head[0].split()[1]), {name.lower(): value for name, value in pairs}, reader)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
