"""A facts document in: whose it is, whether it is the next one, kept as it was seen. Its words: `documents/facts`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
import psycopg
from msgspec import Raw, Struct
from msgspec.structs import replace

from rightshift.console.store.facts import seen as store
from rightshift.console.store.facts.seen import (
    AssetRow,
    ConnectionRow,
    EndRow,
    Id,
    ListenerRow,
    Place,
    RelationRow,
    Rows,
    Sweep,
    UseRow,
    Window,
)
from rightshift.console.store.pool import Connection
from rightshift.documents import facts as documents
from rightshift.documents.assets import Asset
from rightshift.documents.facts import FactsDocument, Gap
from rightshift.errors import Malformed
from rightshift.model.asset import KINDS

PATH_BYTES = 1_500
"""Of a file that is kept: what is unique in the database is so within a third of a page."""
_KINDS: frozenset[str] = frozenset(KINDS)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RefusedFacts(Malformed):
    """A document that can't be kept as it is, and why."""


class NotTheirs(Exception):
    """Somebody told of what is not theirs to tell of."""


class Answer(Struct, frozen=True, kw_only=True):
    """`taken` is false for a document that was here before; `want` is `full` where something is missing."""

    taken: bool
    want: Literal["full"] | None = None
    instructions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is kept of a document. `hosts` are keys of all hosts that it speaks of."""

    reporter: str
    hosts: frozenset[str]
    window: Window
    rows: Rows


def decode(content: bytes) -> FactsDocument:
    """Raises: MalformedFactsDocument; lift.UnknownSchema."""
    return documents.decode(content)


def prepare(document: FactsDocument, now: datetime) -> Prepared:
    """What is kept of a document; the part of the work that needs no database."""
    names = _Names(f"{document.reporter}/{document.boot}/")
    times = _Times(document, now)
    short = {at for at, file in enumerate(document.files) if len(file.path.encode()) <= PATH_BYTES}
    gaps = document.gaps
    if lost := len(document.files) - len(short):
        gaps = (*gaps, Gap(what=f"{lost} files were passed over", reason="their paths are too long to be kept"))
    rows = Rows(
        assets=tuple(_asset(one, names) for one in document.assets),
        relations=tuple(_relations(document, names, times)),
        listeners=tuple(_listeners(document, names, times)),
        connections=tuple(_connections(document, names, times)),
        uses=tuple(_uses(document, names, times, short)),
        ends=tuple(EndRow(*names.id(one.asset), times.at(one.at_ms)) for one in document.ends),
    )
    window = Window(
        epoch=document.epoch,
        sequence=document.sequence,
        full=document.kind == "full",
        boot=document.boot,
        skew_ms=document.clock_ms - times.now_ms,
        from_ms=document.from_ms,
        to_ms=document.to_ms,
        seen=times.window_end,
        probes=_json(document.probes),
        gaps=_json(gaps),
        dropped=min(sum(one.count for one in document.dropped), store.MOST),
        lost=min(sum(one.lost for one in document.probes), store.MOST),
        program=f"{document.tool.name} {document.tool.version}",
        sweep=_sweep(document.gaps, names) if document.kind == "full" else None,
    )
    return Prepared(reporter=document.reporter, hosts=frozenset(_hosts(rows)), window=window, rows=rows)


async def keep(connection: Connection, reporter: int, prepared: Prepared, now: datetime) -> Answer:
    """
    Takes a document once; when it returns, what was told is kept for good.

    The next one of an epoch, or the first of a new epoch, is taken; one that came before, or of an epoch that is over,
    changes nothing. Raises: NotTheirs; RefusedFacts, and then nothing was kept.
    """
    window = prepared.window
    try:
        async with connection.transaction():
            before = await store.reporter(connection, reporter)
            if before is None or before.key != prepared.reporter:
                raise NotTheirs("the document is of another reporter")
            if before.kind == "sensor" and prepared.hosts - {before.key}:
                raise NotTheirs("the document tells of another host")
            same = before.epoch == window.epoch
            if (same and window.sequence <= before.sequence) or (
                not same and await store.is_over(connection, reporter, window.epoch)
            ):
                return _answer(taken=False, wants_full=before.wants_full)
            follows = same and window.sequence == before.sequence + 1
            wants_full = not window.full and (before.wants_full or not follows)
            await store.put(connection, before, window, prepared.rows, now, wants_full=wants_full)
    except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded, psycopg.IntegrityError) as error:
        raise RefusedFacts("something in it is too long or too large to be kept") from error
    return _answer(taken=True, wants_full=wants_full)


def _answer(*, taken: bool, wants_full: bool) -> Answer:
    return Answer(taken=taken, want="full" if wants_full else None)


@dataclass(frozen=True, slots=True)
class _Names:
    """Processes are numbered anew at each boot of each host, so their keys get both in front."""

    boot: str

    def key(self, kind: str, key: str) -> str:
        return self.boot + key if kind == "process" and key else key

    def id(self, ref: str) -> Id:
        kind, _, key = ref.partition(":")
        return kind, self.key(kind, key)


class _Times:
    """
    Of the reporter's clock. One that is ahead of ours is set back, as nothing can be seen before it happens; one that
    is behind can't be told from a document that lay in a spool.
    """

    def __init__(self, document: FactsDocument, now: datetime) -> None:
        self.now_ms = (now - _EPOCH) // timedelta(milliseconds=1)
        self._ahead_ms = max(0, document.clock_ms - self.now_ms)
        self._end_ms = document.to_ms
        self.window_end = self.at(document.to_ms)

    def at(self, ms: int) -> datetime:
        """0 is unknown, which counts as the end of the window."""
        ms = (ms or self._end_ms) - self._ahead_ms
        return _EPOCH + timedelta(milliseconds=max(0, min(ms, self.now_ms)))

    def ended(self, ms: int) -> datetime | None:
        return self.at(ms) if ms else None


def _asset(asset: Asset, names: _Names) -> AssetRow:
    told: dict[str, object] = msgspec.to_builtins(asset)
    for name in ("kind", "key", "parent"):
        told.pop(name, None)
    if (began := told.get("started_by")) and isinstance(began, str):
        told["started_by"] = names.key("process", began)
    parent_kind, parent_key = names.id(asset.parent) if asset.parent else (None, None)
    attributes = Raw(msgspec.json.encode(told))
    return AssetRow(asset.kind, names.key(asset.kind, asset.key), parent_kind, parent_key, attributes)


def _relations(document: FactsDocument, names: _Names, times: _Times) -> Iterator[RelationRow]:
    for one in document.relations:
        first, last = sorted((times.at(one.first_ms), times.at(one.last_ms)))
        protocol, port, to_port = one.protocol or "", one.port or 0, one.to_port or 0
        between = (*names.id(one.from_), *names.id(one.to))
        ended = max(first, times.at(one.ended_ms)) if one.ended_ms else None
        yield RelationRow(one.kind, *between, protocol, port, to_port, one.how, first, last, ended)


def _listeners(document: FactsDocument, names: _Names, times: _Times) -> Iterator[ListenerRow]:
    for one in document.listeners:
        first, ended = times.at(one.first_ms), times.ended(one.ended_ms)
        ended = max(first, ended) if ended else None
        yield ListenerRow(*names.id(one.of), one.protocol, one.address, one.port, one.how, one.public, first, ended)


def _connections(document: FactsDocument, names: _Names, times: _Times) -> Iterator[ConnectionRow]:
    for one in document.connections:
        kind, key = names.id(one.of)
        first, last = sorted((times.at(one.first_ms), times.at(one.last_ms)))
        counted = one.how == "events"
        yield ConnectionRow(
            kind=kind,
            key=key,
            protocol=one.protocol,
            direction=one.direction,
            local=one.local,
            remote=one.remote,
            port=one.port,
            how=one.how,
            count=one.count if counted else 0,
            failed=one.failed if counted else 0,
            sent_bytes=one.sent_bytes if counted else 0,
            received_bytes=one.received_bytes if counted else 0,
            real=one.real or "",
            real_port=one.real_port or 0,
            name=one.name,
            first_seen=first,
            last_seen=last,
        )


def _uses(document: FactsDocument, names: _Names, times: _Times, short: set[int]) -> Iterator[UseRow]:
    """Each file once for an asset, a level and a way of seeing it, however often it is listed."""
    found: dict[tuple[object, ...], UseRow] = {}
    for use in document.uses:
        kind, key = names.id(use.of)
        first, last = sorted((times.at(use.first_ms), times.at(use.last_ms)))
        for file in {document.files[at] for at in use.files if at in short}:
            row = UseRow(kind, key, file.path, file.device, file.inode, use.level, use.how, use.count, first, last)
            identity = (kind, key, file, use.level, use.how)
            found[identity] = _both(found[identity], row) if identity in found else row
    yield from found.values()


def _both(one: UseRow, other: UseRow) -> UseRow:
    return replace(
        one,
        count=min(one.count + other.count, store.MOST),
        first_seen=min(one.first_seen, other.first_seen),
        last_seen=max(one.last_seen, other.last_seen),
    )


def _sweep(gaps: tuple[Gap, ...], names: _Names) -> Sweep | None:
    """None where a gap leaves nothing that is known to be gone. Of kinds that are unknown here there is nothing."""
    everywhere: set[str] = set()
    places: set[Place] = set()
    for gap in gaps:
        kinds = _KINDS.intersection(gap.kinds)
        if gap.below is not None:
            places.update(Place(kind, *names.id(gap.below)) for kind in (kinds if gap.kinds else ("",)))
        elif gap.kinds:
            everywhere |= kinds
        else:
            return None
    return Sweep(kinds=tuple(sorted(everywhere)), places=tuple(places))


def _hosts(rows: Rows) -> Iterator[str]:
    """Keys of all hosts that are told of."""
    for asset in rows.assets:
        yield from _if_host(asset.kind, asset.key)
        yield from _if_host(asset.parent_kind, asset.parent_key)
    for relation in rows.relations:
        yield from _if_host(relation.from_kind, relation.from_key)
        yield from _if_host(relation.to_kind, relation.to_key)
    for rest in (rows.listeners, rows.connections, rows.uses, rows.ends):
        for one in rest:
            yield from _if_host(one.kind, one.key)


def _if_host(kind: str | None, key: str | None) -> Iterator[str]:
    if kind == "host" and key:
        yield key


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
