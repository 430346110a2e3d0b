"""Package versions in, the advisories that hold for them in the database, rated. A newer feed: `generations.py`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from rightshift.assess import classes
from rightshift.assess.rank import rate
from rightshift.assess.weights import points
from rightshift.console.derive.feed import Opened
from rightshift.console.derive.generations import digest
from rightshift.console.store.conclusions import marks
from rightshift.console.store.conclusions import matches as store
from rightshift.console.store.conclusions.marks import Mark
from rightshift.console.store.conclusions.matches import Advisory, Batch, Found, Reason, Sought, Version
from rightshift.console.store.pool import Connection
from rightshift.feed import joins
from rightshift.feed.candidates import candidates
from rightshift.feed.evidence import COPIES
from rightshift.feed.lookup import Feed
from rightshift.feed.matches import SUMMARY_CHARS, matches
from rightshift.model.advisory import Match
from rightshift.model.known import Known

BATCH = 1_000
"""Package versions in one transaction: about a second of work, which is what a kill may cost."""

SEVERITIES = {"unknown": 0, "none": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}
_ALIASES = 500
"""Of one advisory; a kernel update covers up to 150 flaws."""


async def derive(connection: Connection, waiting: Sequence[Mark], opened: Opened, now: datetime) -> None:
    """
    Matches the marked package versions, and takes the marks out in the same transaction.

    Raises: FeedError when the feed is damaged; the marks stay.
    """
    versions = await store.versions(connection, [mark.which for mark in waiting])
    judged = list(judge(versions, opened.feed, now.date()))
    known = await store.advisories(connection, {match.id for _, match in judged})
    async with connection.transaction():
        await marks.remove(connection, waiting)
        await store.write(
            connection,
            Batch(
                versions=[one.id for one in versions],
                found=[found(version, match, now.date()) for version, match in judged],
                advisories=_advisories(opened.feed, [match for _, match in judged], known),
                sought=[sought for one in versions for sought in _sought(one, opened.feed)],
                lineage=opened.identity.lineage,
                generation=opened.identity.generation,
                now=now,
            ),
        )


def judge(versions: Sequence[Version], feed: Feed, today: date) -> Iterator[tuple[int, Match]]:
    """(package version, rated match): all that holds. Raises: FeedError."""
    by_package = {id(one.package): one.id for one in versions}
    for match in matches([one.package for one in versions if one.matchable], feed, today):
        yield by_package[id(match.package)], rate(match)


def found(version: int, match: Match, today: date) -> Found:
    """A rated match as it is stored."""
    facts, day = match.facts, None
    if facts.fix_age_days is not None:
        day = today - timedelta(days=max(facts.fix_age_days, 0))
    turns = day + timedelta(days=points("context.fix_days")) if day else None
    return Found(
        version=version,
        advisory=_text(match.id),
        points=match.points,
        class_=classes.NUMBERS[classes.class_of(facts)],
        weight=classes.WEIGHTS[classes.kind_of(facts)],
        severity=SEVERITIES[match.severity],
        certain=match.certain is Known.YES,
        kev=match.kev is not None,
        ransomware=match.kev is not None and match.kev.ransomware,
        malicious=match.malicious,
        ignored=match.ignored,
        epss=match.epss.probability if match.epss else None,
        vector=_text(match.vector),
        fixed=[_text(one) for one in match.fixed],
        records=[_text(one) for one in match.records],
        judged=[_text(one) for one in match.judged],
        cves=[_text(one) for one in match.cves],
        rule=_text(match.rule),
        evidence=list(_reasons(match, day)),
        turns=turns if turns and turns > today else None,
    )


def _reasons(match: Match, fixed: date | None) -> Iterator[Reason]:
    """The parts of the sum. A day stands for an age, so that what is stored is not another thing each morning."""
    for part in match.evidence:
        because = part.because
        if part.name == "context" and fixed:
            because = f"a fix is available since {fixed.isoformat()}"
        yield Reason(part.name, part.points, _text(because), tuple(part.unknown))


def _advisories(feed: Feed, found: Sequence[Match], known: Mapping[str, Advisory]) -> dict[str, Advisory]:
    """The advisories of these matches, with what earlier matches said of them."""
    made: dict[str, Advisory] = {}
    done: set[tuple[str, tuple[str, ...]]] = set()
    for match in found:
        if (key := (match.id, match.records)) in done:
            continue
        done.add(key)
        name = _text(match.id)
        before = made.get(name) or known.get(name)
        asked = set(_asked(feed, match)).union(before.asked if before else ())
        aliases = {*match.aliases, *match.records}.union(before.aliases if before else ()) - {match.id}
        summary, published = _said(feed, match)
        made[name] = Advisory(
            name=name,
            aliases=sorted(map(_text, aliases))[:_ALIASES],
            summary=_text(summary),
            published=_text(published),
            asked=sorted(map(_text, asked)),
            threat=digest(feed, asked),
        )
    return made


def _asked(feed: Feed, match: Match) -> Iterator[str]:
    """
    All ids by which a match was judged, whether there is such a record or not: `feed/evidence` asks those of the flaws'
    groups, and copies of them, which are found by their CVE.
    """
    for record in match.records:
        reached = feed.reached(record)
        yield from reached
        document = feed.document(record)
        same = joins.same_flaw(record, document) if document else ""
        for cve in {same, *filter(joins.is_cve, reached)} - {""}:
            yield cve
            yield from feed.members(cve)


def _said(feed: Feed, match: Match) -> tuple[str, str]:
    """Summary and day of the advisory, the same for all packages that it holds for, where its own record says them."""
    names = (match.id, *feed.members(match.id), *(copy + match.id for copy in COPIES))
    documents = [found for name in dict.fromkeys(names) if (found := feed.document(name)) and not found.withdrawn]
    texts = [*(one.summary for one in documents), *(_first_line(one.details) for one in documents), match.summary]
    summary = next((" ".join(text.split()) for text in texts if text.strip()), "")
    days = [one.published for one in documents if one.published > "1990"]
    return summary[:SUMMARY_CHARS], min(days, default=match.published)


def _first_line(details: str) -> str:
    return details.strip().partition("\n")[0].lstrip("# ")


def _sought(version: Version, feed: Feed) -> Iterator[Sought]:
    if version.matchable:
        for one in candidates(version.package):
            yield Sought(version.id, one.ecosystem, _text(one.name), *feed.history(one.ecosystem, one.name))


def _text(text: str) -> str:
    """Without what the database can't hold."""
    return text.replace("\0", "\\x00") if "\0" in text else text
