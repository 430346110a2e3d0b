"""Brings a database to the schema of this version, or says that it is newer. The steps: `migrations/versions`."""

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from rightshift.errors import RightshiftError

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSIONS = Path(__file__).parent / "migrations" / "versions"
_LOCK = 0x72_73_6D_69_67
"""Of PostgreSQL's advisory locks: one process migrates, the others wait and find it done."""


class SchemaError(RightshiftError):
    """The schema is not one that this version works with."""


def known() -> tuple[str, ...]:
    """All revisions of this version, oldest first."""
    return tuple(sorted(file.stem for file in VERSIONS.glob("[0-9]*.py")))


async def turn(connection: psycopg.AsyncConnection) -> None:
    """Waits until nobody else prepares this database, and has it alone until the end of the transaction."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))


def revision(url: str) -> str:
    """The revision of a database; empty where there is no schema yet. Raises: SchemaError when it is a newer one."""
    with psycopg.connect(url, autocommit=True) as connection:
        return _revision(connection)


def migrate(url: str, *, to: str | None = None) -> bool:
    """
    Brings the schema forward; whether there was something to do. Cut off half-way it leaves the schema as it was.

    `to` is one of `known`, for a backup of that schema; else it is the newest.
    Raises: SchemaError when the schema is newer than this version; psycopg.Error.
    """
    wanted = to or known()[-1]
    with psycopg.connect(url, autocommit=True) as connection:
        if _revision(connection) >= wanted:
            return False
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        if _revision(connection) >= wanted:
            return False
        _upgrade(url, wanted)
    return True


def _revision(connection: "psycopg.Connection") -> str:
    if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
        return ""
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    found = row[0] if row else ""
    if found and found not in known():
        raise SchemaError(
            f"The database has schema {found}, and this version knows {known()[-1]}",
            means="A newer version of rightshift wrote it",
            do="Start that version, or restore a backup made before",
        )
    return str(found)


def _upgrade(url: str, wanted: str) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, wanted)
        connection.commit()


def run(name: str) -> None:
    """All statements of one file of `versions`, within the migration that is under way."""
    _execute((VERSIONS / name).read_text())


def procrastinate() -> None:
    """The tables and functions of Procrastinate, as its installed version writes them."""
    from procrastinate.schema import SchemaManager

    _execute(SchemaManager.get_schema())


def _execute(statements: str) -> None:
    from alembic import op

    for connection in _driver(op.get_bind()):
        connection.execute(statements)


def _driver(bind: object) -> "Iterator[psycopg.Connection]":
    found = bind.connection.dbapi_connection  # type: ignore[attr-defined]
    if isinstance(found, psycopg.Connection):
        yield found
