"""The list of packages that a Container-Optimized OS image carries."""

from collections.abc import Iterator

from rightshift.catalog import text
from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


class MalformedCosPackages(Malformed):
    """Not a list of packages in JSON."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The installed packages; what was only there to build them is left out.

    Raises: Malformed.
    Source: cos-tools, pkg/cos/packages.
    """
    document = text.json_document(content)
    entries = document.get("installedPackages", []) if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise MalformedCosPackages("`installedPackages` is not a list")
    for entry in entries:
        match entry:
            case {"name": str(name), "version": str(version)} if name:
                yield Package(ecosystem="cos", name=name, version=version, evidence="database")
            case _:
                yield Gap("", "a package without a name or a version")


FORMAT = Format(
    name="cos-package-info",
    ecosystem="cos",
    title="Container-Optimized OS: etc/cos-package-info.json",
    patterns=("etc/cos-package-info.json",),
    limit_bytes=16 << 20,
    read=read,
)
