"""The API as one application: all resources of `api/`, behind `door` and `auth`. Its server: `serve.py`."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from litestar import Litestar, Router
from litestar.config.app import AppConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, Reference, SecurityScheme, Server
from litestar.types import ASGIApp

from rightshift import __version__, config, parts
from rightshift.config import Config
from rightshift.console import kept, logs
from rightshift.console.api import described
from rightshift.console.auth import middleware
from rightshift.console.auth.oidc.discovery import Discovered
from rightshift.console.auth.oidc.reach import Reach
from rightshift.console.auth.permission import refuse_unguarded
from rightshift.console.door import hosts, problems
from rightshift.console.door.bodies import StrictRequest
from rightshift.console.door.headers import Headers
from rightshift.console.door.measured import Measured
from rightshift.console.door.paths import Paths
from rightshift.console.door.rates import Rates
from rightshift.console.door.space import Space
from rightshift.console.live import Live
from rightshift.console.store import pool as pools
from rightshift.console.store.pool import Pool
from rightshift.errors import RightshiftError

PREFIX = "/api/v1"
BODY_BYTES = 64 << 10
"""Of a request whose route names no other limit."""
CONNECTIONS = 12
EMBEDDED, FOLLOW = "--embedded", "--follow"
"""Words of `up`: the database lies in this home; no other process brings the feed into it."""


def routes() -> tuple[Any, ...]:
    """All routes, found by being there."""
    found = parts.declared("rightshift.console.api", "ROUTES", tuple)
    return tuple(route for _, those in sorted(found) for route in those)


def outside() -> tuple[Any, ...]:
    """Routes that do not stand below the version: health, metrics."""
    found = parts.declared("rightshift.console.api", "OUTSIDE", tuple)
    return tuple(route for _, those in sorted(found) for route in those)


def create(
    pool: Pool,
    settings: Config,
    live: Live,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    handlers: Sequence[Any] | None = None,
    listen: str = "",
    tls: bool = False,
    disk: Path | None = None,
) -> ASGIApp:
    """
    The application, with everything around it. `now` is the only clock that routes see; an embedded database is on
    `disk`.

    Raises: ImproperlyConfiguredException when a route names no permission.
    """
    measured = Measured()
    given = {"pool": pool, "config": settings, "live": live, "measured": measured}
    app = Litestar.from_config(
        AppConfig(
            route_handlers=[
                Router(PREFIX, route_handlers=list(routes() if handlers is None else handlers)),
                *outside(),
            ],
            dependencies={
                **{name: _give(value) for name, value in given.items()},
                "now": Provide(now, sync_to_thread=False, use_cache=False),
            },
            middleware=[middleware.Authentication],
            exception_handlers={
                HTTPException: problems.of_http,
                RightshiftError: problems.of_ours,
                Exception: problems.of_mistake,
            },
            request_class=StrictRequest,
            request_max_body_size=BODY_BYTES,
            openapi_config=None,
            state=State(
                {
                    "pool": pool,
                    "config": settings,
                    "now": now,
                    "discovered": Discovered(Reach(settings.ca_file)),
                    "disk": disk,
                }
            ),
            lifespan=[lambda _: _listening(live)],
            logging_config=None,
            debug=False,
        )
    )
    refuse_unguarded(app)
    names = hosts.names(listen, settings.hosts)
    inner = Paths(app)
    return Headers(hosts.Hosts(Rates(Space(inner, disk) if disk else inner), names), measured, tls)


def _give(value: object) -> Provide:
    def given() -> object:
        return value

    return Provide(given, sync_to_thread=False)


@asynccontextmanager
async def _listening(live: Live) -> AsyncIterator[None]:
    task = asyncio.create_task(live.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def description() -> dict[str, Any]:
    """
    The API as OpenAPI 3.1. What is served is the file beside `api/`, written from this: making it takes 20 MB.

    Source: OpenAPI Specification 3.1.0.
    """
    schemes: dict[str, SecurityScheme | Reference] = {
        "token": SecurityScheme(type="http", scheme="bearer", description="`rightshift token create`"),
        "session": SecurityScheme(type="apiKey", security_scheme_in="cookie", name="__Host-rightshift"),
    }
    configured = OpenAPIConfig(
        title="rightshift",
        version=__version__,
        description="What runs, what is in it, and which vulnerability to fix first and why.",
        servers=[Server(url="/")],
        components=Components(security_schemes=schemes),
        security=[{"token": []}, {"session": []}],
        use_handler_docstrings=True,
    )
    nothing: dict[str, Any] = dict.fromkeys(("pool", "config", "live", "measured", "now"))
    app = Litestar(
        [Router(PREFIX, route_handlers=list(routes()))],
        dependencies={name: _give(value) for name, value in nothing.items()},
        openapi_config=configured,
        logging_config=None,
    )
    return described.finish(app.openapi_schema.to_schema())


def main(words: Sequence[str]) -> int:
    """
    A process that serves the API on a socket that listens already, until it is told to stop.

    `FD HOST`, in TLS `CERTIFICATE KEY`, and words of `up`.
    """
    fd, listen, *files = (word for word in words if word not in (EMBEDDED, FOLLOW))
    certificate, key = files or (None, None)
    settings = config.of_process()
    logs.begin("api", debug=settings.debug)
    from rightshift.console import serve

    async def run() -> None:
        async with pools.opened(settings.database_url, most=CONNECTIONS, name="api") as pool:
            live = Live(pool, settings.database_url)
            disk = settings.home if EMBEDDED in words else None
            app = create(pool, settings, live, listen=listen, tls=certificate is not None, disk=disk)
            server = serve.server(app, fd=int(fd), stopping=live.stop, certificate=certificate, key=key)
            async with _fed(pool, settings) if FOLLOW in words else nullcontext():
                await server.serve()

    serve.run(run)
    return 0


@asynccontextmanager
async def _fed(pool: Pool, settings: Config) -> AsyncIterator[None]:
    """Meanwhile the feed that other processes build comes into this home."""
    from rightshift.console.jobs import feed_files

    task = asyncio.create_task(feed_files.follow(pool, settings.database_url, settings.feed))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


if __name__ == "__main__":
    sys.exit(main(kept.rest(sys.argv[1:])))
