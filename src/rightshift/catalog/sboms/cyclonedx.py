"""CycloneDX in JSON: what a bill of materials claims. SPDX: `spdx.py`; whichever of them: `bill.py`."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rightshift.catalog.format import Format
from rightshift.catalog.purl import distribution
from rightshift.catalog.sboms.claims import LIMIT_BYTES, Claim, Losses, in_distro, inside, places
from rightshift.catalog.text import json_document
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Distro, Package, SourcePackage

CODE = frozenset({"library", "framework"})
"""Types of components that are packages: one without a package URL is a loss."""

TRIVY = "aquasecurity:trivy:"

Component = Mapping[object, object]


class MalformedCycloneDx(Malformed):
    """Not a bill of materials in JSON."""


def read(content: bytes) -> Iterator[Claim]:
    """
    The packages of all components, however they are nested, in the document's order, and the operating system first.

    A component is known by its package URL alone: a bare name belongs to no ecosystem and would match by accident. What
    the bill is about (`metadata.component`) is not among them. OS packages that don't say where they belong are of the
    operating system that the bill names.

    Raises: MalformedCycloneDx.
    Source: CycloneDX 1.2 to 1.6, JSON schema; anchore/syft and aquasecurity/trivy, for their properties.
    """
    if content.lstrip()[:1] == b"<":
        raise MalformedCycloneDx("CycloneDX in XML is not read, only in JSON")
    match json_document(content):
        case {"bomFormat": "CycloneDX", **document}:
            components = list(_flat(document))
        case _:
            raise MalformedCycloneDx("not a CycloneDX document")
    distro = next(filter(None, map(_distro, components)), None)
    if distro:
        yield distro
    losses = Losses()
    for component in components:
        purl = component.get("purl")
        if not purl and str(component.get("type")) not in CODE:
            continue
        if package := losses.package(purl):
            yield in_distro(_described(package, component), distro)
    yield from losses.gaps()


def _flat(document: Component) -> Iterator[Component]:
    """All components, each before those that it holds."""
    components = document.get("components", [])
    if not isinstance(components, list):
        raise MalformedCycloneDx("`components` is not a list")
    levels: list[Iterator[object]] = [iter(components)]
    match document.get("metadata"):
        case {"component": {"components": list(parts)}}:
            levels.append(iter(parts))
    while levels:
        component = next(levels[-1], None)
        if component is None:
            levels.pop()
        elif isinstance(component, dict):
            yield component
            if isinstance(inner := component.get("components"), list):
                levels.append(iter(inner))


def _distro(component: Component) -> Distro | None:
    match component:
        case {"type": "operating-system", "name": str(name), "version": str(version)} if name:
            return distribution(name, version)
    return None


def _described(package: Package, component: Component) -> Package:
    properties = _properties(component.get("properties"))
    version = component.get("version")
    return replace(
        package,
        version=package.version or (version if isinstance(version, str) else ""),
        source=package.source or _source(properties),
        dev=component.get("scope") == "excluded" or properties.get("cdx:npm:package:development") == "true",
        optional=component.get("scope") == "optional",
        licenses=tuple(_licenses(component.get("licenses"))),
        locations=_locations(component, properties),
    )


def _properties(value: object) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in value if isinstance(value, list) else ():
        match entry:
            case {"name": str(name), "value": str(text)}:
                found.setdefault(name, text)
    return found


def _source(properties: Mapping[str, str]) -> SourcePackage | None:
    """What trivy says of an OS package's source; it has epoch and release apart from the version."""
    name = properties.get(TRIVY + "SrcName")
    if not name:
        return None
    version, release, epoch = (properties.get(TRIVY + key, "") for key in ("SrcVersion", "SrcRelease", "SrcEpoch"))
    version = "-".join(filter(None, (version, release)))
    return SourcePackage(name, f"{epoch}:{version}" if epoch not in ("", "0") and ":" not in version else version)


def _licenses(value: object) -> Iterator[str]:
    for entry in value if isinstance(value, list) else ():
        match entry:
            case {"license": {"id": str(name)}} | {"license": {"name": str(name)}} | {"expression": str(name)}:
                yield name


def _locations(component: Component, properties: Mapping[str, str]) -> tuple[str, ...]:
    found: list[object] = [
        path
        for name, path in properties.items()
        if name == TRIVY + "FilePath" or (name.startswith("syft:location:") and name.endswith(":path"))
    ]
    match component.get("evidence"):
        case {"occurrences": list(occurrences)}:
            found += [entry.get("location") for entry in occurrences if isinstance(entry, dict)]
    return places(found)


def _inside(content: bytes) -> Iterator[Package | Gap]:
    return inside(read(content))


FORMAT = Format(
    name="cyclonedx",
    ecosystem="sbom",
    title="CycloneDX: *.cdx.json, bom.json",
    patterns=("*.cdx.json", "bom.json"),
    limit_bytes=LIMIT_BYTES,
    read=_inside,
)
