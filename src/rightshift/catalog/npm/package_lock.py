"""
`package-lock.json` and `npm-shrinkwrap.json`: what npm locked. What it installed: `package_json.py`.

The hidden `node_modules/.package-lock.json` is not read: it repeats what lies on disk, and what lies there wins.
"""

from collections.abc import Iterator

from rightshift.catalog import text
from rightshift.catalog.format import Format
from rightshift.catalog.npm import spec
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Origin, Package


class MalformedPackageLock(Malformed):
    """Not JSON, or without the tables that a lock file has."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The packages of a lock file of any version, each once, without the project itself; members of its workspace with it.

    Raises: MalformedPackageLock.
    Source: npm documentation, "package-lock.json", lockfileVersion 1 to 3.
    """
    try:
        lock = text.json_document(content)
    except Malformed as error:
        raise MalformedPackageLock(str(error)) from error
    if not isinstance(lock, dict):
        raise MalformedPackageLock("not an object")
    paths, names = lock.get("packages"), lock.get("dependencies")
    if isinstance(paths, dict):
        found = _by_path(paths)
    elif isinstance(names, dict):
        found = _by_name(names)
    elif paths is None and names is None and ("lockfileVersion" in lock or "name" in lock):
        return
    else:
        raise MalformedPackageLock("neither `packages` nor `dependencies` is an object")
    packages = list(found)
    yield from spec.distinct(item for item in packages if isinstance(item, Package))
    yield from (item for item in packages if isinstance(item, Gap))


def _by_path(entries: dict[str, object]) -> Iterator[Package | Gap]:
    """Versions 2 and 3: a folder and what npm puts there."""
    for path, entry in entries.items():
        if not path:
            continue
        if not isinstance(entry, dict):
            yield Gap("", f"`packages` has no object at {path[:200]!r}")
            continue
        target, name = entry.get("resolved"), entry.get("name")
        if entry.get("link") and isinstance(target, str) and target in entries:
            continue
        if not isinstance(name, str) or not name:
            name = _name_of(path)
        yield _package(name, entry.get("version"), _origin_of(path, entry), entry)


def _name_of(path: str) -> str:
    scope, _, name = path.rpartition("node_modules/")[2].rpartition("/")
    scope = scope.rpartition("/")[2]
    return f"{scope}/{name}" if scope.startswith("@") else name


def _origin_of(path: str, entry: dict[str, object]) -> Origin:
    resolved = entry.get("resolved")
    if entry.get("link") or "node_modules/" not in f"{path}/":
        return "local"
    return spec.origin(resolved) if isinstance(resolved, str) else "registry"


def _by_name(entries: dict[str, object]) -> Iterator[Package | Gap]:
    """Version 1: names, and below each what is nested in its own folder."""
    open_tables = [entries]
    while open_tables:
        for name, entry in open_tables.pop().items():
            if not isinstance(entry, dict):
                yield Gap("", f"`dependencies` has no object at {name[:200]!r}")
                continue
            yield _old_package(name, entry)
            if isinstance(below := entry.get("dependencies"), dict):
                open_tables.append(below)


def _old_package(name: str, entry: dict[str, object]) -> Package:
    """An address may stand where the version is: then the version is not known."""
    version, resolved = entry.get("version"), entry.get("resolved")
    version = version if isinstance(version, str) else ""
    if version.startswith("npm:"):
        name, version = spec.split(version.removeprefix("npm:"))
    elif (origin := spec.origin(version)) != "registry":
        return _package(name, "", origin, entry)
    return _package(name, version, spec.origin(resolved) if isinstance(resolved, str) else "registry", entry)


def _package(name: str, version: object, origin: Origin, entry: dict[str, object]) -> Package:
    license_ = entry.get("license")
    return Package(
        ecosystem="npm",
        name=name,
        version=version if isinstance(version, str) else "",
        state="locked",
        origin=origin,
        dev=entry.get("dev") is True,
        optional=entry.get("optional") is True or entry.get("devOptional") is True,
        licenses=(license_,) if isinstance(license_, str) and license_ else (),
    )


FORMAT = Format(
    name="npm-lock",
    ecosystem="npm",
    title="JavaScript: package-lock.json, npm-shrinkwrap.json",
    patterns=("package-lock.json", "npm-shrinkwrap.json"),
    limit_bytes=64 << 20,
    read=read,
)
