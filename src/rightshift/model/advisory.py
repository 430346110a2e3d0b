"""An advisory, what it says of one package, and a match. Reading records: `feed/record`; judging: `assess/match`."""

from dataclasses import dataclass, field
from typing import Literal

from rightshift.model.facts import AdvisoryFacts
from rightshift.model.known import Known
from rightshift.model.package import Package

EventKind = Literal["introduced", "fixed", "last_affected", "limit"]


@dataclass(frozen=True, slots=True)
class Range:
    """One OSV range that compares versions (never commits). Events are a set: sort them by the ecosystem's order."""

    events: tuple[tuple[EventKind, str], ...]


@dataclass(frozen=True, slots=True)
class Affected:
    """What one advisory says of one package: a version is affected if it is listed or lies in a range."""

    advisory: str
    ecosystem: str
    """As OSV writes it, with its release: `Debian:12`, `PyPI`."""
    name: str
    ranges: tuple[Range, ...] = ()
    versions: tuple[str, ...] = ()
    ignored: bool = False
    """The distribution says that it will not fix it, or that it is unimportant."""
    severity: str = ""
    """The distribution's or database's own word for this package, lower case."""


@dataclass(frozen=True, slots=True)
class Kev:
    """An entry of CISA's catalogue of known exploited vulnerabilities. `added` is a date, ISO 8601."""

    added: str
    ransomware: bool


@dataclass(frozen=True, slots=True)
class Epss:
    """The probability (0 to 1, never the percentile) that exploitation is seen within 30 days, with model and day."""

    probability: float
    model_version: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """One OSV record, as far as judging needs it. Ids of other records in `aliases` (closed), `upstream`, `related`."""

    id: str
    aliases: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    summary: str = ""
    vectors: tuple[str, ...] = ()
    """CVSS vectors of any version, as written."""
    severity: str = ""
    """A word (`critical`, `high`, `moderate`…), lower case, used where there is no vector."""
    cwes: tuple[int, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    """(type, address)."""
    published: str = ""
    modified: str = ""
    withdrawn: bool = False
    malicious: bool = False
    informational: bool = False


Rule = Literal["versions", "range", "unparsed"]
"""Which statement of the record matched: its list, a range, or a version that could not be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """
    A package version and the advisories that hold for it, merged into one by alias.

    `id` is the best known id of the group, `aliases` the others. `certain` is UNKNOWN where the version could not be
    compared. `fixed` are the versions that fix it on this version's branch, lowest first. `points` come later.
    """

    package: Package
    id: str
    aliases: tuple[str, ...]
    records: tuple[str, ...]
    """Ids of the records that matched."""
    judged: tuple[str, ...] = ()
    """The same in the order in which they are asked what they say."""
    cves: tuple[str, ...] = ()
    """The CVEs that those are about: the one that counts most rates the match."""
    rule: str
    """One line that says why: rule, record, the name and version compared, the range that holds."""
    certain: Known
    fixed: tuple[str, ...] = ()
    ignored: bool = False
    malicious: bool = False
    severity: str = "unknown"
    """critical, high, medium, low, none or unknown: from the best vector, else the word."""
    vector: str = ""
    distro_severity: str = ""
    summary: str = ""
    cwes: tuple[int, ...] = ()
    kev: Kev | None = None
    epss: Epss | None = None
    published: str = ""
    references: tuple[str, ...] = ()
    facts: AdvisoryFacts = field(default=AdvisoryFacts())
    evidence: tuple["Part", ...] = field(default=())
    points: int = 0
    """threat + impact + context known from the scan alone; run time unknown."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score's sum: points, what was counted, what was not known."""

    name: str
    points: int
    because: str
    unknown: tuple[str, ...] = ()
