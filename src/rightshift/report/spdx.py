"""SPDX 2.3 in JSON: packages, with the advisories that hold for them as references. CycloneDX: `cyclonedx.py`."""

import uuid
from functools import lru_cache

from msgspec import Struct, field

from rightshift.documents import scan, text
from rightshift.report.format import Format, Out
from rightshift.report.result import Result, address, lost

NOT_SAID = "NOASSERTION"
DOCUMENT = "SPDXRef-DOCUMENT"
ROOT = "SPDXRef-Subject"
PURPOSE = {"image": "CONTAINER", "container": "CONTAINER", "host": "DEVICE", "file": "FILE", "sbom": "FILE"}

LICENSE_CHARS = 200
"""Longer ones are texts, not expressions."""

_NAMESPACE = uuid.UUID("0f7a3b52-1f38-5c2d-9d4b-2a5f0c6c3a11")


class Reference(Struct, frozen=True, rename="camel"):
    """What a package is called elsewhere (its purl), or an advisory that holds for it."""

    reference_category: str
    reference_type: str
    reference_locator: str


class Package(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One package version, however often it was found."""

    name: str
    id: str = field(name="SPDXID")
    version_info: str = ""
    download_location: str
    files_analyzed: bool
    license_concluded: str
    license_declared: str
    license_comments: str = ""
    copyright_text: str
    primary_package_purpose: str = ""
    source_info: str = ""
    external_refs: tuple[Reference, ...] = ()


class Relationship(Struct, frozen=True, rename="camel"):
    """How two elements belong together."""

    spdx_element_id: str
    relationship_type: str
    related_spdx_element: str


def write(result: Result, out: Out) -> None:
    """One document; a package and a relationship a line."""
    document = result.document
    groups: dict[str, list[scan.Package]] = {}
    for package in document.packages:
        groups.setdefault(package.purl, []).append(package)
    advisories: dict[str, dict[str, None]] = {}
    for match in result.matches:
        advisories.setdefault(match.package.purl, {})[match.id] = None
    out.write(_head(document) + b',\n"packages":[\n')
    out.write(text.encode(_root(document)))
    for at, (purl, group) in enumerate(groups.items()):
        out.write(b",\n" + text.encode(_package(at, purl, group, tuple(advisories.get(purl, ())))))
    out.write(b'],\n"relationships":[\n' + text.encode(Relationship(DOCUMENT, "DESCRIBES", ROOT)))
    for at in range(len(groups)):
        out.write(b",\n" + text.encode(Relationship(ROOT, "CONTAINS", _id(at))))
    out.write(b"]}\n")


def _head(document: scan.ScanDocument) -> bytes:
    tool = document.tool
    head = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": document.subject.name or "unnamed",
        "documentNamespace": f"urn:uuid:{uuid.uuid5(_NAMESPACE, document.id)}",
        "creationInfo": {
            "created": document.created[:19] + "Z",
            "creators": [f"Tool: {tool.name}-{tool.version}"],
            "comment": lost(document) or "Complete",
        },
    }
    return text.encode(head)[:-1]


def _root(document: scan.ScanDocument) -> Package:
    subject = document.subject
    return Package(
        name=subject.name or "unnamed",
        id=ROOT,
        version_info=subject.id,
        download_location=NOT_SAID,
        files_analyzed=False,
        license_concluded=NOT_SAID,
        license_declared=NOT_SAID,
        copyright_text=NOT_SAID,
        primary_package_purpose=PURPOSE.get(subject.kind, "SOURCE"),
    )


def _package(at: int, purl: str, group: list[scan.Package], advisories: tuple[str, ...]) -> Package:
    first = group[0]
    places = dict.fromkeys(place for package in group for place in package.locations)
    said = tuple(dict.fromkeys(name for package in group for name in package.licenses if name))
    declared = _expression(said)
    references = [Reference("PACKAGE-MANAGER", "purl", purl)]
    references += [Reference("SECURITY", "advisory", address(advisory)) for advisory in advisories]
    return Package(
        name=first.name,
        id=_id(at),
        version_info=first.version,
        download_location=NOT_SAID,
        files_analyzed=False,
        license_concluded=NOT_SAID,
        license_declared=declared,
        license_comments="" if declared != NOT_SAID else "; ".join(said),
        copyright_text=NOT_SAID,
        source_info=f"found at: {'; '.join(places)}" if places else "",
        external_refs=tuple(references),
    )


def _id(at: int) -> str:
    return f"SPDXRef-Package-{at}"


@lru_cache(maxsize=4096)
def _expression(said: tuple[str, ...]) -> str:
    """What a package says as one SPDX expression, where each is one; references to texts elsewhere are not."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    known = []
    for one in said:
        try:
            known.append(str(canonicalize_license_expression(one)) if len(one) <= LICENSE_CHARS else "LicenseRef-")
        except InvalidLicenseExpression:
            return NOT_SAID
    if not known or any("licenseref-" in one.lower() for one in known):
        return NOT_SAID
    return known[0] if len(known) == 1 else " AND ".join(f"({one})" for one in known)


FORMAT = Format(title="SPDX 2.3 in JSON", write=write)
