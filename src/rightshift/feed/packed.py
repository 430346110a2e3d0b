"""What lies in the cells of the feed file: statements on a package, the rest of a record. Reading OSV: `record.py`."""

from collections.abc import Iterable

import msgspec

from rightshift.errors import FeedError
from rightshift.model.advisory import Advisory, Affected, EventKind, Range

DOCUMENT_BYTES = 4 << 20
ROW_BYTES = 64 << 20
SAMPLES_LEAST = 200
PLAIN_BYTES = 4096
"""A row up to this size is not compressed: reading it is faster, and there are many."""

IGNORED = 1
WITHDRAWN, MALICIOUS, INFORMATIONAL = 1, 2, 4

_KIND: dict[str, EventKind] = {"i": "introduced", "f": "fixed", "l": "last_affected", "m": "limit"}
LETTER = {kind: letter for letter, kind in _KIND.items()}


class Statement(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What one record says of one package in one release. An event is a letter for its kind, then its version."""

    record: str
    release: str
    flags: int
    severity: str
    ranges: tuple[tuple[str, ...], ...]
    versions: tuple[str, ...]


class Document(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One record without its id and its packages. `aliases` as the record says them, not closed."""

    aliases: tuple[str, ...]
    upstream: tuple[str, ...]
    related: tuple[str, ...]
    summary: str
    details: str
    vectors: tuple[str, ...]
    severity: str
    cwes: tuple[int, ...]
    references: tuple[tuple[str, str], ...]
    published: str
    modified: str
    withdrawn: str
    flags: int


encode = msgspec.msgpack.Encoder().encode
_statements = msgspec.msgpack.Decoder(list[Statement]).decode
_statement = msgspec.msgpack.Decoder(Statement).decode
_document = msgspec.msgpack.Decoder(Document).decode
_ids = msgspec.msgpack.Decoder(tuple[str, ...]).decode
_keys = msgspec.msgpack.Decoder(tuple[tuple[str, str], ...]).decode

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

DAMAGED = "Run `rightshift feed update --rebuild`, or import a bundle"


def damaged(what: str) -> FeedError:
    """The error for a cell that this program cannot have written."""
    return FeedError(f"The feed file is damaged: {what}", do=DAMAGED)


def pack_row(statements: list[Statement]) -> bytes:
    """The cell of one package: `statements` in the order of record, release and content; small ones plain."""
    import zstandard

    plain = encode(sorted(statements, key=msgspec.structs.astuple))
    if len(plain) <= PLAIN_BYTES:
        return b"\0" + plain
    return b"\1" + zstandard.ZstdCompressor(level=6).compress(plain)


def plain_row(cell: bytes) -> bytes:
    """The cell without its compression: the same for the same statements. Raises: FeedError."""
    if cell[:1] != b"\1":
        return cell[1:]
    import zstandard

    try:
        if not 0 <= zstandard.frame_content_size(cell[1:]) <= ROW_BYTES:
            raise damaged("a row of more bytes than allowed")
        return zstandard.ZstdDecompressor().decompress(cell[1:], max_output_size=ROW_BYTES)
    except zstandard.ZstdError as error:
        raise damaged("a row cannot be unpacked") from error


def unpack_row(cell: bytes) -> list[Statement]:
    """The statements of one package. Raises: FeedError."""
    try:
        return _statements(plain_row(cell))
    except _UNREADABLE as error:
        raise damaged("a row cannot be read") from error


def unpack_statement(cell: bytes) -> Statement:
    """One statement. Raises: FeedError."""
    try:
        return _statement(cell)
    except _UNREADABLE as error:
        raise damaged("a statement cannot be read") from error


def unpack_ids(cell: bytes) -> tuple[str, ...]:
    """A list of ids. Raises: FeedError."""
    try:
        return _ids(cell)
    except _UNREADABLE as error:
        raise damaged("a list of ids cannot be read") from error


def unpack_keys(cell: bytes) -> tuple[tuple[str, str], ...]:
    """The packages of a record: (ecosystem without release, name as compared). Raises: FeedError."""
    try:
        return _keys(cell)
    except _UNREADABLE as error:
        raise damaged("a list of packages cannot be read") from error


def affected(ecosystem: str, name: str, statement: Statement) -> Affected:
    """A statement in the words of the model; `ecosystem` without release. Raises: FeedError."""
    try:
        ranges = tuple([Range(tuple([(_KIND[e[0]], e[1:]) for e in events])) for events in statement.ranges])
    except (KeyError, IndexError) as error:
        raise damaged("a range cannot be read") from error
    return Affected(
        statement.record,
        f"{ecosystem}:{statement.release}" if statement.release else ecosystem,
        name,
        ranges,
        statement.versions,
        bool(statement.flags & IGNORED),
        statement.severity,
    )


class Documents:
    """Packs and unpacks documents with one dictionary, which the file carries; empty for none."""

    def __init__(self, dictionary: bytes) -> None:
        import zstandard

        known = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
        self._pack = zstandard.ZstdCompressor(level=6, dict_data=known, write_content_size=True)
        self._unpack = zstandard.ZstdDecompressor(dict_data=known)

    def pack(self, plain: bytes) -> bytes:
        """`plain` is an encoded `Document`."""
        return self._pack.compress(plain)

    def plain(self, cell: bytes) -> bytes:
        """The encoded document. Raises: FeedError."""
        import zstandard

        try:
            if not 0 <= zstandard.frame_content_size(cell) <= DOCUMENT_BYTES:
                raise damaged("a document of more bytes than allowed")
            return self._unpack.decompress(cell, max_output_size=DOCUMENT_BYTES)
        except zstandard.ZstdError as error:
            raise damaged("a document cannot be unpacked") from error

    def read(self, cell: bytes) -> Document:
        """The document. Raises: FeedError."""
        try:
            return _document(self.plain(cell))
        except _UNREADABLE as error:
            raise damaged("a document cannot be read") from error


def advisory(record: str, document: Document, aliases: tuple[str, ...]) -> Advisory:
    """A document in the words of the model; `aliases` are the closed ones, without its own id."""
    return Advisory(
        id=record,
        aliases=aliases,
        upstream=document.upstream,
        related=document.related,
        summary=document.summary,
        vectors=document.vectors,
        severity=document.severity,
        cwes=document.cwes,
        references=document.references,
        published=document.published,
        modified=document.modified,
        withdrawn=bool(document.withdrawn),
        malicious=bool(document.flags & MALICIOUS),
        informational=bool(document.flags & INFORMATIONAL),
    )


def dictionary(samples: Iterable[bytes]) -> bytes:
    """A dictionary for documents like these; empty when there are too few to learn from."""
    import zstandard

    enough: list[bytes | bytearray | memoryview[int]] = list(samples)
    if len(enough) < SAMPLES_LEAST:
        return b""
    try:
        return zstandard.train_dictionary(64 << 10, enough).as_bytes()
    except zstandard.ZstdError:  # too little in them that repeats
        return b""
