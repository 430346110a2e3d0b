"""`project.assets.json`: what NuGet restored for one build of a project. What was locked: `packages_lock.py`."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import json_document
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


class MalformedProjectAssets(Malformed):
    """JSON without libraries."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The packages in the file's order. Other projects of the same solution are no packages.

    Raises: MalformedProjectAssets.
    Source: NuGet documentation, "NuGet restore", "project.assets.json".
    """
    match json_document(content):
        case {"libraries": dict(libraries)}:
            pass
        case _:
            raise MalformedProjectAssets("no `libraries`")
    bad = 0
    for key, entry in libraries.items():
        name, _, version = key.partition("/")
        match entry:
            case {"type": "package"} if name and version:
                yield Package(ecosystem="nuget", name=name, version=version, state="locked")
            case {"type": "package"}:
                bad += 1
    if bad:
        yield Gap("", f"{bad} packages without name or version")


FORMAT = Format(
    name="nuget-project-assets",
    ecosystem="nuget",
    title=".NET: project.assets.json",
    patterns=("project.assets.json",),
    limit_bytes=64 << 20,
    read=read,
)
