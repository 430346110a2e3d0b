"""`pnpm-lock.yaml`, lockfile versions 5 to 9: the packages that pnpm locked."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rightshift.catalog.format import Format
from rightshift.catalog.npm import lines, spec
from rightshift.errors import Malformed
from rightshift.model.package import Origin, Package

_LINKS = frozenset({"dependencies", "optionalDependencies"})
_OLD_PATH = re.compile(r"(?:[^/@]+\.[^/@]+)?/((?:@[^/]+/)?[^/@]+)/([^/_(]+)")
_VERSION = re.compile(r"\d[^(_]*")


class MalformedPnpmLock(Malformed):
    """Not the lines that pnpm writes, or a package whose path names no package."""


@dataclass(slots=True)
class _Lock:
    """What the sections say. Before version 9 a package tells whether it is `dev`; since then the links between do."""

    packages: dict[str, dict[str, str]] = field(default_factory=dict)
    snapshots: dict[str, dict[str, str]] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Snapshot to the snapshots that it needs."""
    needed: list[str] = field(default_factory=list)
    """Snapshots that a project of the workspace needs to run."""
    tells_needed: bool = False


def read(content: bytes) -> Iterator[Package]:
    """
    The packages of one lock file, each once, without the workspace's own projects.

    One path that names no package refuses the file: then it is not what pnpm wrote.

    Raises: MalformedPnpmLock.
    Source: pnpm's repository, "lockfile-types" and its specification, versions 5.x, 6.0 and 9.0.
    """
    try:
        lock = _sections(content)
    except Malformed as error:
        raise MalformedPnpmLock(str(error)) from error
    running = _reached(lock) if lock.tells_needed and lock.snapshots else None
    optional = {key.partition("(")[0] for key, entry in lock.snapshots.items() if entry.get("optional") == "true"}
    found = []
    for path, entry in lock.packages.items():
        package = _package(path, entry)
        if running is not None:
            dev, only_optional = path not in running, path in optional
        else:
            dev, only_optional = entry.get("dev") == "true", entry.get("optional") == "true"
        found.append(_marked(package, dev, only_optional))
    yield from spec.distinct(found)


def _sections(content: bytes) -> _Lock:
    """Read by the indents that pnpm always writes: 0 section, 2 path, 4 field, 6 and 8 what a field holds."""
    lock = _Lock()
    section = path = part = group = name = ""
    for indent, key, value in lines.keys(content):
        if indent == 0:
            section, path, part = key, "", ""
        elif indent == 2:
            path, part = key, ""
            if section == "packages":
                lock.packages.setdefault(path, {})
            elif section == "snapshots":
                lock.snapshots.setdefault(path, {})
        elif indent == 4:
            part = key
            if section in ("packages", "snapshots") and path:
                table = lock.packages if section == "packages" else lock.snapshots
                table[path][key] = lines.unquoted(value)
        elif section == "snapshots" and indent == 6 and part in _LINKS:
            lock.links[path].append(_target(key, lines.unquoted(value)))
        elif section == "packages" and indent == 6 and part == "resolution":
            lock.packages[path]["resolution"] = f"{lock.packages[path].get('resolution', '')} {key}: {value}"
        elif section == "importers":
            group, name = (part, key) if indent == 6 else (group, name)
            if indent == 8 and key == "version":
                lock.tells_needed = True
                if group in _LINKS:
                    lock.needed.append(_target(name, lines.unquoted(value)))
    return lock


def _target(name: str, version: str) -> str:
    """The snapshot that a link leads to: an alias and an address stand whole in place of the version."""
    return f"{name}@{version}" if _VERSION.match(version) or ":" in version.partition("@")[0] else version


def _reached(lock: _Lock) -> set[str]:
    """Paths in `packages` of all that runs: without the peers that a snapshot's name ends with."""
    open_ends = list(lock.needed)
    seen = set(open_ends)
    while open_ends:
        for target in lock.links.get(open_ends.pop(), ()):
            if target not in seen:
                seen.add(target)
                open_ends.append(target)
    return {target.partition("(")[0] for target in seen}


def _package(path: str, entry: dict[str, str]) -> Package:
    resolution = entry.get("resolution", "")
    name, version = _identity(path)
    origin = _origin(resolution, path)
    name = entry.get("name") or name
    version = entry.get("version") or version
    if not name:
        raise MalformedPnpmLock(f"no package stands at {path[:200]!r}")
    return Package(ecosystem="npm", name=name, version=version, state="locked", origin=origin)


def _identity(path: str) -> tuple[str, str]:
    """`/name/1.0_peer` (5), `/name@1.0(peer@2.0)` (6) and `name@1.0` (9); no version where an address stands for it."""
    if old := _OLD_PATH.match(path):
        return old[1], old[2] if _VERSION.match(old[2]) else ""
    name, version = spec.split(path.partition("(")[0].removeprefix("/"))
    if not version or not name:
        return ("", "") if not _is_address(path) else (path.partition("(")[0].rstrip("/").rpartition("/")[2], "")
    return name, version if _VERSION.match(version) else ""


def _is_address(path: str) -> bool:
    """Before version 9 a package from elsewhere stands under its address: `github.com/o/r/commit`, `file:dir`."""
    return ":" in path or path.count("/") > 1 or "." in path.partition("/")[0]


def _origin(resolution: str, path: str) -> Origin:
    if "type: git" in resolution or "codeload.github.com" in resolution or "gitHosted: true" in resolution:
        return "git"
    if "type: directory" in resolution or "file:" in path or "link:" in path:
        return "local"
    if "integrity:" in resolution or not resolution:
        return "unknown" if "://" in path else "registry"
    return "unknown"


def _marked(package: Package, dev: bool, optional: bool) -> Package:
    return replace(package, dev=dev, optional=optional) if dev or optional else package


FORMAT = Format(
    name="pnpm-lock",
    ecosystem="npm",
    title="JavaScript: pnpm-lock.yaml",
    patterns=("pnpm-lock.yaml",),
    limit_bytes=64 << 20,
    read=read,
)
