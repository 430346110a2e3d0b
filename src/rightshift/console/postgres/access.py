"""The console's database for a command on this machine, whether the console runs or not."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rightshift.console.postgres import cluster, contents, find, folder, restore
from rightshift.console.postgres.archive import Manifest
from rightshift.console.postgres.dump import Progress, quiet, told
from rightshift.console.postgres.failure import AlreadyRunning, PostgresError
from rightshift.console.postgres.restore import Schema
from rightshift.console.postgres.settings import DATABASE, ROLE

_NEW = f"{DATABASE}_restored"
_OLD = f"{DATABASE}_replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a database says of itself. `revision` is empty where there is no schema yet."""

    server: str
    revision: str
    size_bytes: int
    tables: int
    connections: int


@contextmanager
def reached(home: Path, programs: Path | None = None) -> Iterator[str]:
    """
    The address of the database in this home: of the server that runs, else of one that runs for this time.

    Raises: PostgresError, also where no console was ever started.
    """
    if record := folder.running(home):
        _refuse_of_another(record.postmaster[0], home)
        yield record.url(DATABASE)
        return
    place = folder.of(home)
    if not place.path.is_dir() or not place.majors:
        raise PostgresError(f"There is no database in {str(home)!a}", do="Start the console once: rightshift up")
    with cluster.start(home, find.find(programs)) as server:
        yield server.url()


def _refuse_of_another(pid: int, home: Path) -> None:
    """
    The server lets in the user who runs the console, by the kernel's word, and nobody else.

    Raises: PostgresError.
    """
    uid, owner = os.geteuid(), folder.of(home).path.stat().st_uid
    if uid == owner:
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"#{owner}"
    raise PostgresError(
        f"The console of {str(home)!a} runs as another user, process {pid}",
        means="Its database lets nobody else in, not even root",
        do=f"Do it as that user: sudo -u {name} with RIGHTSHIFT_HOME={home}",
    )


@contextmanager
def alone(home: Path, programs: Path | None = None) -> Iterator[cluster.Server]:
    """
    The server of this home while nobody else uses it; a new home gets one.

    Raises: AlreadyRunning, PostgresError.
    """
    if record := folder.running(home):
        pid = record.supervisor[0]
        raise AlreadyRunning(
            f"The console runs, as process {pid}", pid=pid, means="It would go on writing", do="Stop it first"
        )
    with cluster.start(home, find.find(programs)) as server:
        yield server


def status(url: str) -> Status:
    """Raises: PostgresError."""
    import psycopg

    try:
        with psycopg.connect(url) as connection:
            tables = contents.tables(connection)
            size, connections = connection.execute(
                "SELECT pg_catalog.pg_database_size(pg_catalog.current_database()), count(*)"
                " FROM pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database()"
                " AND pid <> pg_catalog.pg_backend_pid()"
            ).fetchone() or (0, 0)
            return Status(
                server=connection.info.parameter_status("server_version") or "",
                revision=contents.revision(connection) if tables else "",
                size_bytes=size,
                tables=len(tables),
                connections=connections,
            )
    except psycopg.Error as error:
        raise PostgresError(f"The database does not answer: {told(error)}") from error


def restored(
    server: cluster.Server, path: Path, schema: Schema, *, replace: bool, progress: Progress = quiet
) -> Manifest:
    """
    A backup in the place of the console's database. Until all of it is there, the one before stays as it is.

    `replace` is wanted where that one holds anything. Raises: PostgresError.
    """
    import psycopg
    from psycopg import sql

    if not replace and status(server.url()).tables:
        raise PostgresError(
            "The console has a database already", means="Restoring takes its place", do="Say so with --replace"
        )
    try:
        with psycopg.connect(server.admin_url(), autocommit=True) as admin:
            for left in (_NEW, _OLD):
                admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(left)))
            make = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0")
            admin.execute(make.format(sql.Identifier(_NEW), sql.Identifier(ROLE)))
            manifest = restore.restore(path, server.url(_NEW), schema, progress)
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            with admin.transaction():
                admin.execute(rename.format(sql.Identifier(DATABASE), sql.Identifier(_OLD)))
                admin.execute(rename.format(sql.Identifier(_NEW), sql.Identifier(DATABASE)))
            admin.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(_OLD)))
    except psycopg.Error as error:
        raise PostgresError(f"The database can't be replaced: {told(error)}") from error
    return manifest
