"""One OSV record: bytes in, what the feed keeps of it out. How that lies in a file: `packed.py`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from rightshift.errors import Malformed
from rightshift.feed.names import normal, split
from rightshift.feed.packed import IGNORED, INFORMATIONAL, LETTER, MALICIOUS, WITHDRAWN, Document, Statement, encode

RECORD_BYTES = 32 << 20
"""Kernel records with thousands of versions reach some megabytes."""
AFFECTED, VERSIONS, EVENTS, IDS, REFERENCES = 20_000, 500_000, 10_000, 5_000, 300
ID_CHARS, NAME_CHARS, VERSION_CHARS, SUMMARY_CHARS, DETAILS_CHARS, ADDRESS_CHARS = 200, 1_000, 300, 1_000, 12_000, 2_000

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~+-]*")
_CWE = re.compile(r"CWE-(\d{1,5})")
_NOTICE = re.compile(r"(?:AL|RL|RX|RH|EL|OL)(?:BA|EA)-")
"""Errata of Red Hat's family that fix bugs or bring features."""
_NOT_FIXED = frozenset({"unimportant", "end-of-life", "ignored", "wontfix", "will not fix", "negligible"})
_COMPARED = frozenset({"ECOSYSTEM", "SEMVER"})
_WORDS = frozenset({"critical", "high", "important", "moderate", "medium", "low", "negligible", "none", "unimportant"})


class MalformedRecord(Malformed):
    """Not JSON, not an OSV record, or larger than a record may be."""


class _Package(msgspec.Struct, gc=False):
    ecosystem: str | None = None
    name: str | None = None


class _Event(msgspec.Struct, gc=False):
    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    limit: str | None = None


class _Range(msgspec.Struct):
    type: str = ""
    events: list[_Event] | None = None


class _Severity(msgspec.Struct, gc=False):
    type: str = ""
    score: str = ""


class _Reference(msgspec.Struct, gc=False):
    type: str = ""
    url: str = ""


class _Affected(msgspec.Struct):
    package: _Package | None = None
    ranges: list[_Range] | None = None
    versions: list[str] | None = None
    severity: list[_Severity] | None = None
    ecosystem_specific: object = None
    database_specific: object = None


class _Osv(msgspec.Struct):
    id: str
    modified: str = ""
    published: str | None = None
    withdrawn: str | None = None
    aliases: list[str] | None = None
    upstream: list[str] | None = None
    related: list[str] | None = None
    summary: str | None = None
    details: str | None = None
    severity: list[_Severity] | None = None
    affected: list[_Affected] | None = None
    references: list[_Reference] | None = None
    database_specific: object = None


_decode = msgspec.json.Decoder(_Osv).decode


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of one record. `statements` lie under (ecosystem without release, name as compared)."""

    id: str
    modified: str
    document: Document
    encoded: bytes
    """`document`, packed."""
    statements: tuple[tuple[str, str, Statement], ...]
    digest: bytes

    @property
    def standing(self) -> int:
        """2 when it can match, 1 when it names nothing to compare or is a notice, 0 when it is withdrawn."""
        return 2 if self.statements else 0 if self.document.withdrawn else 1


def read(content: bytes) -> Record:
    """
    One record. What cannot match (withdrawn, notices, commits) has a document and no statements.

    Raises: MalformedRecord.
    Source: Open Source Vulnerability format 1.7, "JSON Schema" and its fields' descriptions.
    """
    if len(content) > RECORD_BYTES:
        raise MalformedRecord(f"larger than {RECORD_BYTES >> 20} MB")
    try:
        osv = _decode(content)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedRecord(str(error)) from error
    if len(osv.id) > ID_CHARS or not _ID.fullmatch(osv.id):
        raise MalformedRecord("an id that is none")
    flags = _flags(osv)
    document = _document(osv, flags)
    statements = () if flags & (WITHDRAWN | INFORMATIONAL) else tuple(_statements(osv))
    encoded = encode(document)
    digest = blake2b(encoded, digest_size=16, person=b"rightshift")
    digest.update(encode((osv.id, sorted((b, n, msgspec.structs.astuple(s)) for b, n, s in statements))))
    return Record(osv.id, document.modified, document, encoded, statements, digest.digest())


def _flags(osv: _Osv) -> int:
    affected = osv.affected or []
    notices = [bool(_text(a.database_specific, "informational")) for a in affected]
    categories = [c for a in affected for c in _list(a.database_specific, "categories")]
    flags = WITHDRAWN if osv.withdrawn else 0
    if osv.id.startswith("MAL-") or "malicious" in categories:
        flags |= MALICIOUS
    if _NOTICE.match(osv.id) or _text(osv.database_specific, "informational") or (notices and all(notices)):
        flags |= INFORMATIONAL
    return flags


def _document(osv: _Osv, flags: int) -> Document:
    return Document(
        _id_list(osv.aliases, osv.id),
        _id_list(osv.upstream, osv.id),
        _id_list(osv.related, osv.id),
        (osv.summary or "")[:SUMMARY_CHARS],
        (osv.details or "")[:DETAILS_CHARS],
        _vectors(osv),
        _word(osv.database_specific) or next(filter(None, map(_package_word, osv.affected or [])), ""),
        _cwes(osv),
        tuple([(r.type[:20], r.url) for r in (osv.references or [])[:REFERENCES] if len(r.url) <= ADDRESS_CHARS]),
        (osv.published or "")[:40],
        osv.modified[:40],
        (osv.withdrawn or "")[:40],
        flags,
    )


def _statements(osv: _Osv) -> Iterator[tuple[str, str, Statement]]:
    """
    Statements that compare versions. Raises: MalformedRecord.
    """
    affected = osv.affected or []
    if len(affected) > AFFECTED or sum(len(a.versions or ()) for a in affected) > VERSIONS:
        raise MalformedRecord("more packages or versions than a record may name")
    for one in affected:
        package = one.package
        if package is None or not package.ecosystem or not package.name:
            continue
        if _text(one.database_specific, "informational"):
            continue
        if len(package.name) > NAME_CHARS or len(package.ecosystem) > NAME_CHARS:
            raise MalformedRecord("a package name that is too long")
        ranges = tuple([_events(r.events) for r in one.ranges or () if r.type in _COMPARED and r.events])
        versions = tuple([version for version in one.versions or () if version and len(version) <= VERSION_CHARS])
        if not ranges and not versions:
            continue
        base, release = split(package.ecosystem)
        urgency = _text(one.ecosystem_specific, "urgency").lower()
        flags = IGNORED if urgency in _NOT_FIXED else 0
        severity = _package_word(one) or (urgency if urgency in _WORDS else "")
        yield base, normal(base, package.name), Statement(osv.id, release, flags, severity, ranges, versions)


def _events(events: Iterable[_Event]) -> tuple[str, ...]:
    found = []
    for event in events:
        for kind, letter in LETTER.items():
            version = getattr(event, kind)
            if version is not None:
                found.append(letter + version)
    if len(found) > EVENTS or any(len(version) > VERSION_CHARS for version in found):
        raise MalformedRecord("a range with too many or too long events")
    return tuple(found)


def _id_list(ids: Iterable[str] | None, own: str) -> tuple[str, ...]:
    """Sorted, each once, without the record's own."""
    return tuple(sorted({i for i in ids or () if i != own and len(i) <= ID_CHARS and _ID.fullmatch(i)})[:IDS])


def _vectors(osv: _Osv) -> tuple[str, ...]:
    """The record's own; where it has none, those of its packages."""
    own = [s.score for s in osv.severity or () if s.type.startswith("CVSS")]
    if not own:
        for one in osv.affected or ():
            own += [s.score for s in one.severity or () if s.type.startswith("CVSS")]
            own.append(_text(one.database_specific, "cvss"))
    return tuple(dict.fromkeys(vector for vector in own if vector and len(vector) <= NAME_CHARS))[:20]


def _word(specific: object) -> str:
    word = _text(specific, "severity").lower()
    return word if word in _WORDS else ""


def _package_word(one: _Affected) -> str:
    """What the database or the distribution says of this package, not as a vector."""
    words = [s.score.lower() for s in one.severity or () if not s.type.startswith("CVSS")]
    named = next((word for word in words if word in _WORDS), "")
    return named or _word(one.database_specific) or _word(one.ecosystem_specific)


def _cwes(osv: _Osv) -> tuple[int, ...]:
    named: list[object] = [*_list(osv.database_specific, "cwe_ids"), *_list(osv.database_specific, "cwe")]
    for one in osv.affected or ():
        named += [_text(cwe, "cweId") for cwe in _list(one.database_specific, "cwes")]
    found = [_CWE.fullmatch(cwe) for cwe in named if isinstance(cwe, str)]
    return tuple(sorted({int(match[1]) for match in found if match}))[:50]


def _text(specific: object, key: str) -> str:
    value = specific.get(key) if isinstance(specific, dict) else None
    return value if isinstance(value, str) else ""


def _list(specific: object, key: str) -> list[object]:
    value = specific.get(key) if isinstance(specific, dict) else None
    return value if isinstance(value, list) else []
