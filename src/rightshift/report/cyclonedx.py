"""CycloneDX 1.6 in JSON: components with where they lie, and the vulnerabilities that affect them. SPDX: `spdx.py`."""

import uuid
from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from rightshift.assess.rank import band, score
from rightshift.documents import scan, text
from rightshift.model.advisory import Match
from rightshift.report.format import Format, Out
from rightshift.report.result import Result, Suppressed, address, base_score

RATED = frozenset({"critical", "high", "medium", "low", "none", "unknown"})
METHODS = {"CVSS:3.0": "CVSSv3", "CVSS:3.1": "CVSSv31", "CVSS:4.0": "CVSSv4"}
CONTAINS = {"image": "container", "container": "container", "host": "platform"}
STATES = {"not_affected": "not_affected", "fixed": "resolved", "under_investigation": "in_triage"}
JUSTIFICATIONS = {
    "component_not_present": "requires_dependency",
    "vulnerable_code_not_present": "code_not_present",
    "vulnerable_code_not_in_execute_path": "code_not_reachable",
    "vulnerable_code_cannot_be_controlled_by_adversary": "requires_environment",
    "inline_mitigations_already_exist": "protected_by_mitigating_control",
}
"""Justifications of OpenVEX in the words of CycloneDX. Source: CycloneDX 1.6, `impactAnalysisJustification`."""

_NAMESPACE = uuid.UUID("7b0c3f5c-7b0e-5d52-8a53-3f1f1f1c8f5e")


class Property(Struct, frozen=True):
    """A fact that the format has no word for."""

    name: str
    value: str


class Occurrence(Struct, frozen=True):
    """Where a component was found."""

    location: str


class Evidence(Struct, frozen=True):
    """All places of a component."""

    occurrences: tuple[Occurrence, ...]


class License(Struct, frozen=True):
    """As the package says; it is not checked to be an SPDX id."""

    name: str


class LicenseChoice(Struct, frozen=True):
    """One of a list."""

    license: License


class Component(Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"bom_ref": "bom-ref", "kind": "type"}):
    """One package version, however often it was found."""

    kind: str
    bom_ref: str
    name: str
    version: str = ""
    scope: Literal["required", "optional"] = "required"
    licenses: tuple[LicenseChoice, ...] = ()
    purl: str = ""
    evidence: Evidence | None = None
    properties: tuple[Property, ...] = ()


class Place(Struct, frozen=True):
    """Who describes a vulnerability, and where."""

    name: str
    url: str


class Reference(Struct, frozen=True):
    """The same vulnerability under another id."""

    id: str
    source: Place


class Rating(Struct, frozen=True, omit_defaults=True):
    """How bad the advisory says it is."""

    severity: str
    score: float | None = None
    method: str = ""
    vector: str = ""


class Link(Struct, frozen=True):
    """An advisory's page."""

    url: str


class Analysis(Struct, frozen=True, omit_defaults=True):
    """Why a vulnerability does not count."""

    state: str
    justification: str = ""
    response: tuple[str, ...] = ()
    detail: str = ""


class Affects(Struct, frozen=True):
    """The component that is affected, by its `bom-ref`."""

    ref: str


class Vulnerability(Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"bom_ref": "bom-ref"}):
    """One advisory in one package version."""

    bom_ref: str
    id: str
    source: Place
    references: tuple[Reference, ...] = ()
    ratings: tuple[Rating, ...]
    cwes: tuple[int, ...] = ()
    description: str = ""
    recommendation: str = ""
    advisories: tuple[Link, ...] = ()
    analysis: Analysis | None = None
    affects: tuple[Affects, ...]
    properties: tuple[Property, ...] = ()


def write(result: Result, out: Out) -> None:
    """One BOM; a component and a vulnerability a line."""
    document = result.document
    out.write(
        b'{"$schema":"http://cyclonedx.org/schema/bom-1.6.schema.json","bomFormat":"CycloneDX","specVersion":"1.6"'
    )
    out.write(b',"serialNumber":' + text.encode(f"urn:uuid:{uuid.uuid5(_NAMESPACE, document.id)}") + b',"version":1,\n')
    out.write(b'"metadata":' + _metadata(document) + b',\n"components":[')
    _list(_components(result), out)
    out.write(b'],\n"compositions":[')
    out.write(b'{"aggregate":"incomplete"}' if document.gaps else b'{"aggregate":"complete"}')
    out.write(b'],\n"vulnerabilities":[')
    _list(_vulnerabilities(result), out)
    out.write(b"]}\n")


def _list(values: Iterable[Struct], out: Out) -> None:
    for at, one in enumerate(values):
        out.write((b",\n" if at else b"\n") + text.encode(one))


def _metadata(document: scan.ScanDocument) -> bytes:
    subject, tool = document.subject, document.tool
    facts = [Property("rightshift:status", document.status)]
    facts += [Property("rightshift:subject:kind", subject.kind), Property("rightshift:subject:id", subject.id)]
    facts += [Property("rightshift:gap", f"{gap.path}: {gap.reason}") for gap in document.gaps]
    about = Component(
        kind=CONTAINS.get(subject.kind, "file" if subject.kind in ("file", "sbom") else "application"),
        bom_ref="subject",
        name=subject.name or "unnamed",
        version=subject.id,
    )
    made = Component(kind="application", bom_ref="tool", name=tool.name, version=tool.version)
    return text.encode(
        {"timestamp": document.created, "tools": {"components": [made]}, "component": about, "properties": facts}
    )


def _components(result: Result) -> Iterator[Component]:
    """Components in the document's order; the purl is the `bom-ref`."""
    document, life = result.document, result.end_of_life
    grouped: dict[str, list[scan.Package]] = {}
    for package in document.packages:
        grouped.setdefault(package.purl, []).append(package)
    if document.distro:
        one = document.distro
        yield Component(
            kind="operating-system",
            bom_ref="distro",
            name=one.id or one.name or "unknown",
            version=one.version,
            properties=(Property("rightshift:end-of-life", life.last_day or "unknown"),) if life else (),
        )
    for purl, group in grouped.items():
        first = group[0]
        places = dict.fromkeys(place for package in group for place in package.locations)
        licenses = dict.fromkeys(name for package in group for name in package.licenses if name)
        yield Component(
            kind="library",
            bom_ref=purl,
            name=first.name,
            version=first.version,
            scope="optional" if all(package.dev or package.optional for package in group) else "required",
            licenses=tuple(LicenseChoice(License(name)) for name in licenses),
            purl=purl,
            evidence=Evidence(tuple(map(Occurrence, places))) if places else None,
            properties=tuple(_properties(document, group)),
        )


def _properties(document: scan.ScanDocument, group: list[scan.Package]) -> Iterator[Property]:
    for state in dict.fromkeys(package.state for package in group):
        yield Property("rightshift:state", state)
    for layer in sorted({package.layer for package in group if package.layer is not None}):
        known = document.layers[layer].digest if layer < len(document.layers) else ""
        yield Property("rightshift:layer", f"{layer} {known}".strip())
    for owner in dict.fromkeys(package.owner for package in group if package.owner):
        yield Property("rightshift:owner", owner)
    first = group[0]
    if first.source:
        yield Property("rightshift:source", f"{first.source.name} {first.source.version}".strip())
    if first.modularity:
        yield Property("rightshift:modularity", first.modularity)


def _vulnerabilities(result: Result) -> Iterator[Vulnerability]:
    seen: set[tuple[str, str]] = set()
    for match, analysis in (
        *((match, None) for match in result.matches),
        *((one.match, _analysis(one)) for one in result.suppressed),
    ):
        purl = match.package.purl
        if (match.id, purl) not in seen:
            seen.add((match.id, purl))
            yield _vulnerability(match, analysis, len(seen), tuple(_compared(result, match)))


def _compared(result: Result, match: Match) -> Iterator[Property]:
    if result.baseline:
        yield Property("rightshift:new", "true" if result.is_new(match) else "false")


def _vulnerability(match: Match, analysis: Analysis | None, number: int, more: tuple[Property, ...]) -> Vulnerability:
    facts = [
        Property("rightshift:points", str(match.points)),
        Property("rightshift:score", str(score(match.points))),
        Property("rightshift:band", band(match.points)),
        Property("rightshift:run-time", "unknown"),
        Property("rightshift:rule", match.rule),
    ]
    if match.kev:
        facts.append(Property("rightshift:kev", match.kev.added))
    if match.epss:
        facts.append(Property("rightshift:epss", f"{match.epss.probability:.5f}"))
    severity = match.severity if match.severity in RATED else "unknown"
    method = METHODS.get(match.vector[:8], "other") if match.vector else ""
    return Vulnerability(
        bom_ref=f"vulnerability-{number}",
        id=match.id,
        source=_source(match.id),
        references=tuple(Reference(alias, _source(alias)) for alias in match.aliases),
        ratings=(Rating(severity, base_score(match), method, match.vector),),
        cwes=tuple(cwe for cwe in match.cwes if cwe > 0),
        description=match.summary,
        recommendation=f"Update to {' or '.join(match.fixed)}" if match.fixed else "",
        advisories=tuple(Link(address(record)) for record in match.records),
        analysis=analysis,
        affects=(Affects(match.package.purl),),
        properties=(*facts, *more),
    )


def _source(id: str) -> Place:
    return Place("CVE" if id.startswith("CVE-") else "OSV", address(id))


def _analysis(one: Suppressed) -> Analysis:
    if one.by == "ignore":
        until = f" (until {one.until})" if one.until else ""
        return Analysis("exploitable", response=("will_not_fix",), detail=f"accepted: {one.reason}{until}")
    return Analysis(STATES.get(one.status, "in_triage"), JUSTIFICATIONS.get(one.justification, ""), detail=one.reason)


FORMAT = Format(title="CycloneDX 1.6 in JSON, with vulnerabilities", write=write)
