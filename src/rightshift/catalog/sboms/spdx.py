"""SPDX 2 in JSON: what a document claims. CycloneDX: `cyclonedx.py`; whichever of them: `bill.py`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from rightshift.catalog.format import Format
from rightshift.catalog.purl import distribution
from rightshift.catalog.sboms.claims import LIMIT_BYTES, Claim, Losses, in_distro, inside
from rightshift.catalog.text import json_document
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Distro, Package, SourcePackage

NOTHING = frozenset({"", "NONE", "NOASSERTION"})
NO_PACKAGES = frozenset({"OPERATING-SYSTEM", "OPERATING_SYSTEM", "CONTAINER", "FILE", "DEVICE", "ARCHIVE", "SOURCE"})
"""Purposes of what is called a package but is none: without a package URL it is no loss."""

_BUILT_FROM = re.compile(r"built package from: (\S{1,400}) (\S{1,256})")

Entry = Mapping[object, object]


class MalformedSpdx(Malformed):
    """Not an SPDX 2 document in JSON."""


def read(content: bytes) -> Iterator[Claim]:
    """
    The packages that have a package URL, in the document's order, and the operating system first, if one is named.

    What the document is about is no loss when it has no package URL. Nothing that the document refers to is fetched.

    Raises: MalformedSpdx.
    Source: SPDX 2.2 and 2.3, clause 7, "Package information"; aquasecurity/trivy, for `sourceInfo`.
    """
    if content.lstrip(b"\xef\xbb\xbf\t\r\n ")[:1] not in (b"{", b"["):
        raise MalformedSpdx("SPDX is read as JSON only")
    match json_document(content):
        case {"spdxVersion": str(version), **document} if version.startswith("SPDX-2."):
            pass
        case {"@context": _}:
            raise MalformedSpdx("SPDX 3 is not read, only SPDX 2")
        case _:
            raise MalformedSpdx("not an SPDX 2 document")
    packages = document.get("packages", [])
    if not isinstance(packages, list):
        raise MalformedSpdx("`packages` is not a list")
    entries = [entry for entry in packages if isinstance(entry, dict)]
    distro = next(filter(None, map(_distro, entries)), None)
    if distro:
        yield distro
    losses = Losses(nameless=len(packages) - len(entries))
    subjects = _subjects(document)
    for entry in entries:
        purls = list(_purls(entry))
        named, purpose = str(entry.get("SPDXID")), str(entry.get("primaryPackagePurpose"))
        if not purls and (named in subjects or purpose in NO_PACKAGES):
            continue
        found = [losses.package(purl) for purl in purls or [None]]
        for package in dict.fromkeys(filter(None, found)):
            yield in_distro(_described(package, entry), distro)
    yield from losses.gaps()


def _purls(entry: Entry) -> Iterator[object]:
    references = entry.get("externalRefs")
    for reference in references if isinstance(references, list) else ():
        match reference:
            case {"referenceType": "purl", "referenceLocator": purl}:
                yield purl


def _distro(entry: Entry) -> Distro | None:
    match entry:
        case {"primaryPackagePurpose": "OPERATING-SYSTEM" | "OPERATING_SYSTEM", "name": str(name), **rest} if name:
            version = rest.get("versionInfo")
            return distribution(name, version if isinstance(version, str) else "")
    return None


def _subjects(document: Entry) -> set[str]:
    """Ids of what the document says that it describes."""
    described = document.get("documentDescribes")
    found = {one for one in described if isinstance(one, str)} if isinstance(described, list) else set()
    relationships = document.get("relationships")
    for relationship in relationships if isinstance(relationships, list) else ():
        match relationship:
            case {"relationshipType": "DESCRIBES", "relatedSpdxElement": str(one)}:
                found.add(one)
            case {"relationshipType": "DESCRIBED_BY", "spdxElementId": str(one)}:
                found.add(one)
    return found


def _described(package: Package, entry: Entry) -> Package:
    version, info = entry.get("versionInfo"), entry.get("sourceInfo")
    built_from = _BUILT_FROM.match(info) if isinstance(info, str) else None
    licenses = (entry.get(key) for key in ("licenseConcluded", "licenseDeclared"))
    known = [text for text in licenses if isinstance(text, str) and text not in NOTHING]
    return replace(
        package,
        version=package.version or (version if isinstance(version, str) and version not in NOTHING else ""),
        source=package.source or (SourcePackage(built_from[1], built_from[2]) if built_from else None),
        licenses=tuple(known[:1]),
    )


def _inside(content: bytes) -> Iterator[Package | Gap]:
    return inside(read(content))


FORMAT = Format(
    name="spdx",
    ecosystem="sbom",
    title="SPDX 2: *.spdx.json",
    patterns=("*.spdx.json",),
    limit_bytes=LIMIT_BYTES,
    read=_inside,
)
