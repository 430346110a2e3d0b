"""The real application on a real database, and somebody of each role who asks it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
import pytest_asyncio

from rightshift.config import Config
from rightshift.console import app
from rightshift.console import vault as vaults
from rightshift.console.auth import password as passwords
from rightshift.console.auth.permission import OF_ROLE, Permission, Role
from rightshift.console.auth.secrets import hashed, made
from rightshift.console.live import Live
from rightshift.console.postgres.cluster import Server
from rightshift.console.store import identities
from rightshift.console.store import pool as pools
from rightshift.console.store.identities import NewToken
from rightshift.console.store.pool import Pool
from rightshift.console.store.scope import EVERYTHING, Scope
from tests.console.api.stage import Stage
from tests.console.api.things import NOW, OURS, PASSWORD, Things
from tests.console.populate import Estate, fill

BEGUN = datetime(2026, 1, 5, 12, tzinfo=UTC)
As = Callable[..., Awaitable[httpx.AsyncClient]]


@dataclass(slots=True)
class Clock:
    """The time that the application sees."""

    now: datetime = field(default=BEGUN)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **much: float) -> None:
        self.now += timedelta(**much)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def anonymous(pool: Pool, database: str, tmp_path: Path, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """Nobody, who asks the whole application."""
    settings = Config(home=tmp_path, proxies=("192.0.2.1",), offline=True)
    made = app.create(pool, settings, Live(pool, database), now=clock)
    async with client(made) as asking:
        yield asking


def client(application: Any, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application, raise_app_exceptions=False, client=("198.51.100.7", 1234))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)


@pytest.fixture
async def as_token(anonymous: httpx.AsyncClient, pool: Pool) -> AsyncIterator[As]:
    """`await as_token({permissions}, teams=…)` is a service with these and no others."""
    async with AsyncExitStack() as opened:

        async def make(permissions: set[Permission], teams: frozenset[UUID] | None = None) -> httpx.AsyncClient:
            secret = made("service")
            new = NewToken(
                kind="service",
                name="a service",
                hash=hashed(secret),
                hint="",
                expires=datetime.max.replace(tzinfo=UTC),
                by="a test",
                permissions=tuple(permissions),
                scope=EVERYTHING if teams is None else Scope(teams),
            )
            async with pool.connection() as connection:
                await identities.add_token(connection, new, BEGUN)
            transport = anonymous._transport
            asking = httpx.AsyncClient(
                transport=transport, base_url="http://localhost", headers={"Authorization": f"Bearer {secret}"}
            )
            return await opened.enter_async_context(asking)

        yield make


@pytest.fixture
async def as_role(anonymous: httpx.AsyncClient, pool: Pool) -> AsyncIterator[As]:
    """`await as_role("viewer", teams=…)` is somebody with that role, signed in."""
    async with AsyncExitStack() as opened:
        numbers = iter(range(1_000))

        async def make(role: Role, teams: frozenset[UUID] | None = None) -> httpx.AsyncClient:
            assert role in OF_ROLE
            name = f"{role}-{next(numbers)}"
            link = made("link")
            async with pool.connection() as connection:
                person = await identities.add_person(connection, name, role, everything=teams is None)
                for team in teams or ():
                    await connection.execute("INSERT INTO person_team VALUES (%s, %s)", (person, team))
                await identities.add_link(connection, person, hashed(link), BEGUN, datetime.max.replace(tzinfo=UTC))
            asking = await opened.enter_async_context(
                httpx.AsyncClient(transport=anonymous._transport, base_url="http://localhost")
            )
            answer = await asking.post("/api/v1/session/link", json={"link": link, "password": f"a long secret {name}"})
            assert answer.status_code == 201, answer.text
            asking.headers["X-CSRF-Token"] = answer.json()["csrf"]
            return asking

        yield make


@pytest.fixture(scope="session")
def two_teams(server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Config]:
    """A database with things of several teams and of nobody, to be copied, and the home that goes with it."""
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE estate TEMPLATE rightshift STRATEGY FILE_COPY OWNER rightshift")
    fill(server.url("estate"), Estate(inventories=15, packages=40, advisories=60, per_inventory=12))
    settings = Config(home=tmp_path_factory.mktemp("home"), offline=True)
    things = Things(server.url("estate"), vaults.opened(settings.vault), "")
    things.ask("base", team=OURS)
    things.close()
    return "estate", settings


@pytest.fixture(scope="session")
def password_hash() -> str:
    return asyncio.run(passwords.hashed(PASSWORD))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(server: Server, two_teams: tuple[str, Config], password_hash: str) -> AsyncIterator[Stage]:
    """The whole application over a copy of it, for all tests of a module."""
    template, settings = two_teams
    name = f"stage_{uuid4().hex}"
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY OWNER rightshift")
    url = server.url(name)
    vault = vaults.opened(settings.vault)
    things = Things(url, vault, password_hash)
    async with pools.opened(url, most=4, name="test") as pool:
        yield Stage(app.create(pool, settings, Live(pool, url), now=lambda: NOW), things, vault, url, settings)
    things.close()
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
