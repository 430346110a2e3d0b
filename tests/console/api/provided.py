"""An application with a provider beside it, and browsers that sign in through it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
import pytest

from rightshift.config import Config
from rightshift.console import app, vault
from rightshift.console.api import (
    account,
    audit,
    identities,
    identity_providers,
    oidc,
    session,
    settings,
    teams,
    tokens,
    users,
)
from rightshift.console.auth.oidc import secret
from rightshift.console.live import Live
from rightshift.console.store.pool import Pool
from rightshift.console.store.read.identity_providers import About
from rightshift.console.store.wishes import identity_providers as wishes
from tests.console.api.conftest import BEGUN, As, Clock, client
from tests.console.auth.provider import CLIENT, SECRET, StandIn, stand_in

PARTS = (account, audit, identities, identity_providers, oidc, session, settings, teams, tokens, users)
PROVIDERS = "/api/v1/identity-providers"
GOING = "/api/v1/session/providers/corp"
BACK = f"{GOING}/callback"
SETTINGS: dict[str, Any] = {
    "label": "Corp",
    "client_id": CLIENT,
    "rules": [
        {"group": "ops", "role": "operator", "everything": True},
        {"group": "admins", "role": "admin", "everything": True},
    ],
    "otherwise": {"role": "viewer"},
    "local": True,
}
DEFAULTS: dict[str, Any] = {
    "scopes": ["openid"],
    "groups_claim": "groups",
    "trust_mfa": False,
    "console": "",
    "enabled": True,
}
Browser = httpx.AsyncClient
NewBrowser = Callable[[], Awaitable[Browser]]


@pytest.fixture
def provider(tmp_path: Path, clock: Clock) -> Iterator[StandIn]:
    with stand_in(tmp_path, clock) as made:
        yield made


def application(pool: Pool, database: str, folder: Path, clock: Clock, provider: StandIn) -> Any:
    """With the routes that have to do with people: making all of them takes longer than most tests here."""
    config = Config(home=folder / "home", ca_file=provider.certificates, offline=True)
    handlers = [route for part in PARTS for route in part.ROUTES]
    return app.create(pool, config, Live(pool, database), now=clock, handlers=handlers)


@pytest.fixture
async def anonymous(
    pool: Pool, database: str, tmp_path: Path, clock: Clock, provider: StandIn
) -> AsyncIterator[httpx.AsyncClient]:
    """Nobody, who asks an application that trusts the stand-in's authority."""
    async with client(application(pool, database, tmp_path, clock, provider)) as asking:
        yield asking


@pytest.fixture
async def browser(anonymous: httpx.AsyncClient) -> AsyncIterator[NewBrowser]:
    """`await browser()` is another one, which comes by TLS."""
    async with AsyncExitStack() as opened:

        async def make() -> Browser:
            made = httpx.AsyncClient(transport=anonymous._transport, base_url="https://localhost")
            return await opened.enter_async_context(made)

        yield make


@pytest.fixture
async def admin(as_role: As) -> httpx.AsyncClient:
    found: httpx.AsyncClient = await as_role("admin")
    return found


@pytest.fixture
async def corp(pool: Pool, tmp_path: Path, provider: StandIn) -> None:
    """The provider as an administrator would set it."""
    about = msgspec.convert({**DEFAULTS, **SETTINGS, "issuer": provider.issuer}, About)
    sealed = secret.sealed(vault.opened(tmp_path / "home" / "vault.keys"), "corp", provider.issuer, SECRET)
    async with pool.connection() as connection:
        assert await wishes.add(connection, "corp", about, sealed, "a test", BEGUN)


async def add(admin: httpx.AsyncClient, provider: StandIn, **more: Any) -> httpx.Response:
    body = {"name": "corp", "issuer": provider.issuer, "client_secret": SECRET, **SETTINGS, **more}
    made = await admin.post(PROVIDERS, json=body)
    assert made.status_code == 201, made.text
    return made


async def change(admin: httpx.AsyncClient, **more: Any) -> httpx.Response:
    """All that is set as it is, but for `more`."""
    found = await admin.get(f"{PROVIDERS}/corp")
    before = {name: found.json()[name] for name in ("issuer", "groups_claim", "console", "enabled", *SETTINGS)}
    return await admin.put(f"{PROVIDERS}/corp", json=before | more, headers={"If-Match": found.headers["etag"]})


def remembers(asking: Browser, secret: str) -> None:
    """The browser keeps what another one did, and nothing else."""
    asking.cookies.clear()
    asking.headers["Cookie"] = secret


def kept(asking: Browser) -> str:
    """All that a browser keeps, as it sends it."""
    return "; ".join(f"{name}={value}" for name, value in asking.cookies.items())


async def go(asking: Browser, return_to: str = "/findings?x=1") -> str:
    """The address to which the browser is sent."""
    answer = await asking.post(GOING, json={"return_to": return_to})
    assert answer.status_code == 201, answer.text
    url: str = answer.json()["url"]
    return url


async def come_back(asking: Browser, returned: dict[str, str]) -> httpx.Response:
    return await asking.get(f"{BACK}?{urlencode(returned)}")


async def sign_in(asking: Browser, provider: StandIn, **claims: Any) -> httpx.Response:
    return await come_back(asking, provider.approve(await go(asking), **claims))


async def me(asking: Browser) -> dict[str, Any]:
    """Who the browser is signed in as; empty for nobody."""
    answer = await asking.get("/api/v1/me")
    assert answer.status_code in (200, 401)
    if answer.status_code == 401:
        return {}
    found: dict[str, Any] = answer.json()
    asking.headers["X-CSRF-Token"] = found["csrf"]
    return found
