"""`*.csproj`, `Directory.Packages.props` and kin: packages that a .NET project asks for. Locked: `packages_lock.py`."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rightshift.catalog.format import Format
from rightshift.catalog.text import xml_root
from rightshift.errors import Malformed
from rightshift.model.package import Package

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ITEMS = frozenset({"PackageReference", "PackageVersion", "GlobalPackageReference"})

VERSION_CHARS = 256
"""Properties may name each other; what grows beyond this is no version."""

_PROPERTY = re.compile(r"\$\(([\w.-]{1,128})\)")


class MalformedProject(Malformed):
    """XML that is no MSBuild project."""


def read(content: bytes) -> Iterator[Package]:
    """
    The packages that one file gives a version to, in its order; those without one get it from another file.

    A version here is the lowest that will do, and the one that NuGet takes. It is empty where it can't be told from
    this file: it floats (`6.*`), has no lowest value, or uses a property of another file.

    Raises: MalformedProject.
    Source: NuGet documentation, "PackageReference in project files", "Central Package Management", "Versioning".
    """
    root = xml_root(content)
    if root.tag != "Project":
        raise MalformedProject(f"the root is not `Project` but `{root.tag[:80]}`")
    properties = {child.tag: (child.text or "").strip() for group in root.iter("PropertyGroup") for child in group}
    for item in root.iter():
        name = item.get("Include", "").strip()
        written = _written(item)
        if item.tag in ITEMS and name and written:
            version = _lowest(_expanded(written, properties))
            dev = (item.get("PrivateAssets") or item.findtext("PrivateAssets") or "").strip().lower() == "all"
            yield Package(ecosystem="nuget", name=name, version=version, state="locked", dev=dev)


def _written(item: "Element") -> str:
    for key in ("VersionOverride", "Version"):
        if version := (item.get(key) or item.findtext(key) or "").strip():
            return version
    return ""


def _expanded(text: str, properties: dict[str, str]) -> str:
    for _ in range(8):
        text = _PROPERTY.sub(lambda found: properties.get(found[1], found[0])[:VERSION_CHARS], text[:VERSION_CHARS])
    return text


def _lowest(version: str) -> str:
    if version[:1] in ("[", "("):
        version = version[1:-1].partition(",")[0].strip() if version[0] == "[" else ""
    return "" if "*" in version or "$(" in version or len(version) > VERSION_CHARS else version


FORMAT = Format(
    name="nuget-project",
    ecosystem="nuget",
    title=".NET: *.csproj, *.fsproj, *.vbproj, Directory.Packages.props",
    patterns=("*.csproj", "*.fsproj", "*.vbproj", "Directory.Packages.props"),
    limit_bytes=8 << 20,
    read=read,
)
