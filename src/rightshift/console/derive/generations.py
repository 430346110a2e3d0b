"""A newer feed: which package versions it concerns. They are marked, and `matches.py` looks at them again."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import Enum
from hashlib import blake2b

from rightshift.console.derive.feed import Opened
from rightshift.console.store.conclusions import generations as store
from rightshift.console.store.conclusions.generations import Derived
from rightshift.console.store.pool import Connection
from rightshift.feed import joins
from rightshift.feed.lookup import Feed

_MOST = 1_000


class Standing(Enum):
    """How a feed stands to the conclusions that there are."""

    SAME = "same"
    TAKEN_UP = "taken up"
    OLDER = "older"
    """Nothing is to be concluded with it: what is stored knows more."""


async def take_up(connection: Connection, opened: Opened, now: datetime) -> Standing:
    """
    Marks what a feed concerns that is another one than conclusions were drawn with, all in one transaction.

    Of another lineage, and judged by another version of this program, that is everything: its generations were counted
    apart. Else it is what is looked for under a name whose records changed; what was judged by a record that changed
    although it speaks of other packages, as its alias; and what KEV, EPSS or the history of a package rate otherwise.

    Raises: FeedError when the feed is damaged.
    """
    before, given = await store.derived(connection), opened.identity
    if before == given:
        return Standing.SAME
    if before.lineage == given.lineage and given.generation < before.generation:
        return Standing.OLDER
    async with connection.transaction():
        if before.lineage != given.lineage or _judge(before) != _judge(given):
            await store.mark_all(connection)
        else:
            await _mark(connection, opened.feed, before, given)
        await store.take_up(connection, given, now)
    return Standing.TAKEN_UP


def _judge(one: Derived) -> str:
    return one.threat.partition(" ")[0]


async def _mark(connection: Connection, feed: Feed, before: Derived, given: Derived) -> None:
    if given.generation > before.generation:
        await store.mark_names(connection, feed.changed_since(before.generation))
        changed = feed.records_since(before.generation)
        await store.mark_asking(connection, {name for record in changed for name in _names(feed, record)})
    if given.threat != before.threat:
        await _mark_threats(connection, feed)
        was = await store.sought(connection)
        now = ((base, name, feed.history(base, name)) for base, name, _, _ in was)
        again = [
            (base, name)
            for (_, _, known, exploited), (base, name, found) in zip(was, now, strict=True)
            if found != (known, exploited)
        ]
        await store.mark_names(connection, again)


async def _mark_threats(connection: Connection, feed: Feed) -> None:
    changed: list[tuple[int, int]] = []
    async for one in store.asking(connection):
        if (threat := digest(feed, one.asked)) != one.threat:
            changed.append((one.id, threat))
        if len(changed) >= _MOST:
            await store.mark_threats(connection, changed)
            changed = []
    await store.mark_threats(connection, changed)


def _names(feed: Feed, record: str) -> Iterator[str]:
    """All under which something may have asked for a record: its group's, and of a copy that of the CVE."""
    yield record
    yield from feed.members(record)
    _, found, number = record.partition("CVE-")
    if found:
        yield found + number
        yield from feed.members(found + number)


def digest(feed: Feed, ids: Iterable[str]) -> int:
    """Of what KEV and EPSS say of these ids, in 64 bits with a sign; 0 for nothing."""
    said = sorted(
        (cve, kev.added if kev else "", kev is not None and kev.ransomware, epss.probability if epss else -1.0)
        for cve, kev, epss in feed.threats(filter(joins.is_cve, ids))
    )
    if not said:
        return 0
    return int.from_bytes(blake2b(repr(said).encode(), digest_size=8).digest(), signed=True)
