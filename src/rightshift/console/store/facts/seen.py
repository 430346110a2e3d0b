"""What a reporter saw, row by row as it told it, and how far it has told. What its document says: `ingest/facts`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec import Raw, Struct

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
MOST = 10**12
"""Where counts stop: whoever adds up all that one reporter can tell of at once stays within 64 bits."""
MOST_BYTES = 1 << 53
ROWS = 10_000
"""In one statement, so that it takes a second and not the minute after which the database ends it."""

Id = tuple[str, str]
"""Kind and key of an asset."""


class AssetRow(Struct, frozen=True, gc=False):
    """An asset as it stands now; `attributes` is a JSON object."""

    kind: str
    key: str
    parent_kind: str | None
    parent_key: str | None
    attributes: Raw


class RelationRow(Struct, frozen=True, gc=False):
    """What hangs on what; no protocol is empty, no port 0."""

    kind: str
    from_kind: str
    from_key: str
    to_kind: str
    to_key: str
    protocol: str
    port: int
    to_port: int
    how: str
    first_seen: datetime
    last_seen: datetime
    ended: datetime | None


class ListenerRow(Struct, frozen=True, gc=False):
    """A port of an asset."""

    kind: str
    key: str
    protocol: str
    address: str
    port: int
    how: str
    public: bool | None
    first_seen: datetime
    ended: datetime | None


class ConnectionRow(Struct, frozen=True, gc=False):
    """Traffic of one window with one peer; what is not known of a translation is empty and 0."""

    kind: str
    key: str
    protocol: str
    direction: str
    local: str
    remote: str
    port: int
    how: str
    count: int
    failed: int
    sent_bytes: int
    received_bytes: int
    real: str
    real_port: int
    name: str
    first_seen: datetime
    last_seen: datetime


class UseRow(Struct, frozen=True, gc=False):
    """One file that an asset used, at one level."""

    kind: str
    key: str
    path: str
    device: int
    inode: int
    level: str
    how: str
    count: int
    first_seen: datetime
    last_seen: datetime


class EndRow(Struct, frozen=True, gc=False):
    """An asset that is gone, with all that lies in it."""

    kind: str
    key: str
    at: datetime


class Place(Struct, frozen=True, gc=False):
    """An asset below which a kind could not be seen; '' is all."""

    hides: str
    kind: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What a full document does not prove gone: some kinds everywhere, and some below a place."""

    kinds: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What a document says of itself. `probes` and `gaps` are JSON; `sweep` is None where nothing is to be swept."""

    epoch: str
    sequence: int
    full: bool
    boot: str
    skew_ms: int
    from_ms: int
    to_ms: int
    seen: datetime
    probes: str
    gaps: str
    dropped: int
    lost: int
    program: str
    sweep: Sweep | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What it told, each thing once."""

    assets: tuple[AssetRow, ...]
    relations: tuple[RelationRow, ...]
    listeners: tuple[ListenerRow, ...]
    connections: tuple[ConnectionRow, ...]
    uses: tuple[UseRow, ...]
    ends: tuple[EndRow, ...]


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports, and how far it has told."""

    id: int
    key: str
    kind: str
    epoch: str
    sequence: int
    mark: int
    wants_full: bool


async def reporter(connection: Connection, id: int) -> Reporter | None:
    """Within a transaction, to the end of which nobody else takes a document of it."""
    row = await (await connection.execute(_ASK["reporter"], {"reporter": id}, prepare=True)).fetchone()
    return Reporter(id, *row[:6]) if row else None


async def is_over(connection: Connection, reporter: int, epoch: str) -> bool:
    """Whether another epoch of this reporter followed on this one."""
    row = await (
        await connection.execute(_ASK["is_over"], {"reporter": reporter, "epoch": epoch}, prepare=True)
    ).fetchone()
    return bool(row and row[0])


async def put(
    connection: Connection, before: Reporter, window: Window, rows: Rows, now: datetime, *, wants_full: bool
) -> None:
    """Keeps what was told, and marks the assets of which something is other than before. Within a transaction."""
    told: dict[str, object] = {
        "reporter": before.id,
        "mark": before.mark + window.full,
        "seen": window.seen,
        "most": MOST,
        "most_bytes": MOST_BYTES,
    }
    other: set[Id] = set()
    for question, items in (
        ("put_assets", rows.assets),
        ("put_relations", rows.relations),
        ("put_listeners", rows.listeners),
        ("put_connections", rows.connections),
        ("put_uses", rows.uses),
        ("end", rows.ends),
    ):
        for start in range(0, len(items), ROWS):
            other |= await _ids(connection, question, told | {"rows": _json(items[start : start + ROWS])})
    if window.sweep is not None:
        places = window.sweep.places
        spared = {
            "kinds": list(window.sweep.kinds),
            "place_hides": [one.hides for one in places],
            "place_kinds": [one.kind for one in places],
            "place_keys": [one.key for one in places],
        }
        other |= await _ids(connection, "sweep", told | spared)
    if before.epoch and before.epoch != window.epoch:
        await connection.execute(_ASK["end_epoch"], {"reporter": before.id, "epoch": before.epoch})
    said = {name: getattr(window, name) for name in Window.__slots__}
    await connection.execute(_ASK["advance"], told | said | {"wants_full": wants_full, "now": now}, prepare=True)
    if other:
        changed = sorted(other)
        ids = {"kinds": [kind for kind, _ in changed], "keys": [key for _, key in changed]}
        await connection.execute(_ASK["mark"], told | ids, prepare=True)
        await connection.execute(_ASK["tell"])


async def _ids(connection: Connection, question: str, values: dict[str, object]) -> set[Id]:
    rows = await (await connection.execute(_ASK[question], values, prepare=True)).fetchall()
    return {(str(kind), str(key)) for kind, key in rows}


def _json(rows: Sequence[Struct]) -> str:
    return msgspec.json.encode(rows).decode()
