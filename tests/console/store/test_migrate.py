"""The schema is made once, whole, by one process, and never taken back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from rightshift.console.postgres.cluster import Server
from rightshift.console.store import migrate


@pytest.fixture
def empty(server: Server) -> str:
    name = "empty_for_migrations"
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 OWNER rightshift")
    return server.url(name)


def test_an_empty_database_gets_the_schema_once(empty: str) -> None:
    assert migrate.revision(empty) == ""
    assert migrate.migrate(empty)
    assert not migrate.migrate(empty)
    assert migrate.revision(empty) == migrate.known()[-1]


@pytest.mark.check("D14")
def test_of_several_one_migrates(empty: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(migrate.migrate, [empty] * 4)) == [False, False, False, True]


@pytest.mark.check("D14")
def test_a_newer_schema_is_refused(database: str, rows: Callable[..., list[tuple[object, ...]]]) -> None:
    rows("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(migrate.SchemaError, match="9999"):
        migrate.migrate(database)


@pytest.mark.check("O13")
def test_the_audit_log_is_only_added_to(rows: Callable[..., list[tuple[object, ...]]]) -> None:
    rows(
        "INSERT INTO audit (id, at, actor, actor_kind, action, outcome, hash) VALUES (1, now(), 'a', 'b', 'c', 'd', '')"
    )
    for change in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            rows(change)
