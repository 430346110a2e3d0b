"""What a report is made from: a scan document and what is known of its packages. How it looks: the files beside it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from rightshift.assess import cvss
from rightshift.assess.baseline import Baseline
from rightshift.documents import text
from rightshift.documents.scan import ScanDocument
from rightshift.model.advisory import Match
from rightshift.model.known import Known

SEVERITIES = ("critical", "high", "medium", "low", "none", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedUsed:
    """
    The feed that the packages were matched with. `generation` counts within `lineage`; `built` is RFC 3339.

    `covers` of the document's `packages` belong to an ecosystem that the feed knows; of a starter feed, which knows
    little, they stand in it by name. `nothing_of` are distributions of which it has no advisory at all, so that silence
    says nothing there. `unversioned` packages stand in it and have no version to compare.
    """

    kind: str
    generation: int
    lineage: str
    built: str
    records: int
    covers: int
    packages: int
    nothing_of: tuple[str, ...] = ()
    unversioned: int = 0

    @property
    def limits(self) -> Iterator[str]:
        """What the absence of a match does not mean here, a line each; names in them are foreign text."""
        if self.kind == "starter":
            covered = f"{self.covers:,} of your {counted(self.packages, 'package')}"
            yield f"Starter feed: covers {covered}; run `rightshift feed update`"
        if self.nothing_of:
            yield f"The feed has no advisory at all of {', '.join(self.nothing_of)}"
        if self.unversioned:
            have = "has" if self.unversioned == 1 else "have"
            yield f"{counted(self.unversioned, 'package')} {have} no version that could be compared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """A match that does not count: an ignore file (`ignore`) or a VEX document (`vex`) says so, with its reason."""

    match: Match
    by: Literal["ignore", "vex"]
    status: str = ""
    """Of a VEX statement: `not_affected`, `fixed`."""
    justification: str = ""
    reason: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One condition of `--fail-on` and the matches that meet it, best first. It failed if there are any."""

    condition: str
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOfLife:
    """
    Until when the distribution at the root gives security fixes to everybody: `last_day` as 2026-06-30, empty where it
    is not known; `over` on the day of the report.
    """

    system: str
    """Its name, foreign text."""
    last_day: str
    over: Known

    @property
    def said(self) -> str:
        """One line for people."""
        if self.over is Known.YES:
            return f"{self.system} reached its end of life on {self.last_day}: there are no security fixes any more"
        if self.over is Known.NO:
            return f"{self.system} gets security fixes until {self.last_day}"
        return f"{self.system}: its end of life is unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """
    One scan and its matches, best first. Without a `feed` nothing was looked up, and no matches mean nothing.

    `end_of_life` is None where there is no distribution, or nothing was looked up. With a `baseline` gates count only
    what it does not know, and `compared` are the names of the reports that it was made from.

    The packages of the matches are those of the document.
    """

    document: ScanDocument
    feed: FeedUsed | None = None
    end_of_life: EndOfLife | None = None
    baseline: Baseline | None = None
    compared: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    gates: tuple[Gate, ...] = ()

    @property
    def limits(self) -> Iterator[str]:
        """What people should know of silence here who read none of the reports for people, a line each."""
        if self.feed:
            yield from self.feed.limits
        if self.end_of_life and self.end_of_life.over is Known.YES:
            yield self.end_of_life.said

    @property
    def failed(self) -> bool:
        """Whether a gate failed."""
        return any(gate.matches for gate in self.gates)

    def is_new(self, match: Match) -> bool:
        """Whether the baseline does not know it; without one nothing is called new."""
        return self.baseline is not None and not self.baseline.knows(match)

    @property
    def gated(self) -> tuple[Match, ...]:
        """The matches that gates count: with a baseline those that it does not know."""
        return self.matches if self.baseline is None else tuple(filter(self.is_new, self.matches))

    @property
    def compared_line(self) -> str:
        """How much is new, for people; empty without a baseline. Names in it are foreign text."""
        if self.baseline is None:
            return ""
        new = len(self.gated)
        are = "is" if 1 in (new, len(self.matches)) else "are"
        return f"{new:,} of {counted(len(self.matches), 'match', 'matches')} {are} new since {', '.join(self.compared)}"

    @property
    def rows(self) -> Iterator["Row"]:
        """The lines of a list, in the order of the matches."""
        return self.rows_of(self.matches)

    def rows_of(self, matches: tuple[Match, ...]) -> Iterator["Row"]:
        """The lines of a list of some of the matches; the first of a package version stands for the others."""
        for group in _grouped(matches):
            places = dict.fromkeys(place for match in group for place in match.package.locations)
            layers = {match.package.layer for match in group} - {None}
            yield Row(
                match=group[0],
                places=tuple(places),
                layers=tuple(sorted(layer for layer in layers if layer is not None)),
                is_new=self.is_new(group[0]),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Matches of one advisory in one package version, wherever it lies: one line of a list."""

    match: Match
    places: tuple[str, ...]
    layers: tuple[int, ...]
    is_new: bool = False


def _grouped(matches: tuple[Match, ...]) -> Iterable[list[Match]]:
    grouped: dict[tuple[str, str, str, str], list[Match]] = {}
    for match in matches:
        package = match.package
        grouped.setdefault((match.id, package.ecosystem, package.name, package.version), []).append(match)
    return grouped.values()


def base_score(match: Match) -> float | None:
    """The CVSS base score, 0 to 10; None without a vector that can be read."""
    vector = cvss.read(match.vector)
    return cvss.score(vector) if vector else None


def marks(row: Row) -> Iterator[str]:
    """What speaks for doing it first, and what makes it doubtful, in few words each."""
    match = row.match
    if row.is_new:
        yield "new"
    if match.malicious:
        yield "malicious"
    if match.kev:
        yield "KEV ransomware" if match.kev.ransomware else "KEV"
    if match.epss:
        yield f"EPSS {match.epss.probability:.0%}" if match.epss.probability >= 0.01 else "EPSS <1%"
    if match.ignored:
        yield "not to be fixed"
    if match.certain is not Known.YES:
        yield "version not comparable"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its word: 1 package, 2 packages; `many` where an s is not all."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def counts(matches: tuple[Match, ...]) -> dict[str, int]:
    """How many of each severity, worst first, those of which there are none left out."""
    found = [match.severity for match in matches]
    return {severity: number for severity in SEVERITIES if (number := found.count(severity))}


def lost(document: ScanDocument) -> str:
    """How much could not be read, empty when nothing was lost."""
    number = len(document.gaps)
    return f"Partial: {counted(number, 'thing')} could not be read" if number else ""


def address(advisory: str) -> str:
    """Where a person reads about an advisory, percent-encoded."""
    id = quote(text.valid(advisory), safe="")
    return ("https://www.cve.org/CVERecord?id=" if id.startswith("CVE-") else "https://osv.dev/vulnerability/") + id
