"""What tests of the console share: one real server a test process, one migrated database copied for each test."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from rightshift.console.postgres import cluster, find
from rightshift.console.store import pool as pools
from rightshift.console.store.migrate import migrate


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cluster.Server]:
    """An embedded PostgreSQL that forgets everything; faster than one that must not."""
    configured = os.environ.get("RIGHTSHIFT_TEST_POSTGRES")
    binaries = find.find(Path(configured) if configured else None)
    with cluster.start(tmp_path_factory.mktemp("postgres"), binaries, durable=False) as running:
        migrate(running.url())
        yield running


@pytest.fixture
def database(server: cluster.Server) -> Iterator[str]:
    """The address of a database of this test's own, with the schema and nothing in it."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE rightshift STRATEGY FILE_COPY OWNER rightshift")
        yield server.url(name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def pool(database: str) -> AsyncIterator[pools.Pool]:
    """Connections to it."""
    async with pools.opened(database, most=4, name="test") as made:
        yield made


@pytest.fixture
def rows(database: str) -> Callable[..., list[tuple[object, ...]]]:
    """Asks the database directly, to see what really stands there."""

    def ask(question: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(database, autocommit=True) as connection:
            found = connection.execute(question, values or None)
            return found.fetchall() if found.description else []

    return ask
