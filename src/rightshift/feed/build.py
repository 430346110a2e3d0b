"""Records in, a feed file out, from nothing or on an older file: one way for both. Whence they come: `update.py`."""

import secrets
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

from rightshift.errors import FeedError
from rightshift.feed import aliases, file, packed
from rightshift.feed.packed import Documents, Statement
from rightshift.feed.record import Record

SAMPLES = 6_000
_STAGING = """
CREATE TABLE met (id TEXT PRIMARY KEY, modified TEXT, digest BLOB) WITHOUT ROWID;
CREATE TABLE touched (
    id TEXT PRIMARY KEY, digest BLOB, standing INTEGER, aliases BLOB, packages BLOB, document BLOB
);
CREATE TABLE staged (ecosystem TEXT, name TEXT, record TEXT, statement BLOB);
CREATE TABLE dirty (ecosystem TEXT, name TEXT, PRIMARY KEY (ecosystem, name)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Built:
    """A finished file. `changed` counts records that are new or other than before, `gone` those no longer there."""

    lineage: str
    generation: int
    digest: str
    records: int
    changed: int
    gone: int


class Build:
    """
    One feed file being written; from `building`. Records come in any order and may come twice.

    The newest of several records with one id counts; of two equally new ones always the same.
    """

    def __init__(self, database: sqlite3.Connection, staging: sqlite3.Connection, generation: int) -> None:
        self._database = database
        self._staging = staging
        self.generation = generation

    def add(self, record: Record) -> bool:
        """True when the record is new, or other than what stands in the file. It has to be listed as well."""
        met = self._staging.execute("SELECT modified, digest FROM met WHERE id = ?", (record.id,)).fetchone()
        if met is not None and met >= (record.modified, record.digest):
            return False
        now = record.id, record.modified, record.digest
        self._staging.execute("INSERT OR REPLACE INTO met VALUES (?, ?, ?)", now)
        if met is not None:
            self._staging.execute("DELETE FROM staged WHERE record = ?", (record.id,))
            self._staging.execute("DELETE FROM touched WHERE id = ?", (record.id,))
        stands = self._database.execute("SELECT digest FROM advisory WHERE id = ?", (record.id,)).fetchone()
        if stands is not None and stands[0] == record.digest:
            return False
        packages = sorted({(base, name) for base, name, _ in record.statements})
        self._staging.execute(
            "INSERT INTO touched VALUES (?, ?, ?, ?, ?, ?)",
            (
                record.id,
                record.digest,
                record.standing,
                packed.encode(record.document.aliases),
                packed.encode(packages),
                record.encoded,
            ),
        )
        self._staging.executemany(
            "INSERT INTO staged VALUES (?, ?, ?, ?)",
            [(base, name, record.id, packed.encode(statement)) for base, name, statement in record.statements],
        )
        return True

    def enlist(self, part: str, rows: Iterable[tuple[str, str]]) -> None:
        """All records of one part of the upstream: (id, when it changed). What no part lists goes in the end."""
        self.unlist(part)
        self._database.executemany("INSERT OR REPLACE INTO listing VALUES (?, ?, ?)", ((part, *row) for row in rows))

    def unlist(self, part: str) -> None:
        """The upstream no longer has this part."""
        self._database.execute("DELETE FROM listing WHERE part = ?", (part,))

    def listed(self, part: str) -> dict[str, str]:
        """What was listed last for one part."""
        rows = self._database.execute("SELECT id, changed FROM listing WHERE part = ?", (part,))
        return dict(rows.fetchall())

    def parts(self) -> list[str]:
        """The parts that are listed."""
        return [part for (part,) in self._database.execute("SELECT DISTINCT part FROM listing")]

    def finish(self, built_at: str, source: str) -> Built:
        """
        What was added is put in place, and what is not listed goes. `built_at` is RFC 3339, `source` an address.

        Raises: FeedError; sqlite3.Error, OSError when the disk refuses.
        """
        database, staging = self._database, self._staging
        gone = self._goners()
        touched = {one for (one,) in staging.execute("SELECT id FROM touched")}
        if not touched and not gone and self.generation > 1:
            return self._as_before()
        if not file.dictionary(database):
            self._learn()
        self._mark(one for (one,) in database.execute("SELECT id FROM advisory") if one in touched or one in gone)
        database.executemany("DELETE FROM advisory WHERE id = ?", [(one,) for one in gone])
        database.executemany("INSERT OR REPLACE INTO gone VALUES (?, ?)", [(one, self.generation) for one in gone])
        database.executemany("DELETE FROM gone WHERE id = ?", [(one,) for one in touched])
        self._write_documents()
        self._close_aliases()
        staging.execute("INSERT OR IGNORE INTO dirty SELECT DISTINCT ecosystem, name FROM staged")
        self._write_rows(touched | gone)
        (records,) = database.execute("SELECT count(*) FROM advisory").fetchone()
        digest = file.content_digest(database)
        lineage = file.meta(database)["lineage"]
        values = {
            "generation": str(self.generation),
            "digest": digest,
            "built": built_at,
            "records": str(records),
            "source": without_secrets(source),
        }
        file.set_meta(database, values)
        return Built(lineage, self.generation, digest, records, len(touched), len(gone))

    def mark(self, values: Mapping[str, str]) -> None:
        """Writes more that the file shall say of itself."""
        file.set_meta(self._database, values)

    def _as_before(self) -> Built:
        said = file.meta(self._database)
        return Built(said.get("lineage", ""), file.generation(said), said.get("digest", ""), int(said["records"]), 0, 0)

    def _learn(self) -> None:
        """Makes the dictionary from records spread over all of them."""
        (count,) = self._staging.execute("SELECT count(*) FROM touched").fetchone()
        step = max(1, count // SAMPLES)
        rows = self._staging.execute("SELECT substr(document, 1, 4000) FROM touched WHERE rowid % ? = 0", (step,))
        learned = packed.dictionary(cell for (cell,) in rows)
        self._database.execute("INSERT OR REPLACE INTO meta VALUES ('dictionary', ?)", (learned,))

    def _goners(self) -> set[str]:
        rows = self._database.execute("SELECT id FROM advisory WHERE id NOT IN (SELECT id FROM listing)")
        return {one for (one,) in rows} - {one for (one,) in self._staging.execute("SELECT id FROM touched")}

    def _mark(self, records: Iterable[str]) -> None:
        """The rows of these records are to be written again, and carry this generation."""
        for record in records:
            row = self._database.execute("SELECT packages FROM advisory WHERE id = ?", (record,)).fetchone()
            if row is not None:
                self._staging.executemany("INSERT OR IGNORE INTO dirty VALUES (?, ?)", packed.unpack_keys(row[0]))

    def _write_documents(self) -> None:
        documents = Documents(file.dictionary(self._database))
        rows = self._staging.execute(
            "SELECT id, digest, standing, aliases, packages, document FROM touched ORDER BY id"
        )
        self._database.executemany(
            "INSERT OR REPLACE INTO advisory VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (one, digest, self.generation, standing, names, packages, documents.pack(document))
                for one, digest, standing, names, packages, document in rows
            ),
        )

    def _close_aliases(self) -> None:
        """Groups over all records that still hold; rows of records whose group changed carry this generation."""
        said = self._database.execute("SELECT id, aliases FROM advisory WHERE standing AND length(aliases) > 1")
        pairs = ((one, other) for one, cell in said for other in packed.unpack_ids(cell))
        now = {one: packed.encode(group) for group in aliases.groups(pairs) for one in group}
        before = dict(self._database.execute("SELECT id, members FROM alias"))
        if before:
            self._mark(one for one in before.keys() | now.keys() if before.get(one) != now.get(one))
            self._database.execute("DELETE FROM alias")
        self._database.executemany("INSERT INTO alias VALUES (?, ?)", sorted(now.items()))

    def _write_rows(self, changed: set[str]) -> None:
        self._staging.execute("CREATE INDEX staged_by_name ON staged (ecosystem, name)")
        rows = self._staging.execute(
            "SELECT ecosystem, name, statement FROM dirty LEFT JOIN staged USING (ecosystem, name) ORDER BY 1, 2"
        )
        written = self._rows(rows, changed if self.generation > 1 else None)
        self._database.executemany("INSERT OR REPLACE INTO package VALUES (?, ?, ?, ?)", written)

    def _rows(
        self, rows: Iterable[tuple[str, str, bytes | None]], changed: set[str] | None
    ) -> Iterator[tuple[str, str, int, bytes]]:
        """Rows of packages; `changed` are the records whose older statements no longer hold, None on an empty file."""
        for (ecosystem, name), cells in groupby(rows, key=lambda row: row[:2]):
            statements: list[Statement] = [packed.unpack_statement(cell) for _, _, cell in cells if cell is not None]
            if changed is not None:
                before = self._database.execute(
                    "SELECT statements FROM package WHERE ecosystem = ? AND name = ?", (ecosystem, name)
                ).fetchone()
                if before is not None:
                    statements += [s for s in packed.unpack_row(before[0]) if s.record not in changed]
                elif not statements:
                    continue
            yield ecosystem, name, self.generation, packed.pack_row(statements)


def without_secrets(address: str) -> str:
    """The address without user, password and query."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


@contextmanager
def building(folder: Path, new: Path, older: Path | None) -> Iterator[Build]:
    """
    A build into the file `new`, beside it in `folder` what is only needed meanwhile; on a copy of `older` if given.

    Raises: FeedError when `older` cannot be used, or the disk is full.
    """
    with file.beside(folder, "staging") as staging_path:
        try:
            database, generation = _begin(new, older)
            with closing(database), closing(sqlite3.connect(staging_path, isolation_level=None)) as staging:
                for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -32000"):
                    staging.execute("PRAGMA " + pragma).fetchall()
                staging.executescript(_STAGING)
                database.execute("BEGIN")
                staging.execute("BEGIN")
                yield Build(database, staging, generation)
                database.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise FeedError(
                f"The feed file could not be written: {error}",
                means="The feed in use stays as it was",
                do=f"See that {folder} has room",
            ) from error


def _begin(new: Path, older: Path | None) -> tuple[sqlite3.Connection, int]:
    if older is None:
        database = file.create(new)
        file.set_meta(database, {"schema": file.SCHEMA, "lineage": secrets.token_hex(16), "generation": "0"})
        return database, 1
    shutil.copyfile(older, new)
    database = file.connect(new, "rw")
    return database, file.generation(file.meta(database)) + 1
