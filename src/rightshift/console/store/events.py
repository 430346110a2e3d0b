"""What happened, added in the transaction of what it tells of. Of many matches at once: `conclusions/matches`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from psycopg.types.json import Jsonb

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
CHANNEL = "events"
KINDS = {
    "match.new": "a vulnerability is known of a package version that was thought to be free of it",
    "match.changed": "what is known of it is other than before: its points, severity, KEV, a fix",
    "match.gone": "it was withdrawn, or never held for this version",
    "inventory.changed": "a scan found something else in an asset than the one before",
    "asset.new": "an asset was seen for the first time",
    "asset.gone": "an asset is no more",
}
"""All kinds of events, and what each says happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something about an asset. `kind` is THING.WHAT, as `inventory.changed`; `detail` holds no secrets."""

    kind: str
    asset_id: int
    detail: Mapping[str, int | str | None] = field(default_factory=dict)


async def add(connection: Connection, events: Sequence[Event]) -> None:
    """
    Within the transaction of the change; whoever listens hears of them when that ends.

    Until then others that add events wait, so that numbers are seen in their order: add them last.
    """
    if not events:
        return
    await connection.execute(
        _ASK["add"],
        {
            "kinds": [one.kind for one in events],
            "assets": [one.asset_id for one in events],
            "details": [Jsonb(dict(one.detail)) for one in events],
        },
    )
    await tell(connection)


async def tell(connection: Connection) -> None:
    """Wakes whoever shows events."""
    await connection.execute(_ASK["tell"])
