"""`vcpkg.json`: what a C or C++ project asks vcpkg for. What was installed: `status.py`."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import json_document
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


class MalformedVcpkgManifest(Malformed):
    """JSON that is no object."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The dependencies in order, with the version that an override fixes or that is asked for at least; else it is empty.

    Raises: MalformedVcpkgManifest.
    Source: vcpkg documentation, "vcpkg.json reference".
    """
    match json_document(content):
        case dict(manifest):
            pass
        case _:
            raise MalformedVcpkgManifest("not an object")
    fixed = dict(_entry(entry) for entry in _list(manifest.get("overrides")))
    wanted = dict(_entry(entry) for entry in _list(manifest.get("dependencies")))
    for name, version in wanted.items():
        if name:
            yield Package(ecosystem="vcpkg", name=name, version=fixed.get(name) or version, state="locked")
    if "" in wanted:
        yield Gap("", "dependencies without a name")


def _entry(entry: object) -> tuple[str, str]:
    match entry:
        case str(name):
            return name, ""
        case {"name": str(name), "version>=": str(version)}:
            return name, version
        case {"name": str(name), **rest}:
            versions = (rest.get(key) for key in ("version", "version-string", "version-semver", "version-date"))
            return name, next((version for version in versions if isinstance(version, str)), "")
    return "", ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


FORMAT = Format(
    name="vcpkg-manifest",
    ecosystem="vcpkg",
    title="vcpkg: vcpkg.json",
    patterns=("vcpkg.json",),
    limit_bytes=4 << 20,
    read=read,
)
