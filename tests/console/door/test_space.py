"""A disk that is nearly full: documents are refused, all else is answered, and status says it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from rightshift.config import Config
from rightshift.console import app, disk
from rightshift.console.live import Live
from rightshift.console.store.pool import Pool
from tests.console.api.conftest import As, Clock, as_role, client, clock

__all__ = ["as_role", "clock"]


@pytest.fixture
async def anonymous(pool: Pool, database: str, tmp_path: Path, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    made = app.create(pool, Config(home=tmp_path, offline=True), Live(pool, database), now=clock, disk=tmp_path)
    async with client(made) as asking:
        yield asking


@pytest.mark.check("D06")
async def test_documents_are_refused_while_it_lasts(as_role: As, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = await as_role("admin")
    monkeypatch.setattr(disk, "LEAST_BYTES", 1 << 62)
    refused = await admin.post("/api/v1/ingest/scans", content=b"{}")
    assert (refused.status_code, refused.headers["retry-after"]) == (507, "30")
    assert refused.json()["title"] == "No space left"
    assert "make" in refused.json()["detail"]
    status = (await admin.get("/api/v1/status")).json()
    assert status["stale"][0]["kind"] == "disk"
    monkeypatch.setattr(disk, "LEAST_BYTES", 1)
    assert (await admin.post("/api/v1/ingest/scans", content=b"{}")).status_code == 400
    assert "disk" not in [one["kind"] for one in (await admin.get("/api/v1/status")).json()["stale"]]
