"""Asks an application as its server does: paths that no client would send, streams that have no end."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import unquote, urlencode

from litestar.types import ASGIApp

LONGEST_S = 30
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; of a stream of events only how it begins."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        return json.loads(self.body)


async def ask(
    app: ASGIApp,
    method: str,
    path: str,
    *,
    query: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
    body: object = None,
    scheme: str = "http",
) -> Answer:
    """
    One request, each from an address of its own, so that nobody is throttled for another. `path` as on the wire.

    A body that is not bytes is sent as JSON.
    """
    raw, _, asked = path.partition("?")
    sent = {"host": "localhost"}
    if body is None or isinstance(body, bytes):
        content = body or b""
    else:
        content, sent["content-type"] = json.dumps(body).encode(), "application/json"
    sent |= {"content-length": str(len(content)), **{k.lower(): v for k, v in (headers or {}).items()}}
    number = next(_numbers)
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "root_path": "",
        "query_string": asked.encode() or urlencode(dict(query or {}), doseq=True).encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
        "client": (f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", 1234),
        "server": ("localhost", 80),
        "state": {},
    }
    started: asyncio.Future[tuple[int, dict[str, str]]] = asyncio.get_running_loop().create_future()
    gone, over, parts = asyncio.Event(), asyncio.Event(), [content]
    chunks: list[bytes] = []

    async def receive() -> Any:
        if parts:
            return {"type": "http.request", "body": parts.pop(), "more_body": False}
        await over.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            said = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
            started.set_result((message["status"], said))
            if said.get("content-type", "").startswith("text/event-stream"):
                gone.set()
                over.set()
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                over.set()

    async with asyncio.timeout(LONGEST_S):  # a route that hangs fails its test
        running = asyncio.ensure_future(app(scope, receive, send))  # type: ignore[arg-type]
        ended = asyncio.ensure_future(gone.wait())
        await asyncio.wait((running, ended), return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not running.done():
            running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    status, said = started.result()
    return Answer(status, said, b"".join(chunks))
