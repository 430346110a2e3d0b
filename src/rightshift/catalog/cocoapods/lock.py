"""`Podfile.lock`: the pods that an Xcode project was locked to."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import decoded
from rightshift.errors import Malformed
from rightshift.model.package import Origin, Package

SECTIONS = frozenset(
    {
        "PODS",
        "DEPENDENCIES",
        "SPEC REPOS",
        "EXTERNAL SOURCES",
        "CHECKOUT OPTIONS",
        "SPEC CHECKSUMS",
        "PODFILE CHECKSUM",
        "COCOAPODS",
    }
)

_POD = re.compile(r'  - "?([^\s"()]{1,400}) \(([^()\s]{1,256})\)')
_OUTSIDE = re.compile(r'  "?([^\s":]{1,400})"?:\s*\Z')
_PLACE = re.compile(r"    :(path|git|hg|svn|http|podspec):")


class MalformedPodfileLock(Malformed):
    """Text without one section of a lock file."""


def read(content: bytes) -> Iterator[Package]:
    """
    The pods in the file's order, each part of a pod (`Texture/Core`) by itself, as the file lists them.

    The file is written by a program and always laid out alike, so its lines are read and not its YAML. A pod from a
    folder is `local`, one from a repository `git`; so are its parts.

    Raises: MalformedPodfileLock.
    Source: CocoaPods/Core, lib/cocoapods-core/lockfile.rb.
    """
    text = decoded(content)
    pods: list[tuple[str, str]] = []
    outside: dict[str, Origin] = {}
    section = pod = ""
    known = False
    for line in text.split("\n"):
        if line[:1].isupper():
            section = line.partition(":")[0]
            known |= section in SECTIONS
        elif section == "PODS" and (found := _POD.match(line)):
            pods.append((found[1], found[2]))
        elif section == "EXTERNAL SOURCES" and (found := _OUTSIDE.match(line)):
            pod = found[1]
        elif section == "EXTERNAL SOURCES" and (found := _PLACE.match(line)):
            outside[pod] = "local" if found[1] == "path" else "git" if found[1] in ("git", "hg", "svn") else "url"
    if not known and text.strip():
        raise MalformedPodfileLock("no section of a lock file")
    for name, version in dict.fromkeys(pods):
        origin = outside.get(name) or outside.get(name.partition("/")[0], "registry")
        yield Package(ecosystem="cocoapods", name=name, version=version, state="locked", origin=origin)


FORMAT = Format(
    name="podfile-lock",
    ecosystem="cocoapods",
    title="CocoaPods: Podfile.lock",
    patterns=("Podfile.lock",),
    limit_bytes=8 << 20,
    read=read,
)
