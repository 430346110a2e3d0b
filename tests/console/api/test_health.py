"""What supervisors and Prometheus ask, and what they learn."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg
import pytest

from rightshift.config import Config
from rightshift.console import app
from rightshift.console.auth.permission import Permission
from rightshift.console.live import Live
from rightshift.console.postgres.cluster import Server
from rightshift.console.store import pool as pools
from tests.console.api.conftest import As, client

Rows = Callable[..., list[tuple[object, ...]]]


async def test_it_lives_and_is_ready(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get("/healthz")).text == "ok\n"
    assert (await anonymous.get("/readyz")).text == "ready\n"


async def test_without_its_database_it_lives_and_is_not_ready(server: Server, database: str, tmp_path: Path) -> None:
    name = database.partition("?")[0].rpartition("/")[2]
    async with pools.opened(database, most=1, name="test") as pool:
        async with client(app.create(pool, Config(home=tmp_path), Live(pool, database))) as asking:
            assert (await asking.get("/readyz")).status_code == 200
            with psycopg.connect(server.admin_url(), autocommit=True) as admin:
                admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
                admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
                assert (await asking.get("/readyz")).status_code == 503
                assert (await asking.get("/healthz")).status_code == 200
                failed = await asking.post("/api/v1/session", json={"name": "x", "password": "y"})
                assert failed.status_code == 503
                assert int(failed.headers["retry-after"]) > 0
                admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            while (await asking.get("/readyz")).status_code != 200:
                await asyncio.sleep(0.05)


async def test_figures_are_for_who_may_see_them(anonymous: httpx.AsyncClient, as_token: As) -> None:
    assert (await anonymous.get("/metrics")).status_code == 401
    assert (await (await as_token({Permission.STATUS_READ})).get("/metrics")).status_code == 403
    answer = await (await as_token({Permission.METRICS_READ})).get("/metrics")
    assert "rightshift_event_streams 0.0" in answer.text
    assert 'route="/metrics",status="401"} 1.0' in answer.text


@pytest.mark.check("L09")
async def test_what_went_wrong_inside_is_not_told(anonymous: httpx.AsyncClient, rows: Rows) -> None:
    rows("ALTER TABLE throttle RENAME TO gone")
    answer = await anonymous.post("/api/v1/session", json={"name": "x", "password": "y"})
    assert answer.status_code == 500
    assert answer.json().keys() == {"title", "status", "detail", "request"}
    for inner in ("throttle", "psycopg", "SELECT", ".py"):
        assert inner not in answer.text


async def test_other_ways_to_ask_change_no_rule(as_token: As, anonymous: httpx.AsyncClient) -> None:
    weak = await as_token({Permission.STATUS_READ})
    for method, path in (
        ("HEAD", "/metrics"),
        ("OPTIONS", "/metrics"),
        ("TRACE", "/metrics"),
        ("GET", "/metrics/"),
        ("GET", "/METRICS"),
        ("GET", "//metrics"),
        ("GET", "/%6detrics"),
        ("GET", "/metrics;x"),
        ("GET", "/api/v1/../../metrics"),
    ):
        for asking in (weak, anonymous):
            answer = await asking.request(method, path, headers={"X-HTTP-Method-Override": "GET"})
            assert answer.status_code in (204, 401, 403, 404, 405), (method, path)
            assert "rightshift_" not in answer.text


@pytest.mark.check("W06")
async def test_no_other_site_is_let_in(anonymous: httpx.AsyncClient) -> None:
    for method in ("GET", "OPTIONS"):
        headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
        answer = await anonymous.request(method, "/api/v1/me", headers=headers)
        assert not [name for name in answer.headers if name.startswith("access-control-")]
