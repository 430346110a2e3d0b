"""The facts document: what one reporter saw in one window, as it travels. Assets by kind: `assets.py`."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Raw, Struct
from msgspec.structs import replace

from rightshift.documents import lift, strict, text
from rightshift.documents.assets import AnyAsset, Asset, Count, Key, Line, Ms, Ref, Text
from rightshift.documents.seen import Connection, End, File, Listener, Relation, Use
from rightshift.errors import Malformed
from rightshift.model import observation, relation
from rightshift.model.asset import KINDS

LIMIT_BYTES = 32 << 20
"""Of an encoded document. A host with 18,000 processes, 9,000 containers and 54,000 connections needs 27 MiB."""

LIMIT_COMMAS = 1_500_000
"""Of an encoded document, which bounds what reading takes: 360 MB for the worst bytes, 90 for the host above."""

_Many = Meta(max_length=200_000)
_MANY_WORDS = 100


class Tool(Struct, frozen=True):
    """What made the document."""

    name: Text
    version: Text


class Probe(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """
    One way of looking, and how complete it was in this window.

    A probe that isn't listed was not there. What a probe doesn't show is unknown, never "no".
    """

    name: Annotated[Text, Meta(description="`processes`, `flows`, `listeners`, `files`, `containers`, …")]
    state: observation.Completeness
    method: Annotated[Text, Meta(description="`syscall tracepoint`, `sock_diag`, …")] = ""
    why: Annotated[Line, Meta(description="Why it is off, or no more than sampled")] = ""
    since_ms: Annotated[Ms, Meta(description="In this state without a break since")] = 0
    lost: Annotated[Count, Meta(description="Events that were lost in this window")] = 0


class Dropped(Struct, frozen=True, gc=False, kw_only=True):
    """What the spool had to throw away since the last document that it delivered."""

    what: Annotated[Text, Meta(description="`documents`, or the list that the items stood in")]
    count: Count


class Gap(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """
    What could not be read. A full document sweeps nothing of these kinds below that place.

    No `kinds` are all of them, no `below` is everywhere.
    """

    what: Line
    reason: Line
    kinds: Annotated[tuple[Text, ...], Meta(max_length=100, description="Kinds of assets")] = ()
    below: Ref | None = None


class FactsDocument(Struct, frozen=True, kw_only=True):
    """
    What one reporter saw from `from_ms` to `to_ms`.

    `full` holds all that there is: assets, relations and listeners that its reporter told of before and that aren't in
    it are swept, except where a gap says otherwise. `delta` holds what is new or changed, and ends what it names.
    Connections and uses are never swept: they age. (`reporter`, `epoch`, `sequence`) stands for one document: twice
    the same counts once, and a number left out asks for a full one.
    """

    schema: Literal["rightshift/facts/1"] = "rightshift/facts/1"
    reporter: Annotated[
        Key, Meta(description="Whose facts these are: of a sensor its host's key. The credential must be its own")
    ]
    epoch: Annotated[Key, Meta(description="Of the run of the reporter in which `sequence` counts")]
    sequence: Annotated[int, Meta(ge=0, le=1 << 53, description="Counts by one in an epoch")]
    kind: Literal["full", "delta"]
    tool: Tool
    boot: Annotated[Text, Meta(description="Boot id of the host whose processes these are; else empty")] = ""
    clock_ms: Annotated[Ms, Meta(description="The reporter's clock when it made this")]
    from_ms: Ms
    to_ms: Ms
    probes: Annotated[tuple[Probe, ...], Meta(max_length=100)] = ()
    dropped: Annotated[tuple[Dropped, ...], Meta(max_length=100)] = ()
    gaps: Annotated[tuple[Gap, ...], Meta(max_length=10_000)] = ()
    assets: Annotated[tuple[AnyAsset, ...], _Many] = ()
    relations: Annotated[tuple[Relation, ...], _Many] = ()
    listeners: Annotated[tuple[Listener, ...], _Many] = ()
    connections: Annotated[tuple[Connection, ...], _Many] = ()
    files: Annotated[tuple[File, ...], _Many] = ()
    uses: Annotated[tuple[Use, ...], _Many] = ()
    ends: Annotated[tuple[End, ...], _Many] = ()


class MalformedFactsDocument(Malformed):
    """Not a facts document, or one beyond the limits."""


def encode(document: FactsDocument, *, indent: int = 0) -> bytes:
    """
    UTF-8 JSON; `indent` in spaces, 0 for one line. The same document gives the same bytes.

    Text that UTF-8 or a database can't hold is made visible; it isn't cut: whoever reports keeps to the limits.
    """
    content = text.encode(document)
    if rb"\u0000" in content:
        content = text.encode(_without_nul(msgspec.json.decode(content)))
    return msgspec.json.format(content, indent=indent) if indent else content


def _without_nul(value: object) -> object:
    """Keys that become the same are one, so that nothing stands twice."""
    match value:
        case str():
            return value.replace("\0", "\\x00")
        case dict():
            return {_without_nul(key): _without_nul(one) for key, one in value.items()}
        case list():
            return [_without_nul(one) for one in value]
        case _:
            return value


_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""An escaped NUL, which PostgreSQL takes nowhere; after an odd number of backslashes it is other text."""


def decode(content: bytes) -> FactsDocument:
    """
    A document of this or an older schema.

    Fields that this version doesn't know are passed over, since a sensor may be newer than its console. So are items of
    a kind that it doesn't know, and then a gap says how many. References, addresses and places are checked, and
    nothing stands twice; whether an asset that is referred to is there is not looked at.

    Raises: MalformedFactsDocument; lift.UnknownSchema.
    """
    if len(content) > LIMIT_BYTES:
        raise MalformedFactsDocument(f"a document of {len(content)} bytes is over the limit of {LIMIT_BYTES}")
    if content.count(b",") > LIMIT_COMMAS:
        raise MalformedFactsDocument(f"a document of more than {LIMIT_COMMAS} fields and items is over the limit")
    try:
        document, gaps = _read(content)
        if gaps or text.encode(document) != content:
            # what differs from our own writing may lack its schema or hold a key twice
            lift.lift(content, "facts")
            strict.check(content)
        if rb"\u0000" in content and _NUL.search(content):
            raise MalformedFactsDocument("not a facts document: there is a NUL in its text")
    except (msgspec.DecodeError, UnicodeError, RecursionError, strict.NotStrict) as error:
        raise MalformedFactsDocument(f"not a facts document: {error}") from error
    if wrong := next(_wrong(document), None):
        raise MalformedFactsDocument(f"not a facts document: {wrong}")
    return _without_strangers(document)


_DECODER = msgspec.json.Decoder(FactsDocument)


def _read(content: bytes) -> tuple[FactsDocument, list[Gap]]:
    try:
        return _DECODER.decode(content), []
    except msgspec.ValidationError:
        known, gaps = _without_newer(lift.lift(content, "facts"))
        document = _DECODER.decode(known)
        return replace(document, gaps=(*document.gaps, *gaps)), gaps


ASSET_STRUCTS: tuple[type[Asset], ...] = get_args(AnyAsset)


class _Words(Struct):
    """The words of an item that a newer version may have more of."""

    kind: str = ""
    protocol: str | None = None
    direction: str = ""
    how: str = ""
    level: str = ""


_HOW = frozenset(get_args(relation.How))
_PROTOCOLS = frozenset({*get_args(relation.Protocol), None})
_KNOWN: dict[str, dict[str, frozenset[str | None]]] = {
    "assets": {"kind": frozenset(str(one.__struct_config__.tag) for one in ASSET_STRUCTS)},
    "relations": {"kind": frozenset(get_args(relation.Structure)), "how": _HOW, "protocol": _PROTOCOLS},
    "listeners": {"how": _HOW, "protocol": _PROTOCOLS},
    "connections": {"how": _HOW, "protocol": _PROTOCOLS, "direction": frozenset(get_args(relation.Direction))},
    "uses": {"level": frozenset(get_args(observation.Seen)), "how": frozenset(get_args(observation.Method))},
}
"""By list, the fields whose words are closed, and their words."""

_Items = Annotated[list[Raw], _Many]
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,63}").fullmatch


def _without_newer(content: bytes) -> tuple[bytes, list[Gap]]:
    """The document without the items whose words are unknown, and a gap for each such word."""
    parts = msgspec.json.decode(content, type=dict[str, Raw])
    passed: Counter[tuple[str, str]] = Counter()
    for name in _KNOWN.keys() & parts.keys():
        kept = []
        for item in msgspec.json.decode(parts[name], type=_Items):
            words = msgspec.json.decode(item, type=_Words)
            newer = [word for key, known in _KNOWN[name].items() if (word := getattr(words, key)) not in known]
            if newer and _WORD(newer[0]):
                passed[name, newer[0]] += 1
            else:
                kept.append(item)
        parts[name] = Raw(msgspec.json.encode(kept))
    return msgspec.json.encode(parts), _passed_over(passed, frozenset({"relations", "listeners"}))


def _passed_over(passed: Counter[tuple[str, str]], of_all: frozenset[str] = frozenset()) -> list[Gap]:
    """A gap for each word; of the lists `of_all` it is one of all kinds, so that nothing counts as gone."""
    if len(passed) > _MANY_WORDS:
        raise MalformedFactsDocument(f"not a facts document: more than {_MANY_WORDS} unknown words")
    return [
        Gap(
            what=f"{count} of the {name} were passed over",
            reason=f"this version doesn't know the word {word}",
            kinds=() if name in of_all else (word,),
        )
        for (name, word), count in sorted(passed.items())
    ]


def _without_strangers(document: FactsDocument) -> FactsDocument:
    """The document without what refers to assets of unknown kinds, and a gap for each such kind."""
    refs = set(_refs(document))
    strange = {ref for ref in refs if ref.partition(":")[0] not in KINDS}
    if wrong := next((ref for ref in refs if not _REF(ref)), None):
        raise MalformedFactsDocument(f"not a facts document: {wrong[:80]!a} is no reference")
    if not strange:
        return document
    passed: Counter[tuple[str, str]] = Counter()

    def known(name: str, *refs: str | None) -> bool:
        for ref in refs:
            if ref in strange:
                passed[name, str(ref).partition(":")[0]] += 1
                return False
        return True

    return replace(
        document,
        assets=tuple(
            one if known("parents of assets", one.parent) else replace(one, parent=None) for one in document.assets
        ),
        relations=tuple(one for one in document.relations if known("relations", one.from_, one.to)),
        listeners=tuple(one for one in document.listeners if known("listeners", one.of)),
        connections=tuple(one for one in document.connections if known("connections", one.of)),
        uses=tuple(one for one in document.uses if known("uses", one.of)),
        ends=tuple(one for one in document.ends if known("ends", one.asset)),
        gaps=(*document.gaps, *_passed_over(passed)),
    )


_REF = re.compile(r"[a-z][a-z0-9-]{0,31}:.+", re.DOTALL).fullmatch


def _refs(document: FactsDocument) -> Iterator[str]:
    """Every reference to an asset."""
    yield from (one.parent for one in document.assets if one.parent is not None)
    yield from (one.below for one in document.gaps if one.below is not None)
    for one in document.relations:
        yield one.from_
        yield one.to
    yield from (one.of for one in document.listeners)
    yield from (one.of for one in document.connections)
    yield from (one.of for one in document.uses)
    yield from (one.asset for one in document.ends)


def _wrong(document: FactsDocument) -> Iterator[str]:
    """What is wrong with a document of the right shape, in words."""
    if document.from_ms > document.to_ms:
        yield "its window ends before it begins"
    addresses = {one.address for one in document.listeners}
    for connection in document.connections:
        addresses.update((connection.local, connection.remote))
        if connection.real is not None:
            addresses.add(connection.real)
    for asset in document.assets:
        addresses.update(getattr(asset, "addresses", ()), getattr(asset, "public_addresses", ()))
    for address in addresses:
        if not _is_address(address):
            yield f"{address!a} is no address"
    places = len(document.files)
    if any(max(use.files, default=-1) >= places for use in document.uses):
        yield "a use names a file that is not listed"
    if any(file.inode >> 64 or file.device >> 64 for file in document.files):
        yield "a device or inode has more than 64 bits"
    for name, identities in (
        ("asset", [one.id for one in document.assets]),
        ("relation", [one.identity for one in document.relations]),
        ("listener", [one.identity for one in document.listeners]),
        ("connection", [one.identity for one in document.connections]),
    ):
        if len(set(identities)) < len(identities):
            yield f"the same {name} stands there twice"


@lru_cache(maxsize=1 << 14)
def _is_address(text: str) -> bool:
    try:
        return ip_address(text) is not None and "%" not in text
    except ValueError:
        return False


def schema() -> dict[str, Any]:
    """The JSON Schema that is published beside this file."""
    made = msgspec.json.schema(FactsDocument)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "The facts document", **made}
