"""All of a database into one file, while others go on writing into it. Back again: `restore.py`."""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rightshift.console.postgres import archive, contents
from rightshift.console.postgres.archive import Manifest, Rows
from rightshift.console.postgres.contents import Table
from rightshift.console.postgres.failure import PostgresError

if TYPE_CHECKING:
    from zipfile import ZipFile

    from psycopg import Connection

Progress = Callable[[str, int, int], None]
"""(what is being done, tables done, tables in all)."""

SESSION = (
    "SET search_path = ''",
    "SET datestyle = 'ISO, YMD'",
    "SET intervalstyle = 'postgres'",
    "SET timezone = 'UTC'",
    "SET extra_float_digits = 1",
    "SET client_encoding = 'UTF8'",
    "SET statement_timeout = 0",
    "SET idle_in_transaction_session_timeout = 0",
    "SET synchronize_seqscans = off",
    "SET row_security = off",
)
"""So that values travel as text between any two versions, and rows keep their order."""


def quiet(what: str, done: int, total: int) -> None:
    """Tells nobody."""


def backup(
    url: str, path: Path, *, without: Sequence[str] = (), now: datetime | None = None, progress: Progress = quiet
) -> Manifest:
    """
    Writes the database as it is at one moment. The file is there once it is whole, and only its owner reads it.

    `without` names tables whose content can be had again; none of the others may refer to them.
    Raises: PostgresError.
    """
    import zipfile

    import psycopg

    if path.exists():
        raise PostgresError(f"{str(path)!a} is there already", do="Name a file that is not")
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with open(fd, "wb") as file:
                with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as into:
                    manifest = _written(url, into, tuple(without), now or datetime.now(UTC), progress)
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise PostgresError(f"{str(path)!a} can't be written: {error.strerror or error}") from error
    except psycopg.Error as error:
        raise PostgresError(f"The database can't be read: {told(error)}") from error
    return manifest


def told(error: Exception) -> str:
    """What a server said, in one line; an address that holds a password is never in it."""
    return " ".join(str(error).split()) or type(error).__name__


def _written(url: str, into: "ZipFile", without: tuple[str, ...], now: datetime, progress: Progress) -> Manifest:
    import psycopg

    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        for statement in SESSION:
            connection.execute(statement)
        revision = contents.revision(connection)
        tables = _chosen(connection, without)
        rows = []
        for number, table in enumerate(tables):
            progress(str(table.name), number, len(tables))
            rows.append(_table(connection, into, number, table))
        manifest = Manifest(
            revision=revision,
            server=connection.info.parameter_status("server_version") or "",
            written=now.isoformat(timespec="seconds"),
            tables=tuple(rows),
            sequences=contents.sequences(connection),
            without=without,
        )
    archive.write_manifest(into, manifest)
    return manifest


def _chosen(connection: "Connection", without: tuple[str, ...]) -> tuple[Table, ...]:
    everything = contents.tables(connection)
    if unknown := set(without) - {str(table.name) for table in everything}:
        raise PostgresError(f"There is no table {', '.join(sorted(unknown))} to leave out")
    for key in contents.foreign_keys(connection):
        if str(key.to) in without and str(key.table) not in without:
            raise PostgresError(f"{key.to} can't be left out: {key.table} refers to it")
    return tuple(table for table in everything if str(table.name) not in without)


def _table(connection: "Connection", into: "ZipFile", number: int, table: Table) -> Rows:
    from psycopg import sql

    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    # as a query, for a partitioned table has no rows of its own
    statement = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(columns, table.name.quoted)
    cursor = connection.cursor()

    def pieces() -> Iterator[bytes]:
        gathered = bytearray()
        with cursor.copy(statement) as copy:
            for row in copy:
                gathered += row
                if len(gathered) >= archive.CHUNK_BYTES:
                    yield bytes(gathered)
                    gathered.clear()
        if gathered:
            yield bytes(gathered)

    size, digest = archive.write_rows(into, number, pieces())
    return Rows(table, cursor.rowcount, size, digest)
