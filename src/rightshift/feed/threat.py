"""KEV, EPSS and what was exploited before, in a file of their own, since they change daily. Advisories: `build.py`."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from rightshift.errors import FeedError
from rightshift.feed import file, joins, packed
from rightshift.feed.packed import Document, Documents
from rightshift.feed.upstreams.epss import Scores
from rightshift.feed.upstreams.kev import Catalogue
from rightshift.model.advisory import Kev

REMEMBERED = 200_000
"""Records whose CVEs are kept while packages are counted: most of them name few packages, a kernel's hundreds."""

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE kev (cve TEXT PRIMARY KEY, added TEXT NOT NULL, ransomware INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE epss (cve TEXT PRIMARY KEY, probability REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE history (
    ecosystem TEXT, name TEXT, known INTEGER NOT NULL, exploited INTEGER NOT NULL, PRIMARY KEY (ecosystem, name)
) WITHOUT ROWID;
"""
"""`history`: per package, without release, how many CVEs are known of it and how many of those stand in KEV."""


def build(new: Path, feed: Path, kev: Catalogue, scores: Scores) -> None:
    """
    Writes a new file for a feed file.

    Raises: FeedError; MalformedEpss from reading the scores.
    """
    try:
        with closing(sqlite3.connect(new, isolation_level=None)) as database, closing(file.connect(feed)) as records:
            for pragma in ("journal_mode = OFF", "synchronous = OFF"):
                database.execute("PRAGMA " + pragma).fetchall()
            database.executescript(_TABLES)
            database.execute("BEGIN")
            rows = sorted((cve, entry.added, entry.ransomware) for cve, entry in kev.entries.items())
            database.executemany("INSERT INTO kev VALUES (?, ?, ?)", rows)
            database.executemany("INSERT OR REPLACE INTO epss VALUES (?, ?)", scores.rows)
            database.executemany("INSERT INTO history VALUES (?, ?, ?, ?)", _history(records, frozenset(kev.entries)))
            values = {
                "schema": file.SCHEMA,
                "kev": kev.version,
                "epss_model": scores.model_version,
                "epss_day": scores.day,
                "feed": file.meta(records).get("digest", ""),
            }
            file.set_meta(database, values)
            database.execute("COMMIT")
    except (sqlite3.Error, OSError) as error:
        what = f"The file of KEV and EPSS could not be written: {error}"
        raise FeedError(what, do="See that its folder has room") from error


def stored(path: Path) -> tuple[Catalogue, Scores]:
    """What an older file holds, to be written again; both empty when there is none. Raises: FeedError."""
    if not path.exists():
        return Catalogue({}, ""), Scores("", "", iter(()))
    with closing(file.connect(path)) as database:
        said = file.meta(database)
        catalogue = Catalogue(entries(database), said.get("kev", ""))
    scores = Scores(said.get("epss_model", ""), said.get("epss_day", ""), _scores(path))
    return catalogue, scores


def _scores(path: Path) -> Iterator[tuple[str, float]]:
    with closing(file.connect(path)) as database:
        yield from database.execute("SELECT cve, probability FROM epss")


def _history(records: sqlite3.Connection, exploited: frozenset[str]) -> Iterator[tuple[str, str, int, int]]:
    """For each package the CVEs known of it, and how many of them were exploited."""
    documents = Documents(file.dictionary(records))
    rows = records.execute("SELECT id, document FROM advisory WHERE standing")
    read = ((one, documents.read(cell)) for one, cell in rows)
    covering = {one: _short(document) for one, document in read if joins.covered(one, document)}
    groups = {one: packed.unpack_ids(cell) for one, cell in records.execute("SELECT id, members FROM alias")}
    cves: dict[str, frozenset[str]] = {}
    for ecosystem, name, cell in records.execute("SELECT ecosystem, name, statements FROM package"):
        of_package: set[str] = set()
        if len(cves) > REMEMBERED:
            cves.clear()
        for record in {statement.record for statement in packed.unpack_row(cell)}:
            if record not in cves:
                reached = joins.reached(record, covering.get, lambda one: groups.get(one, ()))
                cves[record] = frozenset(filter(joins.is_cve, reached))
            of_package |= cves[record]
        if of_package:
            yield ecosystem, name, len(of_package), len(of_package & exploited)


def _short(document: Document) -> Document:
    """Without what history does not need: many of them stand in memory at once."""
    return Document((), document.upstream, document.related, "", "", (), "", (), (), "", "", "", 0)


def check(path: Path) -> None:
    """Reads a finished file from end to end. Raises: FeedError."""
    with closing(file.connect(path)) as database:
        file.meta(database)
        try:
            answer = database.execute("PRAGMA quick_check(1)").fetchone()
            database.execute("SELECT count(*), max(added) FROM kev").fetchone()
            database.execute("SELECT count(*), max(probability) FROM epss").fetchone()
            database.execute("SELECT count(*), max(known) FROM history").fetchone()
        except file.UNREADABLE as error:
            raise packed.damaged("KEV and EPSS cannot be read") from error
    if answer != ("ok",):
        raise packed.damaged("KEV and EPSS cannot be read")


def entries(database: sqlite3.Connection) -> dict[str, Kev]:
    """All of KEV, by CVE. Raises: FeedError."""
    try:
        rows = database.execute("SELECT cve, added, ransomware FROM kev").fetchall()
    except file.UNREADABLE as error:
        raise packed.damaged("KEV cannot be read") from error
    return {cve: Kev(added, bool(ransomware)) for cve, added, ransomware in rows}
