"""`rightshift db`: the console's database as whoever owns its home sees it: its state, a backup, back again, a move."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rightshift import escape
from rightshift.cli.command import Command, Parser
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from rightshift.config import Config
    from rightshift.console.postgres.archive import Manifest
    from rightshift.console.postgres.dump import Progress

ABOUT = """\
status   which server there is, how large the database is, and of which schema
backup   all of it into one new file, PATH, also while the console runs
restore  from such a file; the console is stopped then
move     from the embedded server into an empty database on another one; the console is stopped then

RIGHTSHIFT_DATABASE_URL stands for the embedded server, but for `move`, which takes it for its goal when there is no
--to. An address on a command line can be read by everybody on the machine, so no password may be in it: give it by
--password-file, PGPASSWORD or a password file of libpq.

A backup has neither the feed, which is fetched again, nor the keys that RIGHTSHIFT_HOME holds: keep a copy of those,
or what the console enciphered with them can't be opened any more."""

WITHOUT = ("feed_file", "feed_part")
"""Tables whose content every console can have again."""
_PASSWORD_BYTES = 4 << 10


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("action", choices=("status", "backup", "restore", "move"), help="what to do")
    add("path", nargs="?", type=Path, metavar="PATH", help="the file of `backup` and `restore`")
    add("--replace", action="store_true", help="restore: take the place of the database that is there")
    add("--to", metavar="URL", default="", help="move: the other server's database, postgresql://USER@HOST/NAME")
    add("--password-file", type=Path, metavar="PATH", help="move: the password for --to, in the first line of a file")


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift import config as start

    try:
        import psycopg  # noqa: F401 (whether it is there)
    except ModuleNotFoundError as error:
        what = f"The console is not installed: there is no module {error.name}"
        raise UsageError(what, do="pip install 'rightshift[console]'") from error
    config = start.of_process()
    if (arguments.path is None) == (arguments.action in ("backup", "restore")):
        raise UsageError(f"`db {arguments.action}` takes {'no' if arguments.path else 'a'} PATH", do="See --help")
    match arguments.action:
        case "backup":
            return _backup(arguments, config, streams)
        case "restore":
            return _restore(arguments, config, streams)
        case "move":
            return _move(arguments, config, streams)
    return _status(arguments, config, streams)


@contextmanager
def _database(config: "Config") -> Iterator[str]:
    """The address of the database that the console uses. Raises: PostgresError."""
    from rightshift.console.postgres import access

    if config.database_url:
        yield config.database_url
        return
    with access.reached(config.home, config.postgres) as url:
        yield url


def _status(arguments: argparse.Namespace, config: "Config", streams: Streams) -> int:
    from rightshift.console.postgres import access, folder
    from rightshift.console.store import migrate

    external = bool(config.database_url)
    running = external or folder.running(config.home) is not None
    with _database(config) as url:
        status = access.status(url)
    known = migrate.known()[-1]
    if arguments.json:
        more = {"kind": "external" if external else "embedded", "running": running, "newest_revision": known}
        streams.json(asdict(status) | more)
        return 0
    streams.line(f"server   PostgreSQL {escape.terminal(status.server)}" + (", external" if external else ", embedded"))
    streams.line(f"running  {'yes' if running else 'no'}")
    streams.line(f"schema   {escape.terminal(status.revision) or 'none'} (this version has {known})")
    streams.line(f"size     {status.size_bytes / 1e6:,.1f} MB in {status.tables} tables")
    return 0


def _backup(arguments: argparse.Namespace, config: "Config", streams: Streams) -> int:
    from rightshift.console.postgres import dump

    with _database(config) as url:
        manifest = dump.backup(url, arguments.path.absolute(), without=WITHOUT, progress=_progress(streams))
    return _told(arguments, streams, manifest, f"{escape.terminal(str(arguments.path))} is written")


def _restore(arguments: argparse.Namespace, config: "Config", streams: Streams) -> int:
    from rightshift.console.postgres import access, restore
    from rightshift.console.store import migrate

    progress = _progress(streams)
    if config.database_url:
        if arguments.replace:
            raise UsageError("--replace is for the embedded server", do="Make a new, empty database, and restore there")
        manifest = restore.restore(arguments.path, config.database_url, migrate, progress)
    else:
        restore.read(arguments.path)  # before anything is made or started for it
        with access.alone(config.home, config.postgres) as server:
            manifest = access.restored(server, arguments.path, migrate, replace=arguments.replace, progress=progress)
    return _told(arguments, streams, manifest, "the database is restored")


def _move(arguments: argparse.Namespace, config: "Config", streams: Streams) -> int:
    """Through a backup in the home, so that there is one way only, and one that is tested."""
    from tempfile import TemporaryDirectory

    from rightshift.console.postgres import access, dump, folder, restore
    from rightshift.console.store import migrate

    url = _goal(arguments, config)
    if not (place := folder.of(config.home)).path.is_dir() or not place.majors:
        raise UsageError(f"There is no embedded database in {str(config.home)!a}", do="Set RIGHTSHIFT_HOME")
    with access.alone(config.home, config.postgres) as server, TemporaryDirectory(dir=config.home) as between:
        backup = Path(between) / "backup"
        dump.backup(server.url(), backup, without=WITHOUT, progress=_progress(streams))
        manifest = restore.restore(backup, url, migrate, _progress(streams))
    streams.note(
        "Set RIGHTSHIFT_DATABASE_URL to the new server, and start the console; the embedded one stays as it was"
    )
    return _told(arguments, streams, manifest, "everything is in the other database")


def _goal(arguments: argparse.Namespace, config: "Config") -> str:
    """Where to move to, with its password. Raises: UsageError."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    if not (url := arguments.to or config.database_url):
        raise UsageError("There is no server to move to", do="Give --to URL, or set RIGHTSHIFT_DATABASE_URL")
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        raise UsageError("The address of the server can't be read", do="postgresql://USER@HOST/NAME") from None
    if arguments.to and "password" in parts:
        raise UsageError("A password on a command line can be read by everybody", do="Use --password-file")
    if arguments.password_file is None:
        return url
    return make_conninfo(url, password=_password(arguments.password_file))


def _password(path: Path) -> str:
    try:
        if not path.is_file():
            raise UsageError(f"There is no file {str(path)!a}")
        with path.open("rb") as file:
            line = file.read(_PASSWORD_BYTES).split(b"\n", 1)[0].rstrip(b"\r")
        return line.decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{str(path)!a} holds no text") from error
    except OSError as error:
        raise UsageError(f"{str(path)!a} can't be read: {error.strerror}") from error


def _told(arguments: argparse.Namespace, streams: Streams, manifest: "Manifest", what: str) -> int:
    rows = sum(one.rows for one in manifest.tables)
    if arguments.json:
        said = {
            "revision": manifest.revision,
            "written": manifest.written,
            "tables": len(manifest.tables),
            "rows": rows,
        }
        streams.json(said | {"without": list(manifest.without)})
    else:
        streams.line(f"{what}: {rows:,} rows of {len(manifest.tables)} tables")
    return 0


def _progress(streams: Streams) -> "Progress":
    def progress(what: str, done: int, total: int) -> None:
        streams.progress(f"{what} ({done + 1} of {total} tables)")

    return progress


COMMAND = Command(
    title="show, back up, restore or move the console's database",
    about=ABOUT,
    examples=(
        ("db status", "which server, how large, which schema"),
        ("db backup rightshift.backup", "one file, also while the console runs"),
        ("db restore rightshift.backup --replace", "instead of what is there"),
        ("db move --to postgresql://rightshift@db.example/rightshift --password-file p", "to a server of yours"),
    ),
    arguments=_arguments,
    run=_run,
)
