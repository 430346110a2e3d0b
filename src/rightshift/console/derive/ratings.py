"""What KEV and EPSS say otherwise of an advisory: its matches are rated again, nothing is matched. See `matches.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from rightshift.assess.rank import rate
from rightshift.console.derive import matches
from rightshift.console.derive.feed import Opened
from rightshift.console.store.conclusions import marks
from rightshift.console.store.conclusions import matches as store
from rightshift.console.store.conclusions.marks import Mark
from rightshift.console.store.conclusions.matches import Found, Judged, Version
from rightshift.console.store.pool import Connection
from rightshift.feed.evidence import Gathering, Subject
from rightshift.feed.matches import judged_again, subject
from rightshift.model.advisory import Match
from rightshift.model.known import Known

BATCH = 2_000
"""Advisories in one transaction."""

MOST = 6_000
"""Matches in one transaction, but all of one advisory: about a second of work, which is what a kill may cost."""


async def derive(connection: Connection, waiting: Sequence[Mark], opened: Opened, now: datetime) -> None:
    """
    Rates the matches of the marked advisories, and takes the marks out in the same transaction.

    Raises: FeedError when the feed is damaged; the marks stay.
    """
    some, stored = await _some(connection, waiting)
    versions = {one.id: one for one in await store.versions(connection, sorted({one.version for one in stored}))}
    found = _rated(stored, versions, opened, now)
    async with connection.transaction():
        await marks.remove(connection, some)
        await store.rate(connection, found, now)


async def _some(connection: Connection, waiting: Sequence[Mark]) -> tuple[Sequence[Mark], list[Judged]]:
    """As many of the advisories as have few matches together, with all of those."""
    ids = sorted(mark.which for mark in waiting)
    stored = await store.judged(connection, ids, MOST)
    if len(stored) < MOST:
        return waiting, stored
    last = stored[-1].advisory
    whole = [one for one in stored if one.advisory != last]
    if not whole:
        return [mark for mark in waiting if mark.which == last], await store.judged(connection, [last], 1 << 30)
    return [mark for mark in waiting if mark.which < last], whole


def _rated(stored: Sequence[Judged], versions: Mapping[int, Version], opened: Opened, now: datetime) -> list[Found]:
    """Versions of one package that the same records hold for are rated once."""
    gathering = Gathering(opened.feed, now.date())
    known: dict[tuple[object, ...], Match] = {}
    rated: list[Found] = []
    for one in stored:
        version = versions[one.version]
        about = subject(version.package)
        if about is None:
            continue
        key = (one.name, tuple(one.judged), tuple(one.cves), bool(one.fixed), about)
        if key not in known:
            known[key] = _again(one, version, about, gathering)
        match = replace(
            known[key],
            rule=one.rule,
            certain=Known.YES if one.certain else Known.UNKNOWN,
            ignored=one.ignored,
            fixed=tuple(one.fixed),
        )
        rated.append(matches.found(one.version, match, now.date()))
    return rated


def _again(one: Judged, version: Version, about: Subject, gathering: Gathering) -> Match:
    match = Match(
        package=version.package,
        id=one.name,
        aliases=(),
        records=tuple(one.records),
        judged=tuple(one.judged),
        cves=tuple(one.cves),
        rule=one.rule,
        certain=Known.YES,
        fixed=tuple(one.fixed),
    )
    return rate(judged_again(match, about, gathering))
