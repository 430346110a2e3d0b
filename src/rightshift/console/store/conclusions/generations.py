"""With which feed conclusions were drawn, and which package versions another one concerns: those are marked."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Derived:
    """The newest feed that was taken up. `threat` stands for KEV, EPSS and the version of the program that judged."""

    lineage: str
    generation: int
    threat: str


@dataclass(frozen=True, slots=True)
class Asking:
    """An advisory, all ids by which its matches were judged, and the digest of what KEV and EPSS said of them."""

    id: int
    asked: Sequence[str]
    threat: int


async def derived(connection: Connection) -> Derived:
    """How far conclusions are; an empty lineage before the first feed."""
    row = await (await connection.execute(_ASK["derived"])).fetchone()
    assert row is not None
    return Derived(*row)


async def take_up(connection: Connection, feed: Derived, now: datetime) -> None:
    """Within the transaction that marks whatever the feed concerns."""
    values = {"lineage": feed.lineage, "generation": feed.generation, "threat": feed.threat, "now": now}
    await connection.execute(_ASK["take_up"], values)


async def mark_all(connection: Connection) -> None:
    """All package versions that were ever matched."""
    await connection.execute(_ASK["mark_all"])


async def mark_names(connection: Connection, names: Iterable[tuple[str, str]]) -> None:
    """Those that are looked for under one of these names of the feed: ecosystem without release, name as compared."""
    given = list(names)
    for at in range(0, len(given), PAGE):
        page = given[at : at + PAGE]
        columns = {"ecosystems": [ecosystem for ecosystem, _ in page], "names": [name for _, name in page]}
        await connection.execute(_ASK["mark_names"], columns)


async def mark_asking(connection: Connection, ids: Iterable[str]) -> None:
    """
    Those with a match that was judged by a record of these, under any of its names.

    What the advisories of those matches are called is written again with the matches.
    """
    await connection.execute(_ASK["mark_asking"], {"ids": list(ids)})


async def asking(connection: Connection) -> AsyncIterator[Asking]:
    """All advisories that were asked about."""
    last = 0
    while True:
        found = await connection.execute(_ASK["asking"], {"last": last, "page": PAGE})
        rows = await found.fetchall()
        for id, asked, threat in rows:
            yield Asking(id, asked, threat)
        if len(rows) < PAGE:
            return
        last = rows[-1][0]


async def mark_threats(connection: Connection, changed: Sequence[tuple[int, int]]) -> None:
    """These advisories (id, new digest of KEV and EPSS) where there are matches, which are to be rated again."""
    if changed:
        columns = {"ids": [id for id, _ in changed], "threats": [threat for _, threat in changed]}
        await connection.execute(_ASK["mark_threats"], columns)


async def sought(connection: Connection) -> list[tuple[str, str, int, int]]:
    """Names under which anything is looked for that has matches, with how often they were exploited, as last known."""
    return await (await connection.execute(_ASK["sought"])).fetchall()


async def mark_turned(connection: Connection, today: date) -> None:
    """Those with a match whose points another day changes."""
    await connection.execute(_ASK["mark_turned"], {"today": today})
