"""The real application on a real database, and somebody of each role who asks it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from rightshift.config import Config
from rightshift.console import app
from rightshift.console.auth.permission import OF_ROLE, Permission, Role
from rightshift.console.auth.secrets import hashed, made
from rightshift.console.live import Live
from rightshift.console.store import identities
from rightshift.console.store.identities import NewToken
from rightshift.console.store.pool import Pool
from rightshift.console.store.scope import EVERYTHING, Scope

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
