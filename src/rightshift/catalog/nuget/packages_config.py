"""`packages.config`: the packages of an older .NET project, by exact version. Newer projects: `project.py`."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import xml_root
from rightshift.errors import Malformed
from rightshift.model.package import Package


class MalformedPackagesConfig(Malformed):
    """XML that is no list of packages."""


def read(content: bytes) -> Iterator[Package]:
    """
    The packages in the file's order. An entry without id or version is nothing that NuGet would restore.

    Raises: MalformedPackagesConfig.
    Source: NuGet documentation, "packages.config reference".
    """
    root = xml_root(content)
    if root.tag != "packages":
        raise MalformedPackagesConfig(f"the root is not `packages` but `{root.tag[:80]}`")
    for entry in root.iter("package"):
        name, version = entry.get("id", "").strip(), entry.get("version", "").strip()
        if name and version:
            dev = entry.get("developmentDependency", "").lower() == "true"
            yield Package(ecosystem="nuget", name=name, version=version, state="locked", dev=dev)


FORMAT = Format(
    name="nuget-packages-config",
    ecosystem="nuget",
    title=".NET: packages.config",
    patterns=("packages.config",),
    limit_bytes=8 << 20,
    read=read,
)
