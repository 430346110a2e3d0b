"""The feed, open for reading: what stands in it for a name, and what it knows of a record. Judging: `matches.py`."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from rightshift.errors import FeedError
from rightshift.feed import file, joins, packed, threat
from rightshift.feed.names import normal, split
from rightshift.feed.packed import Document, Documents, Statement
from rightshift.model.advisory import Advisory, Affected, Epss, Kev


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a feed says of itself. Times are RFC 3339, days ISO 8601; empty where unknown."""

    lineage: str
    generation: int
    digest: str
    built: str
    source: str
    records: int
    starter: bool
    kev: str
    epss_model: str
    epss_day: str


class Feed:
    """
    One generation of the feed, for as long as this is open: a newer file that takes its place changes nothing here.

    Not for several threads at once. Every call may raise FeedError when the file turns out to be damaged.
    """

    def __init__(self, records: sqlite3.Connection, threats: sqlite3.Connection | None) -> None:
        self._records = records
        self._threats = threats
        self._said = file.meta(records)
        self._scored = "", ""
        self._kev: dict[str, Kev] | None = None
        self._documents: Documents | None = None
        self._known: dict[str, Document | None] = {}
        self._groups: dict[str, tuple[str, ...]] = {}
        self.generation = file.generation(self._said)
        self.lineage = self._said.get("lineage", "")

    @classmethod
    def open(cls, folder: Path) -> Self:
        """
        The feed in a folder.

        Raises: FeedError when there is none or it cannot be read.
        """
        if not (folder / file.FEED).exists():
            raise FeedError("There is no feed yet", do="Run `rightshift feed update`, or import a bundle")
        with ExitStack() as opened:
            records = opened.enter_context(closing(file.connect(folder / file.FEED)))
            threats = None
            if (folder / file.THREAT).exists():
                threats = opened.enter_context(closing(file.connect(folder / file.THREAT)))
            feed = cls(records, threats)
            opened.pop_all()
        return feed

    def close(self) -> None:
        """Lets go of the files."""
        self._records.close()
        if self._threats is not None:
            self._threats.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def status(self) -> Status:
        """What the two files say of themselves."""
        said = file.meta(self._threats) if self._threats is not None else {}
        records = self._said.get("records", "")
        return Status(
            lineage=self.lineage,
            generation=self.generation,
            digest=self._said.get("digest", ""),
            built=self._said.get("built", ""),
            source=self._said.get("source", ""),
            records=int(records) if records.isdecimal() else 0,
            starter=self._said.get("starter", "") == "yes",
            kev=said.get("kev", ""),
            epss_model=said.get("epss_model", ""),
            epss_day=said.get("epss_day", ""),
        )

    def statements(self, base: str, name: str) -> list[Statement]:
        """What stands under a name as it is compared, in an ecosystem without release, all releases together."""
        cell = self._cell("SELECT statements FROM package WHERE ecosystem = ? AND name = ?", base, name)
        return packed.unpack_row(cell) if cell else []

    def affected(self, ecosystem: str, names: Iterable[str]) -> dict[str, tuple[Affected, ...]]:
        """What the records say of each name, in OSV's words: `Debian:12` for one release, `Debian` for all."""
        base, release = split(ecosystem)
        found = {}
        for name in names:
            statements = self.statements(base, normal(base, name))
            holding = [s for s in statements if not release or s.release == release]
            if holding:
                found[name] = tuple([packed.affected(base, name, statement) for statement in holding])
        return found

    def has(self, base: str) -> bool:
        """Whether any package of the ecosystem (without release) stands in the feed."""
        return _one(self._records, "SELECT 1 FROM package WHERE ecosystem = ? LIMIT 1", base) is not None

    def document(self, record: str) -> Document | None:
        """What a record says beside its packages; None when the feed does not have it."""
        if record not in self._known:
            cell = self._cell("SELECT document FROM advisory WHERE id = ?", record)
            self._known[record] = self._reading().read(cell) if cell else None
        return self._known[record]

    def among(self, records: Sequence[str]) -> list[str]:
        """Those of a few ids that are records; asks once for all."""
        unknown = [record for record in records if record not in self._known]
        if unknown:
            marks = ",".join("?" * len(unknown))
            question = f"SELECT id, document FROM advisory WHERE id IN ({marks})"  # noqa: S608
            try:
                rows = self._records.execute(question, unknown).fetchall()
            except file.UNREADABLE as error:
                raise packed.damaged("it cannot be read") from error
            self._known.update(dict.fromkeys(unknown))
            self._known.update({record: self._reading().read(cell) for record, cell in rows})
        return [record for record in records if self._known[record] is not None]

    def members(self, record: str) -> tuple[str, ...]:
        """All ids of its alias group, itself among them; empty when it stands alone."""
        if record not in self._groups:
            cell = self._cell("SELECT members FROM alias WHERE id = ?", record)
            self._groups[record] = packed.unpack_ids(cell) if cell else ()
        return self._groups[record]

    def advisory(self, record: str) -> Advisory | None:
        """A record in the words of the model, its aliases closed; None when the feed does not have it."""
        document = self.document(record)
        if document is None:
            return None
        return packed.advisory(record, document, tuple(one for one in self.members(record) if one != record))

    def reached(self, record: str) -> frozenset[str]:
        """All ids that the record is about: see `joins.reached`."""
        return joins.reached(record, self.document, self.members)

    def packages(self, record: str) -> tuple[tuple[str, str], ...]:
        """The packages that a record names: (ecosystem without release, name as compared)."""
        cell = self._cell("SELECT packages FROM advisory WHERE id = ?", record)
        return packed.unpack_keys(cell) if cell else ()

    def threats(self, ids: Iterable[str]) -> Iterator[tuple[str, Kev | None, Epss | None]]:
        """(CVE, entry in KEV, EPSS) for those of the ids that stand in either."""
        if self._threats is None:
            return
        if self._kev is None:
            said = file.meta(self._threats)
            self._scored = said.get("epss_model", ""), said.get("epss_day", "")
            self._kev = threat.entries(self._threats)
        for cve in filter(joins.is_cve, ids):
            row = _one(self._threats, "SELECT probability FROM epss WHERE cve = ?", cve)
            kev = self._kev.get(cve)
            if row or kev:
                yield cve, kev, Epss(_number(row, 0), *self._scored) if row else None

    def history(self, base: str, name: str) -> tuple[int, int]:
        """How many CVEs are known of a package, and how many of those stand in KEV."""
        if self._threats is None:
            return 0, 0
        question = "SELECT known, exploited FROM history WHERE ecosystem = ? AND name = ?"
        row = _one(self._threats, question, base, name)
        return (int(_number(row, 0)), int(_number(row, 1))) if row else (0, 0)

    def changed_since(self, generation: int) -> Iterator[tuple[str, str]]:
        """Packages, (ecosystem without release, name as compared), whose matches may differ from that generation's."""
        try:
            yield from self._records.execute("SELECT ecosystem, name FROM package WHERE generation > ?", (generation,))
        except file.UNREADABLE as error:
            raise packed.damaged("it cannot be read") from error

    def records_since(self, generation: int) -> Iterator[str]:
        """
        Records that are new, other or gone since that generation. Also packages that they don't name are judged by
        them, through their aliases.
        """
        question = "SELECT id FROM advisory WHERE generation > ? UNION SELECT id FROM gone WHERE generation > ?"
        try:
            for (record,) in self._records.execute(question, (generation, generation)):
                yield record
        except file.UNREADABLE as error:
            raise packed.damaged("it cannot be read") from error

    def _reading(self) -> Documents:
        if self._documents is None:
            try:
                self._documents = Documents(file.dictionary(self._records))
            except file.UNREADABLE as error:
                raise packed.damaged("it cannot be read") from error
        return self._documents

    def _cell(self, question: str, *values: str) -> bytes | None:
        row = _one(self._records, question, *values)
        if row is None:
            return None
        if not isinstance(row[0], bytes):
            raise packed.damaged("a cell of another kind than was written")
        return row[0]


def _one(database: sqlite3.Connection, question: str, *values: str) -> tuple[object, ...] | None:
    try:
        row: tuple[object, ...] | None = database.execute(question, values).fetchone()
    except file.UNREADABLE as error:
        raise packed.damaged("it cannot be read") from error
    return row


def _number(row: tuple[object, ...], at: int) -> float:
    value = row[at]
    if not isinstance(value, int | float):
        raise packed.damaged("a cell of another kind than was written")
    return value
