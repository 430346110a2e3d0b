"""`yarn.lock`, of Yarn 1 and of Yarn 2 and later ("berry"): which package answers which requirement."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.npm import lines, spec
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


class MalformedYarnLock(Malformed):
    """Not the lines that Yarn writes."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The packages of one lock file, each once; members of the workspace with it, without the project at its root.

    Raises: MalformedYarnLock.
    Source: Yarn documentation, "yarn.lock" (version 1) and "Lexicon: locator, descriptor, protocol" (berry).
    """
    packages, gaps = [], []
    try:
        for requirements, entry in _entries(content):
            if requirements.startswith("__metadata"):
                continue
            package = _package(requirements, entry)
            if package and package.version:
                packages.append(package)
            elif package:
                gaps.append(Gap("", f"no version for {requirements[:200]!r}"))
    except Malformed as error:
        raise MalformedYarnLock(str(error)) from error
    yield from spec.distinct(packages)
    yield from gaps


def _entries(content: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """The head of each entry, which names requirements, with the fields directly below it."""
    head, entry = "", dict[str, str]()
    for indent, key, value in lines.keys(content):
        if indent == 0:
            if value:
                raise MalformedYarnLock(f"no entry begins like {key[:200]!r}")
            if head:
                yield head, entry
            head, entry = key, {}
        elif indent == 2 and head:
            entry[key] = lines.unquoted(value)
    if head:
        yield head, entry


def _package(requirements: str, entry: dict[str, str]) -> Package | None:
    """None for the project itself."""
    version = entry.get("version", "")
    if resolution := entry.get("resolution"):
        name, locator = spec.split(resolution)
        if locator == "workspace:.":
            return None
        if locator.startswith("virtual:"):
            locator = locator.rpartition("#")[2]
        if locator.startswith("patch:"):
            locator = "npm:"
    else:
        name, requirement = spec.split(requirements.partition(",")[0].strip().strip("\"'"))
        if requirement.startswith("npm:") and "@" in requirement[5:]:
            name, _ = spec.split(requirement.removeprefix("npm:"))
        locator = entry.get("resolved") or requirement
    return Package(ecosystem="npm", name=name, version=version, state="locked", origin=spec.origin(locator))


FORMAT = Format(
    name="yarn-lock",
    ecosystem="npm",
    title="JavaScript: yarn.lock of Yarn 1 and later",
    patterns=("yarn.lock",),
    limit_bytes=64 << 20,
    read=read,
)
