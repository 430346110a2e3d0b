"""A server in TLS goes on with the certificate that was put in the place of the old one."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from litestar import Litestar

from rightshift.console import renewed, serve, tls
from rightshift.console.up import bound, listen

NOW = datetime.now(UTC)


@pytest.fixture
async def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """Of a server whose certificate lies in the folder of the test."""
    monkeypatch.setattr(renewed, "LOOK_S", 0.02)
    files = tls.ensure(tmp_path, ["localhost"], NOW)
    with bound(listen("127.0.0.1:0")) as listening:
        app = Litestar([], openapi_config=None, logging_config=None)
        pair = {"certificate": str(files.certificate), "key": str(files.key)}
        server = serve.server(app, fd=listening.fileno(), stopping=lambda: None, **pair)
        task = asyncio.create_task(server.serve([listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield listening.getsockname()[1]
        server.should_exit = True
        await task


async def shown(port: int) -> bytes:
    """The certificate that a new connection is shown."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    found: bytes = writer.get_extra_info("ssl_object").getpeercert(True)
    writer.close()
    return found


def on_disk(folder: Path) -> bytes:
    end = "-----END CERTIFICATE-----"  # of the server's own; the chain follows
    return ssl.PEM_cert_to_DER_cert((folder / "tls/console.pem").read_text().partition(end)[0] + end)


async def test_a_renewed_certificate_is_shown_without_a_restart(port: int, tmp_path: Path) -> None:
    before = on_disk(tmp_path)
    assert await shown(port) == before
    tls.ensure(tmp_path, ["localhost"], NOW + timedelta(days=390))
    assert on_disk(tmp_path) != before
    async with asyncio.timeout(10):
        while await shown(port) != on_disk(tmp_path):
            await asyncio.sleep(0.02)


async def test_one_that_can_not_be_used_leaves_the_old_one(
    port: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = on_disk(tmp_path)
    other = tls.ensure(tmp_path / "other", ["localhost"], NOW)
    (tmp_path / "tls/console.pem").write_bytes(other.certificate.read_bytes())
    async with asyncio.timeout(10):
        while "the renewed certificate can't be used" not in caplog.messages:
            await asyncio.sleep(0.02)
    assert await shown(port) == before
    (tmp_path / "tls/console.key").write_bytes(other.key.read_bytes())
    async with asyncio.timeout(10):
        while await shown(port) != on_disk(tmp_path):
            await asyncio.sleep(0.02)
