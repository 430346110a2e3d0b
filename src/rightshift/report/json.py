"""JSON: the scan document with what is known of its packages. Read by programs; for SBOM readers see `cyclonedx`."""

from msgspec import Struct
from msgspec.structs import replace

from rightshift.documents import scan, text
from rightshift.model import advisory
from rightshift.model.known import Known
from rightshift.model.package import Package
from rightshift.report.format import Format, Out
from rightshift.report.result import Result, Suppressed

PIECE = 200
"""Packages that are written at once."""


class Feed(Struct, frozen=True):
    """The feed that was asked: see `result.FeedUsed`."""

    kind: str
    generation: int
    lineage: str
    built: str
    records: int
    covers: int
    packages: int
    nothing_of: tuple[str, ...]
    unversioned: int


class EndOfLife(Struct, frozen=True):
    """Until when the distribution at the root is mended: see `result.EndOfLife`. `over` is yes, no or unknown."""

    system: str
    last_day: str
    over: str


class Part(Struct, frozen=True):
    """One part of the points: what was counted, and what was not known."""

    name: str
    points: int
    because: str
    unknown: tuple[str, ...]


class Kev(Struct, frozen=True):
    """CISA knows of exploitation since a day."""

    added: str
    ransomware: bool


class Epss(Struct, frozen=True):
    """The probability (0 to 1) of exploitation within 30 days."""

    probability: float
    model_version: str
    day: str


class Match(Struct, frozen=True, kw_only=True):
    """
    One advisory that holds for one package. `package` counts from 0 in `packages`.

    `certain` is false where the version could not be compared. Points leave run time out, which a scan can't see.
    """

    id: str
    aliases: tuple[str, ...]
    records: tuple[str, ...]
    purl: str
    name: str
    version: str
    ecosystem: str
    package: int | None
    layer: int | None
    locations: tuple[str, ...]
    fixed: tuple[str, ...]
    severity: str
    vector: str
    distro_severity: str
    points: int
    score: int
    band: str
    evidence: tuple[Part, ...]
    rule: str
    certain: bool
    ignored: bool
    malicious: bool
    kev: Kev | None
    epss: Epss | None
    cwes: tuple[int, ...]
    summary: str
    published: str
    references: tuple[str, ...]
    new: bool | None = None
    """Whether the baseline does not know it; None without a baseline."""


class SuppressedMatch(Struct, frozen=True):
    """A match that does not count, and who says so: `ignore` or `vex`."""

    match: Match
    by: str
    status: str
    justification: str
    reason: str
    until: str


class Baseline(Struct, frozen=True):
    """What was compared with, and how many of the matches it does not know: only those are counted by gates."""

    reports: tuple[str, ...]
    new: int


class Gate(Struct, frozen=True):
    """A condition of `--fail-on`, and how many matches meet it."""

    condition: str
    failed: bool
    matches: int


def write(result: Result, out: Out) -> None:
    """One object: the keys of the scan document, then those of what was looked up, `feed` first and `gates` last."""
    head, foot = scan.encode(replace(result.document, packages=())).split(b'"packages":[]')
    out.write(head + b'"packages":[')
    listed = result.document.packages
    for at in range(0, len(listed), PIECE):
        out.write((b"," if at else b"") + b",".join(map(text.encode, listed[at : at + PIECE])))
    out.write(b"]" + foot[:-1])
    if result.feed:
        packages = {one: at for at, one in enumerate(scan.inventory(result.document).packages)}
        out.write(b',"feed":' + text.encode(_feed(result)))
        compared = Baseline(result.compared, sum(map(result.is_new, result.matches))) if result.baseline else None
        out.write(b',"baseline":' + text.encode(compared))
        life = result.end_of_life
        out.write(b',"end_of_life":' + text.encode(life and EndOfLife(life.system, life.last_day, life.over.value)))
        out.write(b',"matches":[')
        for at, match in enumerate(result.matches):
            out.write((b"," if at else b"") + _match(result, match, packages))
        out.write(b'],"suppressed":[')
        for at, one in enumerate(result.suppressed):
            out.write((b"," if at else b"") + text.encode(_suppressed(one, packages)))
        gates = [Gate(gate.condition, bool(gate.matches), len(gate.matches)) for gate in result.gates]
        out.write(b'],"gates":' + text.encode(gates))
    out.write(b"}\n")


def _match(result: Result, match: advisory.Match, packages: dict[Package, int]) -> bytes:
    shown = encoded(match, packages.get(match.package))
    return text.encode(replace(shown, new=result.is_new(match)) if result.baseline else shown)


def encoded(match: advisory.Match, package: int | None = None) -> Match:
    """One match as it stands in JSON; `package` is its package's place in the list."""
    from rightshift.assess.rank import band, score

    one = match.package
    return Match(
        id=match.id,
        aliases=match.aliases,
        records=match.records,
        purl=one.purl,
        name=one.name,
        version=one.version,
        ecosystem=one.ecosystem,
        package=package,
        layer=one.layer,
        locations=one.locations,
        fixed=match.fixed,
        severity=match.severity,
        vector=match.vector,
        distro_severity=match.distro_severity,
        points=match.points,
        score=score(match.points),
        band=band(match.points),
        evidence=tuple(Part(part.name, part.points, part.because, part.unknown) for part in match.evidence),
        rule=match.rule,
        certain=match.certain is Known.YES,
        ignored=match.ignored,
        malicious=match.malicious,
        kev=Kev(match.kev.added, match.kev.ransomware) if match.kev else None,
        epss=_epss(match.epss) if match.epss else None,
        cwes=match.cwes,
        summary=match.summary,
        published=match.published,
        references=match.references,
    )


def _epss(epss: advisory.Epss) -> Epss:
    return Epss(epss.probability, epss.model_version, epss.day)


def _suppressed(one: Suppressed, packages: dict[Package, int]) -> SuppressedMatch:
    match = encoded(one.match, packages.get(one.match.package))
    return SuppressedMatch(match, one.by, one.status, one.justification, one.reason, one.until)


def _feed(result: Result) -> Feed:
    used = result.feed
    assert used
    return Feed(
        used.kind,
        used.generation,
        used.lineage,
        used.built,
        used.records,
        used.covers,
        used.packages,
        used.nothing_of,
        used.unversioned,
    )


FORMAT = Format(title="JSON: the scan document, its matches and the feed", write=write, several=True)
