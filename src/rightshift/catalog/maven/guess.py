"""What an archive without Maven's own description may be: by its manifest and its file's name, with how it was had."""

import re
from collections.abc import Mapping

from rightshift.catalog.maven import groups
from rightshift.catalog.maven.coordinates import Coordinates
from rightshift.model.package import Evidence

_QUALIFIER = re.compile(
    r"(?:\d.*|jre\d*|jdk\d*|android|alpha.*|beta.*|rc.*|cr\d*|m\d+|b\d+|snapshot|final|ga|release|sp\d*|pre.*|ea.*"
    r"|incubating|milestone.*|redhat.*|empty|lts|v\d.*|hadoop\d*|dev|public)\Z",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z][\w.-]{0,199}\Z", re.ASCII)
_GROUP = re.compile(r"[a-z][\w-]*(?:\.[\w-]+)+\Z", re.ASCII)
_VERSION = re.compile(r"[\w.+~-]{1,100}\Z", re.ASCII)
_RUNTIME = "Java Runtime Environment"
"""The title of the archives that a Java runtime consists of: no packages of their own."""


def identity(file_name: str, manifest: Mapping[str, str]) -> tuple[Coordinates, Evidence] | None:
    """
    The best that can be said; None without a name or a version.

    The group is never taken from one field alone: it is written out as a coordinate, known for the artifact, or what
    the symbolic name begins with where it ends like the artifact. Else it stays empty.

    Source: OSGi Core, "Bundle Manifest Headers"; JAR File Specification, "Main Attributes"; Jenkins developer
    documentation, "Plugin manifest".
    """
    if manifest.get("implementation-title") == _RUNTIME:
        return None
    declared = _declared(manifest)
    if declared:
        return declared, "manifest"
    stem = file_name.rpartition(".")[0]
    artifact, version = split_stem(stem, _versions(manifest))
    evidence: Evidence = "file name" if version else "manifest"
    if not version:
        version = next((found for found in _versions(manifest) if _VERSION.match(found)), "")
    if not version or not _NAME.match(artifact):
        return None
    group = groups.known(artifact, version)
    if not group and (group := _symbolic_group(artifact, manifest)):
        evidence = "manifest"
    return Coordinates(group, artifact, version), evidence


def _declared(manifest: Mapping[str, str]) -> Coordinates | None:
    """Coordinates that some build tools write out in full: those of Jenkins' plugins."""
    group = manifest.get("group-id", "")
    artifact = manifest.get("artifact-id") or manifest.get("short-name", "")
    version = (manifest.get("plugin-version") or manifest.get("implementation-version") or "").partition(" ")[0]
    fits = _GROUP.match(group) and _NAME.match(artifact) and _VERSION.match(version)
    return Coordinates(group, artifact, version) if fits else None


def _versions(manifest: Mapping[str, str]) -> tuple[str, ...]:
    """The most exact first: OSGi pads a bundle's version, a specification's is that of an interface."""
    fields = ("implementation-version", "bundle-version", "specification-version")
    return tuple(found for field in fields if (found := manifest.get(field, "").strip()) and "${" not in found)


def _symbolic_group(artifact: str, manifest: Mapping[str, str]) -> str:
    """`org.x` for the artifact `x-y` (or `y`) whose symbolic name is `org.x.y`; a vendor's id may say where to cut."""
    symbolic = manifest.get("bundle-symbolicname", "").partition(";")[0].strip()
    vendor = manifest.get("implementation-vendor-id", "")
    if _GROUP.match(vendor) and symbolic.startswith(vendor + "."):
        group = vendor
    else:
        group = symbolic.removesuffix(artifact).rstrip(".") if symbolic.endswith("." + artifact) else ""
    rest = symbolic.removeprefix(group + ".").replace(".", "-")
    return group if _GROUP.match(group) and rest and artifact.replace(".", "-").endswith(rest) else ""


def split_stem(stem: str, versions: tuple[str, ...] = ()) -> tuple[str, str]:
    """
    Artifact and version of a file's name without its ending; a classifier behind the version is left out.

    A version that the manifest confirms decides; else the first part that begins with a digit and is followed only by
    what may stand in a version (`30.1.1-jre`), or by one word that may not, the classifier (`1.9.2-shaded-protobuf`).
    """
    for version in versions:
        at = stem.find("-" + version)
        if at > 0 and stem[at + 1 + len(version) :][:1] in ("", "-", "_", "."):
            tail = stem[at + 1 :].split("-")
            return stem[:at], _with_qualifiers(tail)
    parts = stem.split("-")
    for number, part in enumerate(parts[1:], 1):
        if not part[:1].isdigit():
            continue
        tail = parts[number:]
        if number < len(parts) - 1 and _numbered_later(tail):
            continue
        return "-".join(parts[:number]), _with_qualifiers(tail)
    return stem, ""


def _with_qualifiers(tail: list[str]) -> str:
    kept = [tail[0]]
    for part in tail[1:]:
        if not _QUALIFIER.match(part):
            break
        kept.append(part)
    return "-".join(kept)


def _numbered_later(tail: list[str]) -> bool:
    """A word that belongs to no version, then a dotted number: the version begins later (`log4j-1.2-api-2.20.0`)."""
    word = next((at for at, part in enumerate(tail) if not _QUALIFIER.match(part)), len(tail))
    return any(part[:1].isdigit() and "." in part for part in tail[word:])
