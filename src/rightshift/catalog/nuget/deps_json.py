"""`*.deps.json`: the libraries that a published .NET program comes with. What its source asked for: `project.py`."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import json_document
from rightshift.errors import Malformed
from rightshift.model.package import Package

RUNTIME_PACK = "runtimepack."
"""In front of the names of runtimes that a self-contained program brings; the package is called without it."""


class MalformedDepsJson(Malformed):
    """JSON without libraries."""


def read(content: bytes) -> Iterator[Package]:
    """
    Packages, runtimes and the program's own projects (`local`), in the file's order.

    A key without a version names no release of anything and is passed over, as the host does that resolves them.

    Raises: MalformedDepsJson.
    Source: .NET runtime documentation, "Runtime Configuration Files", `.deps.json`.
    """
    match json_document(content):
        case {"libraries": dict(libraries)}:
            pass
        case _:
            raise MalformedDepsJson("no `libraries`")
    for key, entry in libraries.items():
        name, _, version = key.partition("/")
        if not (name and version):
            continue
        match entry:
            case {"type": str(kind)} if kind.lower() in ("project", "msbuildproject"):
                yield Package(ecosystem="nuget", name=name, version=version, origin="local")
            case _:
                yield Package(ecosystem="nuget", name=name.removeprefix(RUNTIME_PACK), version=version)


FORMAT = Format(
    name="nuget-deps-json",
    ecosystem="nuget",
    title=".NET: *.deps.json",
    patterns=("*.deps.json",),
    limit_bytes=32 << 20,
    read=read,
)
