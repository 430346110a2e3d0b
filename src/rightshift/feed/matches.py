"""Packages in, the advisories that hold for them out, one match a flaw. Where is looked: `candidates.py`."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cmp_to_key

from rightshift.assess import cvss
from rightshift.assess import match as judge
from rightshift.assess.match import Verdict
from rightshift.feed import joins, packed
from rightshift.feed.candidates import NO_VERSION, Candidate, candidates, spoken
from rightshift.feed.evidence import Evidence, Gathering, Subject
from rightshift.feed.lookup import Feed
from rightshift.feed.packed import Document
from rightshift.model.advisory import Match
from rightshift.model.known import Known
from rightshift.model.package import Package
from rightshift.versions.scheme import Key
from rightshift.versions.schemes import scheme

COVERED = 60
"""CVEs that one advisory covers and that are looked at one by one; a kernel update has up to 150."""
REFERENCES = 20
SUMMARY_CHARS = 300


@dataclass(frozen=True, slots=True)
class Line:
    """A package as somebody writes it in OSV's words: `Debian:12`, a source package's name, a version."""

    ecosystem: str
    name: str
    version: str


def matches(packages: Iterable[Package], feed: Feed, today: date | None = None) -> list[Match]:
    """
    One match for each package and flaw, in the order of the packages, then by id. Points are not set yet.

    `today` is for the age of a fix, which stays unknown without it. Raises: FeedError when the feed is damaged.
    """
    matching = _Matching(feed, today)
    found: list[Match] = []
    for package in packages:
        found += matching.of(package, tuple(candidates(package)), package.distro)
    return found


def match_lines(lines: Iterable[Line], feed: Feed, today: date | None = None) -> Iterator[list[Match]]:
    """The matches of each line, in the order of the lines. Raises: FeedError when the feed is damaged."""
    matching = _Matching(feed, today)
    for line in lines:
        package = Package(ecosystem=line.ecosystem.partition(":")[0].lower(), name=line.name, version=line.version)
        yield matching.of(package, tuple(spoken(line.ecosystem, line.name, line.version)), line.ecosystem)


@dataclass(frozen=True, slots=True)
class _Group:
    """Records that are about the same flaw, and advisories on several that cover it beside others."""

    records: tuple[str, ...]
    joining: tuple[str, ...]


class _Matching:
    """One run over one feed. What was judged once is kept: many binaries have one source."""

    def __init__(self, feed: Feed, today: date | None) -> None:
        self._feed = feed
        self._gathering = Gathering(feed, today)
        self._judged: dict[tuple[object, ...], list[Match]] = {}
        self._named: dict[str, frozenset[str]] = {}

    def of(self, package: Package, wanted: Sequence[Candidate], where: Hashable) -> list[Match]:
        """All matches of a package that is looked for as these candidates; `where` decides which releases they hold."""
        if not wanted:
            return []
        client, host = judge.client_only(package), judge.host_code(package)
        key = (*[(c.ecosystem, c.name, c.version) for c in wanted], where, client, host)
        known = self._judged.get(key)
        if known is None:
            known = self._judged[key] = self._judge(package, wanted, client, host)
        return [one if one.package is package else replace(one, package=package) for one in known]

    def _judge(self, package: Package, wanted: Sequence[Candidate], client: bool, host: bool) -> list[Match]:
        holding: dict[str, list[Verdict]] = {}
        others: set[str] = set()
        for candidate in wanted:
            self._look(candidate, holding, others)
        if not holding:
            return []
        others -= holding.keys()
        subject = Subject(wanted[0].ecosystem, wanted[0].name, client, host)
        groups = self._without_doubles(judge.grouped(holding, self._names))
        found = [self._match(package, group, holding, others, subject) for group in groups]
        return sorted(found, key=lambda match: match.id)

    def _look(self, candidate: Candidate, holding: dict[str, list[Verdict]], others: set[str]) -> None:
        """Adds the records that hold for a candidate, with why, and the others that speak of it."""
        order = scheme(candidate.ecosystem)
        version = "" if candidate.version.lower() in NO_VERSION else candidate.version
        for statement in self._feed.statements(candidate.ecosystem, candidate.name):
            if not candidate.holds(statement.release):
                continue
            affected = packed.affected(candidate.ecosystem, candidate.name, statement)
            if (verdict := judge.verdict(version, affected, order)) is not None:
                holding.setdefault(statement.record, []).append(verdict)
            else:
                others.add(statement.record)

    def _names(self, record: str) -> frozenset[str]:
        """All ids of the same flaw as this record's."""
        known = self._named.get(record)
        if known is None:
            document = self._feed.document(record)
            cve = joins.same_flaw(record, document) if document else ""
            more = (cve, *self._feed.members(cve)) if cve else ()
            known = self._named[record] = frozenset((record, *self._feed.members(record), *more))
        return known

    def _without_doubles(self, groups: list[list[str]]) -> list[_Group]:
        """An advisory on several CVEs each of which stands there by itself is no finding of its own: it joins them."""
        at = {name: number for number, records in enumerate(groups) for one in records for name in self._names(one)}
        hosts: dict[int, set[int]] = {}
        for number, records in enumerate(groups):
            covered = [cve for one in records for cve in self._covered(one)]
            found = {at.get(cve, number) for cve in covered}
            if len(groups) > 1 and len(covered) > 1 and number not in found:
                hosts[number] = found
        joining: dict[int, list[str]] = {}
        for number, found in hosts.items():
            if found.isdisjoint(hosts):
                for host in found:
                    joining.setdefault(host, []).extend(groups[number])
        joined = {one for records in joining.values() for one in records}
        return [
            _Group(tuple(records), tuple(joining.get(number, ())))
            for number, records in enumerate(groups)
            if joined.isdisjoint(records)
        ]

    def _covered(self, record: str) -> list[str]:
        document = self._feed.document(record)
        return [one for one in joins.covered(record, document) if joins.is_cve(one)] if document else []

    def _match(
        self,
        package: Package,
        group: _Group,
        holding: dict[str, list[Verdict]],
        others: set[str],
        subject: Subject,
    ) -> Match:
        """A record that speaks of the same package and does not hold is not among the aliases: it says otherwise."""
        records = group.records + group.joining
        verdicts = [verdict for record in records for verdict in holding[record]]
        verdicts.sort(key=lambda verdict: verdict.certain is not Known.YES)
        own = {name for record in group.records for name in self._names(record)}
        against = sorted(own & others)
        own -= others
        covered = {cve for record in group.records for cve in self._feed.reached(record) if joins.is_cve(cve)}
        cves = sorted(covered | set(filter(joins.is_cve, own)))[:COVERED]
        fixed = _fixed(verdicts, subject.ecosystem)
        evidence = self._gathering.evidence(records, cves, subject, bool(fixed))
        documents = [document for _, document in evidence.documents]
        best = judge.best_id(own)
        match = Match(
            package=package,
            id=best,
            aliases=tuple(sorted((own | covered | set(records)) - others - {best})),
            records=tuple(sorted(records)),
            judged=records,
            cves=tuple(cves),
            rule=verdicts[0].because + (f"; {', '.join(against)} says otherwise" if against else ""),
            certain=verdicts[0].certain,
            fixed=fixed,
            ignored=all(verdict.affected.ignored for verdict in verdicts),
            distro_severity=next(filter(None, (verdict.affected.severity for verdict in verdicts)), ""),
            summary=_summary(documents),
            published=min((day for document in documents if (day := document.published) > "1990"), default=""),
            references=_references(documents),
        )
        return _judged(match, evidence)


def subject(package: Package) -> Subject | None:
    """What is judged, whatever the advisory; None where nothing is looked for."""
    wanted = next(iter(candidates(package)), None)
    if wanted is None:
        return None
    return Subject(wanted.ecosystem, wanted.name, judge.client_only(package), judge.host_code(package))


def judged_again(match: Match, subject: Subject, gathering: Gathering) -> Match:
    """
    A match that was found before, as KEV, EPSS and its records rate it now; which of them hold is not asked again.

    Needs its `judged`, `cves` and `fixed`; its points are not set. Raises: FeedError when the feed is damaged.
    """
    return _judged(match, gathering.evidence(match.judged, match.cves, subject, bool(match.fixed)))


def _judged(match: Match, evidence: Evidence) -> Match:
    facts = evidence.facts
    return replace(
        match,
        malicious=facts.malicious,
        severity=cvss.severity(cvss.read(facts.vector), facts.severity or ""),
        vector=facts.vector or "",
        cwes=facts.cwe,
        kev=evidence.kev,
        epss=evidence.epss,
        facts=facts,
    )


def _fixed(verdicts: Sequence[Verdict], ecosystem: str) -> tuple[str, ...]:
    """Each record's fixes on this branch, lowest first, the same version once."""
    texts = list(dict.fromkeys(fix for verdict in verdicts for fix in verdict.fixed))
    order = scheme(ecosystem)
    if len(texts) < 2 or order is None:
        return tuple(texts)
    by_key: dict[Key, str] = {}
    for text in texts:
        by_key.setdefault(order.key(text), text)
    return tuple(by_key[key] for key in sorted(by_key, key=cmp_to_key(_compared)))


def _compared(one: Key, other: Key) -> int:
    return -1 if one < other else int(other < one)


def _summary(documents: Sequence[Document]) -> str:
    """The first summary there is, else the first line of a description."""
    said = next((document.summary for document in documents if document.summary), "")
    if not said:
        details = next((document.details for document in documents if document.details.strip()), "")
        said = details.strip().partition("\n")[0].lstrip("# ")
    said = " ".join(said.split())
    return said if len(said) <= SUMMARY_CHARS else said[: SUMMARY_CHARS - 1] + "…"


def _references(documents: Sequence[Document]) -> tuple[str, ...]:
    """Addresses, advisories first."""
    ranked = [(kind != "ADVISORY", url) for document in documents for kind, url in document.references]
    ranked.sort(key=lambda one: one[0])
    return tuple(dict.fromkeys(url for _, url in ranked))[:REFERENCES]
