"""The server puts an end to whoever sends too slowly, and ends itself when it is told to."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest
from litestar import Litestar, Request, get, post
from litestar.response import Stream

from rightshift.console import serve


@get("/", sync_to_thread=False)
def hello() -> str:
    return "hello"


@post("/")
async def take(request: Request) -> str:  # type: ignore[type-arg]
    return str(len(await request.body()))


@asynccontextmanager
async def served(stopping: asyncio.Event) -> AsyncIterator[tuple[int, asyncio.Task[None]]]:
    @get("/endless")
    async def endless() -> Stream:
        async def parts() -> AsyncIterator[bytes]:
            while not stopping.is_set():
                yield b"x"
                await asyncio.wait([asyncio.create_task(stopping.wait())], timeout=0.05)

        return Stream(parts())

    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = Litestar([hello, take, endless], openapi_config=None, logging_config=None)
        server = serve.server(app, fd=listening.fileno(), stopping=stopping.set)
        task = asyncio.create_task(server._serve([listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield listening.getsockname()[1], task
        server.handle_exit(15, None)
        await task


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "HEAD_S", 0.2)
    monkeypatch.setattr(serve, "BODY_GRACE_S", 0.2)
    monkeypatch.setattr(serve, "_LOOK_S", 0.05)


@asynccontextmanager
async def connected(port: int, begun: bytes = b"") -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(begun)
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def closed(reader: asyncio.StreamReader) -> bytes:
    """What came until the other side closed."""
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        return b""


@pytest.mark.check("L04")
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: loc",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ],
)
async def test_whoever_sends_nothing_more_is_closed(begun: bytes) -> None:
    async with served(asyncio.Event()) as (port, _), AsyncExitStack() as opened:
        slow = [await opened.enter_async_context(connected(port, begun)) for _ in range(50)]
        async with connected(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") as (reader, _):
            assert (await closed(reader)).endswith(b"hello")
        for reader, _ in slow:
            assert b"200 OK" not in await closed(reader)


@pytest.mark.check("L04")
@pytest.mark.usefixtures("impatient")
async def test_whoever_keeps_up_is_served() -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n"
    async with served(asyncio.Event()) as (port, _), connected(port, head) as (reader, writer):
        for _ in range(10):
            writer.write(b"x" * 10_000)
            await writer.drain()
            await asyncio.sleep(0.05)
        assert (await closed(reader)).endswith(b"100000")


def test_there_may_be_as_many_connections_as_the_system_allows() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
    found = []

    async def look() -> None:
        found.append(resource.getrlimit(resource.RLIMIT_NOFILE))

    try:
        serve.run(look)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert found == [(hard, hard)]


async def test_streams_end_when_the_server_is_told_to_stop() -> None:
    stopping = asyncio.Event()
    async with AsyncExitStack() as opened:
        async with served(stopping) as (port, task):
            begun = b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n"
            reader, _ = await opened.enter_async_context(connected(port, begun))
            assert await reader.readuntil(b"x")
        assert task.done()
        assert stopping.is_set()
        assert (await closed(reader)).endswith(b"0\r\n\r\n")
