"""A backup into an empty database: of this server, or of an older one elsewhere. The backup: `dump.py`."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zipfile import ZipFile

from rightshift.console.postgres import archive, contents
from rightshift.console.postgres.archive import Manifest, Rows
from rightshift.console.postgres.contents import Name
from rightshift.console.postgres.dump import SESSION, Progress, quiet, told
from rightshift.console.postgres.failure import PostgresError
from rightshift.console.postgres.find import OLDEST_MAJOR
from rightshift.errors import Malformed

if TYPE_CHECKING:
    from psycopg import Connection

_MARK = Name("public", "rightshift_restoring")
"""A table that is there from before the first change until all rows are in: what has it may be filled again."""


class Schema(Protocol):
    """What makes the tables: `store/migrate`."""

    def known(self) -> tuple[str, ...]:
        """All revisions there are, oldest first."""

    def migrate(self, url: str, *, to: str | None = None) -> object:
        """Brings a database to a revision, or the newest."""


def restore(path: Path, url: str, schema: Schema, progress: Progress = quiet) -> Manifest:
    """
    Fills an empty database with the rows of a backup: all or none of them. An older schema is brought forward after.

    Raises: PostgresError when the database is not empty, the backup is damaged or of a newer version, or a row is
    refused.
    """
    import psycopg

    try:
        with path.open("rb") as file, archive.opened(file) as backup:
            manifest = archive.read_manifest(backup)
            if manifest.revision not in schema.known():
                raise PostgresError(
                    f"The backup has schema {manifest.revision}, and this version knows {schema.known()[-1]}",
                    means="A newer version of rightshift wrote it",
                    do="Restore it with that version",
                )
            _mark(url)
            schema.migrate(url, to=manifest.revision)
            with psycopg.connect(url) as connection:
                _fill(connection, backup, manifest, progress)
            schema.migrate(url)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("ANALYZE")
    except OSError as error:
        raise PostgresError(f"{str(path)!a} can't be read: {error.strerror or error}") from error
    except Malformed as error:
        raise PostgresError(f"{str(path)!a} is no good backup: {error}", means="Nothing was restored") from error
    except psycopg.Error as error:
        raise PostgresError(f"The database refused it: {told(error)}", means="Nothing was restored") from error
    return manifest


def read(path: Path) -> Manifest:
    """
    What a backup says of itself.

    Raises: PostgresError.
    """
    try:
        with path.open("rb") as file, archive.opened(file) as backup:
            return archive.read_manifest(backup)
    except OSError as error:
        raise PostgresError(f"{str(path)!a} can't be read: {error.strerror}") from error
    except Malformed as error:
        raise PostgresError(f"{str(path)!a} is no good backup: {error}") from error


def _mark(url: str) -> None:
    """Raises: PostgresError when something is there already, psycopg.Error."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(url) as connection:
        if connection.info.server_version < OLDEST_MAJOR * 10_000:
            found = connection.info.parameter_status("server_version")
            raise PostgresError(f"The server is PostgreSQL {found}", do=f"Take {OLDEST_MAJOR} or a newer one")
        there = {table.name for table in contents.tables(connection)}
        if there and _MARK not in there:
            raise PostgresError(
                "The database is not empty", means=f"It has {len(there)} tables", do="Name a new, empty database"
            )
        connection.execute(
            sql.SQL("CREATE TABLE IF NOT EXISTS {} (since timestamptz DEFAULT now())").format(_MARK.quoted)
        )


def _fill(connection: "Connection", backup: ZipFile, manifest: Manifest, progress: Progress) -> None:
    """In one transaction. What refers to others and what reacts to rows is put aside until all rows are there."""
    from psycopg import sql

    for statement in SESSION:
        connection.execute(statement)
    _refuse_other_columns(connection, manifest.tables)
    keys, triggers = contents.foreign_keys(connection), contents.triggers(connection)
    for key in keys:
        drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(key.table.quoted, sql.Identifier(key.name))
        connection.execute(drop)
    for trigger in triggers:
        off = sql.SQL("ALTER TABLE {} DISABLE TRIGGER {}").format(trigger.table.quoted, sql.Identifier(trigger.name))
        connection.execute(off)
    if names := [table.name.quoted for table in contents.tables(connection) if table.name != _MARK]:
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(names)))  # what migrations put there
    for number, rows in enumerate(manifest.tables):
        progress(str(rows.table.name), number, len(manifest.tables))
        _load(connection, backup, number, rows)
    _count_on(connection, manifest)
    for key in keys:
        add = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
            key.table.quoted,
            sql.Identifier(key.name),
            sql.SQL(key.definition),
        )
        connection.execute(add)
    for trigger in triggers:
        on = sql.SQL("ALTER TABLE {} ENABLE TRIGGER {}").format(trigger.table.quoted, sql.Identifier(trigger.name))
        connection.execute(on)
    connection.execute(sql.SQL("DROP TABLE {}").format(_MARK.quoted))


def _refuse_other_columns(connection: "Connection", backup: Iterable[Rows]) -> None:
    there = {table.name: set(table.columns) for table in contents.tables(connection)}
    for rows in backup:
        table = rows.table
        if table.name not in there:
            raise PostgresError(f"The schema has no table {table.name}, and the backup has")
        if missing := sorted(set(table.columns) - there[table.name]):
            raise PostgresError(f"The schema has no {', '.join(missing)} in {table.name}, and the backup has")


def _load(connection: "Connection", backup: ZipFile, number: int, rows: Rows) -> None:
    from psycopg import sql

    columns = sql.SQL(", ").join(map(sql.Identifier, rows.table.columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(rows.table.name.quoted, columns)
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for piece in archive.read_rows(backup, number, rows):
                copy.write(piece)
        if cursor.rowcount != rows.rows:
            raise PostgresError(f"{rows.table.name} got {cursor.rowcount} rows, and {rows.rows} were written")


def _count_on(connection: "Connection", manifest: Manifest) -> None:
    """Sequences go on where they were; one that this schema does not have is passed over."""
    there = {sequence.name for sequence in contents.sequences(connection)}
    for sequence in manifest.sequences:
        if sequence.name in there:
            connection.execute(
                "SELECT pg_catalog.setval(pg_catalog.format('%%I.%%I', %s::text, %s::text)::regclass, %s, %s)",
                [sequence.name.schema, sequence.name.name, sequence.last, sequence.used],
            )
