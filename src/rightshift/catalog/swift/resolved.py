"""`Package.resolved`: the versions that a Swift package or Xcode project was locked to."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import json_document
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Origin, Package

_SCHEME = re.compile(r"\A[a-z][a-z0-9+.-]{0,20}://(?:[^/@]{1,200}@)?|\A[\w.-]{1,100}@(?=[\w.-]{1,200}:)")


class MalformedPackageResolved(Malformed):
    """JSON without a list of pins."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The pins in the file's order. A package is called by its repository's host and path, as advisories do.

    One that is pinned to no version has its commit instead and is `git`; one from a package registry has its identity
    for a name.

    Raises: MalformedPackageResolved.
    Source: swiftlang/swift-package-manager, Sources/PackageGraph/PinsStore.swift (schema versions 1 to 3); purl-spec,
    type "swift".
    """
    match json_document(content):
        case {"object": {"pins": list(pins)}} | {"pins": list(pins)}:
            pass
        case _:
            raise MalformedPackageResolved("no list of `pins`")
    bad = 0
    for pin in pins:
        match pin:
            case {"kind": "registry", "identity": str(name), "state": dict(state)}:
                yield _package(name, state, "registry")
            case {"kind": "localSourceControl" | "fileSystem", "identity": str(name), "state": dict(state)}:
                yield _package(name, state, "local")
            case {"location": str(url), "state": dict(state)} if url:
                yield _package(_repository(url), state, "registry")
            case {"repositoryURL": str(url), "state": dict(state)} if url:
                yield _package(_repository(url), state, "registry")
            case _:
                bad += 1
    if bad:
        yield Gap("", f"{bad} pins without place or state")


def _package(name: str, state: dict[str, object], origin: Origin) -> Package:
    match state:
        case {"version": str(version)} if version:
            return Package(ecosystem="swift", name=name, version=version, state="locked", origin=origin)
        case {"revision": str(commit)}:
            origin = "git" if origin == "registry" else origin
            return Package(ecosystem="swift", name=name, version=commit, state="locked", origin=origin)
    return Package(ecosystem="swift", name=name, state="locked", origin=origin)


def _repository(url: str) -> str:
    """`host/owner/name`, whether written as an address or as `user@host:path`."""
    plain, scheme = _SCHEME.subn("", url, count=1)
    if scheme and "://" not in url:
        plain = plain.replace(":", "/", 1)
    return plain.rstrip("/").removesuffix(".git") or url


FORMAT = Format(
    name="swift-resolved",
    ecosystem="swift",
    title="Swift: Package.resolved",
    patterns=("Package.resolved",),
    limit_bytes=8 << 20,
    read=read,
)
