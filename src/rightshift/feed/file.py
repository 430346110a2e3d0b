"""The feed's files on disk: their tables, how a new one takes the place of the old. What is put in: `build.py`."""

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

from rightshift.errors import FeedError
from rightshift.feed.packed import DAMAGED, Documents, damaged, plain_row

FEED, THREAT = "feed.sqlite", "threat.sqlite"
SCHEMA = "1"
_NEW = ".new-"
_LOCK = ".lock"
UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises on a damaged file; its own messages may quote bytes that are no text."""

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE package (
    ecosystem TEXT NOT NULL, name TEXT NOT NULL, generation INTEGER NOT NULL, statements BLOB NOT NULL,
    PRIMARY KEY (ecosystem, name)
) WITHOUT ROWID;
CREATE TABLE advisory (
    id TEXT PRIMARY KEY, digest BLOB NOT NULL, generation INTEGER NOT NULL, standing INTEGER NOT NULL,
    aliases BLOB NOT NULL, packages BLOB NOT NULL, document BLOB NOT NULL
);
CREATE TABLE alias (id TEXT PRIMARY KEY, members BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE listing (
    part TEXT NOT NULL, id TEXT NOT NULL, changed TEXT NOT NULL, PRIMARY KEY (part, id)
) WITHOUT ROWID;
CREATE TABLE gone (id TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
"""
"""
`package`: a row for each name; an empty list of statements where all are gone, so that `generation` still tells.
`advisory`: `aliases` as the record says them, `packages` the rows it stands in, `standing` 2 where it can match, 0
where it is withdrawn. `alias`: all ids of an id's group. `listing`: which part of the upstream has which records, and
when they changed as it said last.
`gone`: records that were there once, for increments.
"""


def connect(path: Path, mode: str = "ro") -> sqlite3.Connection:
    """
    A file that is there already: `ro` for one that nobody changes (a reader keeps it over a swap), `rw` for a new one.

    Raises: FeedError when there is none or it is no database.
    """
    how = "mode=ro&immutable=1" if mode == "ro" else "mode=rw"
    try:
        database = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise FeedError(f"There is no feed at {path}", do="Run `rightshift feed update`") from error
    if mode == "rw":
        try:
            _unsafe_but_fast(database)
        except BaseException:
            database.close()
            raise
    return database


def create(path: Path) -> sqlite3.Connection:
    """A new file with empty tables. Raises: FeedError."""
    try:
        with ExitStack() as opened:
            database = opened.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
            _unsafe_but_fast(database)
            database.execute("PRAGMA page_size = 8192")
            database.execute("PRAGMA trusted_schema = OFF")
            database.executescript(_TABLES)
            opened.pop_all()
    except sqlite3.Error as error:
        raise FeedError(f"The feed file could not be written: {error}", do="See that its folder has room") from error
    return database


def _unsafe_but_fast(database: sqlite3.Connection) -> None:
    """Without a journal: what is written lies beside, and counts only when it is whole, synced and renamed."""
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -32000"):
        database.execute("PRAGMA " + pragma).fetchall()


def meta(database: sqlite3.Connection) -> dict[str, str]:
    """What a file says of itself. Raises: FeedError when it is not ours or of another schema."""
    try:
        rows = database.execute("SELECT key, value FROM meta WHERE typeof(value) = 'text' LIMIT 1000").fetchall()
    except UNREADABLE as error:
        raise damaged("it cannot be read") from error
    found = {str(key): str(value) for key, value in rows}
    if found.get("schema") != SCHEMA:
        raise FeedError(
            f"The feed file has schema {found.get('schema', 'none')}, and this version reads {SCHEMA}",
            do=DAMAGED,
        )
    return found


def set_meta(database: sqlite3.Connection, values: Mapping[str, str]) -> None:
    """Writes what a file says of itself."""
    database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(values.items()))


def generation(found: Mapping[str, str]) -> int:
    """The generation in what a file says of itself. Raises: FeedError."""
    text = found.get("generation", "")
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise damaged("it names no generation")
    return int(text)


def said(path: Path) -> dict[str, str]:
    """What a file says of itself. Raises: FeedError as `meta`."""
    with closing(connect(path)) as database:
        return meta(database)


def identity(path: Path) -> str:
    """Lineage and generation of a file, to tell whether it is still the same. Raises: FeedError."""
    found = said(path)
    return f"{found.get('lineage', '')}/{generation(found)}"


def usable(path: Path) -> Path | None:
    """The path of a file that an update can build on; None for none, a starter feed, or one that cannot be read."""
    try:
        if not path.exists():
            return None
        found = said(path)
        generation(found)
    except FeedError:
        return None
    return None if found.get("starter") == "yes" else path


def sound(path: Path) -> Path | None:
    """As `usable`, and read from end to end: None for a damaged file."""
    if usable(path) is None:
        return None
    try:
        check(path)
    except FeedError:
        return None
    return path


def content_digest(database: sqlite3.Connection) -> str:
    """
    Of records, statements and aliases, in hexadecimal: equal for equal content, however and in whatever order it came.

    Raises: FeedError when a row cannot be unpacked; sqlite3.Error.
    """
    digest = blake2b(digest_size=32, person=b"rightshift feed")
    documents = Documents(dictionary(database))
    for record, cell in database.execute("SELECT id, document FROM advisory ORDER BY id"):
        _add(digest, record.encode(), documents.plain(cell))
    for ecosystem, name, cell in database.execute("SELECT ecosystem, name, statements FROM package ORDER BY 1, 2"):
        if len(cell) > 2:  # the empty list is the rest of a package whose records are all gone
            _add(digest, ecosystem.encode(), name.encode(), plain_row(cell))
    for record, members in database.execute("SELECT id, members FROM alias ORDER BY id"):
        _add(digest, record.encode(), members)
    return digest.hexdigest()


def dictionary(database: sqlite3.Connection) -> bytes:
    """What the documents are compressed with; empty for nothing."""
    row = database.execute("SELECT value FROM meta WHERE key = 'dictionary'").fetchone()
    if row is not None and not isinstance(row[0], bytes):
        raise damaged("a cell of another kind than was written")
    return row[0] if row else b""


def _add(digest: "blake2b", *parts: bytes) -> None:
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """
    The folder, made if need be, for one writer alone; what a killed one left behind is removed.

    Raises: FeedError when another one is at work, or the folder cannot be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise FeedError(f"The feed's folder {folder} cannot be written: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise FeedError("The feed is being updated by another process", do="Try again when it has ended") from error
        sweep(folder)
        yield
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Removes the unfinished files of a writer that was killed; call only with the lock held."""
    for left in folder.glob(_NEW + "*"):
        left.unlink(missing_ok=True)


@contextmanager
def beside(folder: Path, what: str) -> Iterator[Path]:
    """A name in the folder for an unfinished file; what lies there at the end is removed."""
    path = folder / f"{_NEW}{what}-{secrets.token_hex(8)}"
    try:
        yield path
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def check(path: Path) -> dict[str, str]:
    """
    Reads a finished feed file from end to end and compares it with the digest that it carries.

    Raises: FeedError.
    """
    check_tables(path)
    with closing(connect(path)) as database:
        found = meta(database)
        generation(found)
        try:
            answer = database.execute("PRAGMA quick_check(1)").fetchone()
            digest = content_digest(database)
        except (*UNREADABLE, TypeError, AttributeError) as error:  # cells of another type than was written
            raise damaged("it cannot be read") from error
    if answer != ("ok",) or digest != found.get("digest"):
        raise damaged("its content is not what its digest says")
    return found


def check_tables(path: Path) -> None:
    """Refuses a file with other tables than ours, such as views and triggers that do something. Raises: FeedError."""
    with closing(connect(path)) as database, closing(sqlite3.connect(":memory:")) as ours:
        ours.executescript(_TABLES)
        question = "SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2"
        try:
            meta(database)
            same = database.execute(question).fetchall() == ours.execute(question).fetchall()
        except UNREADABLE as error:
            raise damaged("it cannot be read") from error
    if not same:
        raise damaged("its tables are not ours")


def swap(new: Path, old: Path) -> None:
    """
    The new file is synced, then takes the old one's name in one step. Who reads the old one keeps it.

    Raises: FeedError when the disk refuses; the old file stays.
    """
    try:
        _sync(new)
        new.replace(old)
        _sync(old.parent)
    except OSError as error:
        what = f"The feed file could not be put in place: {error.strerror}"
        raise FeedError(what, means="The old one stays") from error


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
