"""What the feed knows of the flaws behind some records, as facts that a score is the sum of. Who asks: `matches.py`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from rightshift.assess import cvss
from rightshift.assess.exploit import Exploit, exploit
from rightshift.assess.impact import impact
from rightshift.assess.threat import threat
from rightshift.feed import joins
from rightshift.feed.lookup import Feed
from rightshift.feed.packed import MALICIOUS, Document
from rightshift.model.advisory import Epss, Kev
from rightshift.model.facts import AdvisoryFacts

COPIES = ("DEBIAN-", "ALPINE-", "BELL-", "UBUNTU-")
"""Before a CVE's id: databases that keep a record of their own for each CVE, `upstream` of which is the CVE."""

FIRST_YEAR = 1990


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts of the CVE that counts most, and what stands beside them in a match."""

    facts: AdvisoryFacts
    kev: Kev | None
    epss: Epss | None
    documents: tuple[tuple[str, Document], ...]
    """All records that were asked, those that matched first."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The package that is judged, as the feed has it, and what is known of it whatever the advisory."""

    ecosystem: str
    name: str
    client_only: bool
    host_code: bool


class Gathering:
    """Gathers evidence from one feed; remembers what it has asked."""

    def __init__(self, feed: Feed, today: date | None) -> None:
        self._feed = feed
        self._today = today
        self._about: dict[str, tuple[tuple[str, Document], ...]] = {}
        self._listed: dict[str, tuple[Kev | None, Epss | None]] = {}
        self._exploits: dict[str, Exploit | None] = {}
        self._history: dict[tuple[str, str], tuple[int, int]] = {}

    def evidence(self, records: Sequence[str], cves: Sequence[str], subject: Subject, fixed: bool) -> Evidence:
        """
        For records that matched and the CVEs they are or cover (may be none). `fixed` says that a fix is known.

        The facts are those of the CVE with the most threat and impact; of equals the lowest.
        """
        own = [(record, found) for record in records if (found := self._feed.document(record))]
        age = self._age(own) if fixed else None
        alone = len({one for cve in cves for one in (self._feed.members(cve) or (cve,))[:1]}) <= 1
        best: tuple[int, AdvisoryFacts, tuple[Kev | None, Epss | None], list[tuple[str, Document]]] | None = None
        for cve in cves or ("",):
            about = self.about(cve) if cve else ()
            asked = list(dict([*(own if alone or not about else ()), *about]).items())
            listed = self.listed(cve) if cve else (None, None)
            facts = self._facts(cve, asked, records, listed, subject, age)
            weight = threat(facts).points + impact(facts).points if len(cves) > 1 else 0
            if best is None or weight > best[0]:
                best = weight, facts, listed, asked
        assert best is not None
        _, facts, (kev, epss), asked = best
        return Evidence(facts, kev, epss, tuple(dict([*own, *asked]).items()))

    def about(self, cve: str) -> tuple[tuple[str, Document], ...]:
        """The records that are about one CVE: its aliases', and the copies that distributions keep of it."""
        if cve not in self._about:
            ids = dict.fromkeys([*(self._feed.members(cve) or (cve,)), *[copy + cve for copy in COPIES]])
            known = [(one, self._feed.document(one)) for one in self._feed.among(list(ids))]
            found = [(one, document) for one, document in known if document and not document.withdrawn]
            self._about[cve] = tuple(found)
        return self._about[cve]

    def listed(self, cve: str) -> tuple[Kev | None, Epss | None]:
        """KEV and EPSS of a CVE or of another CVE that is its alias."""
        if cve not in self._listed:
            kev: Kev | None = None
            epss: Epss | None = None
            for _, entry, score in self._feed.threats(self._feed.members(cve) or (cve,)):
                if entry and (kev is None or (entry.ransomware, kev.added) > (kev.ransomware, entry.added)):
                    kev = entry
                if score and (epss is None or score.probability > epss.probability):
                    epss = score
            self._listed[cve] = kev, epss
        return self._listed[cve]

    def _facts(
        self,
        cve: str,
        asked: Sequence[tuple[str, Document]],
        matched: Collection[str],
        listed: tuple[Kev | None, Epss | None],
        subject: Subject,
        age: int | None,
    ) -> AdvisoryFacts:
        kev, epss = listed
        vectors = [(record, vector) for record, document in asked for vector in document.vectors]
        vector = cvss.best(vectors, matched)
        words = [document.severity for _, document in asked if document.severity]
        known, exploited = self._others(cve, subject)
        return AdvisoryFacts(
            vector=vector.text if vector else None,
            severity=words[0] if words and not vector else None,
            cwe=tuple(sorted({cwe for _, document in asked for cwe in document.cwes})),
            epss=epss.probability if epss else None,
            kev=kev is not None,
            ransomware=kev is not None and kev.ransomware,
            exploit=self._exploit(asked),
            server_app=any(record.startswith("BIT-") for record, _ in asked),
            history_known=known,
            history_exploited=exploited,
            malicious=any(document.flags & MALICIOUS for _, document in asked),
            client_only=subject.client_only,
            host_code=subject.host_code,
            fix_age_days=age,
        )

    def _exploit(self, asked: Sequence[tuple[str, Document]]) -> Exploit | None:
        found: set[Exploit | None] = set()
        for record, document in asked:
            if record not in self._exploits:
                self._exploits[record] = exploit(document.references, document.vectors)
            found.add(self._exploits[record])
        return "weaponised" if "weaponised" in found else "poc" if "poc" in found else None

    def _others(self, cve: str, subject: Subject) -> tuple[int, int]:
        """The other CVEs known of the package, and those of them that were exploited."""
        key = subject.ecosystem, subject.name
        if key not in self._history:
            self._history[key] = self._feed.history(*key)
        known, exploited = self._history[key]
        own = [one for one in self._feed.members(cve) or (cve,) if joins.is_cve(one)] if cve else []
        in_kev = sum(1 for one in own if self._is_exploited(one))
        return max(0, known - len(own)), max(0, exploited - in_kev)

    def _is_exploited(self, cve: str) -> bool:
        return any(kev for _, kev, _ in self._feed.threats((cve,)))

    def _age(self, own: Sequence[tuple[str, Document]]) -> int | None:
        """Days since the first of the records that matched was published; None where none says a day that can be."""
        if self._today is None:
            return None
        ages = [(self._today - day).days for _, document in own if (day := _day(document.published))]
        return max((age for age in ages if age >= 0), default=None)


def _day(text: str) -> date | None:
    """The day of a time stamp. Some databases write the year 1 where they know none."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if day.year >= FIRST_YEAR else None
