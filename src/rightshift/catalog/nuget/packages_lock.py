"""`packages.lock.json`: the packages that NuGet locked. What it restored for one build: `project_assets.py`."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import json_document
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


class MalformedPackagesLock(Malformed):
    """JSON that is no lock file."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The packages of all target frameworks, each version once. Projects of the same solution are no packages.

    Raises: MalformedPackagesLock.
    Source: NuGet documentation, "PackageReference in project files", "Locking dependencies".
    """
    match json_document(content):
        case {"dependencies": dict(frameworks)}:
            pass
        case {"version": _}:
            return
        case _:
            raise MalformedPackagesLock("no `dependencies`")
    found: dict[Package, None] = {}
    bad = 0
    for packages in frameworks.values():
        for name, entry in packages.items() if isinstance(packages, dict) else ():
            match entry:
                case {"type": "Project"}:
                    continue
                case {"resolved": str(version)}:
                    found[Package(ecosystem="nuget", name=name, version=version, state="locked")] = None
                case _:
                    bad += 1
    yield from found
    if bad:
        yield Gap("", f"{bad} packages without a resolved version")


FORMAT = Format(
    name="nuget-packages-lock",
    ecosystem="nuget",
    title=".NET: packages.lock.json",
    patterns=("packages.lock.json",),
    limit_bytes=32 << 20,
    read=read,
)
