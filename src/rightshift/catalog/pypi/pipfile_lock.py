"""`Pipfile.lock`: the distributions that Pipenv locked."""

from collections.abc import Iterator

from rightshift.catalog import text
from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Origin, Package

_WHERE: tuple[tuple[str, Origin], ...] = (
    ("git", "git"),
    ("hg", "git"),
    ("svn", "git"),
    ("path", "local"),
    ("file", "url"),
)


class MalformedPipfileLock(Malformed):
    """Not JSON, or not an object of tables."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The distributions of one lock file: those of `default` first, in the file's order, then what only other categories
    need.

    Raises: MalformedPipfileLock.
    Source: pipfile's repository, README, "Pipfile.lock"; Pipenv documentation, "Package categories".
    """
    try:
        lock = text.json_document(content)
    except Malformed as error:
        raise MalformedPipfileLock(str(error)) from error
    if not isinstance(lock, dict):
        raise MalformedPipfileLock("not an object")
    seen = set()
    for category in sorted(lock, key=lambda name: name != "default"):
        entries = lock[category]
        if category == "_meta":
            continue
        if not isinstance(entries, dict):
            yield Gap("", f"`{category[:200]}` is not an object")
            continue
        for name, entry in entries.items():
            if not name or not isinstance(entry, dict):
                yield Gap("", f"no object at {name[:200]!r}")
                continue
            package = _package(name, entry, category)
            if (name, package.version) not in seen:
                seen.add((name, package.version))
                yield package


def _package(name: str, entry: dict[str, object], category: str) -> Package:
    version = entry.get("version")
    return Package(
        ecosystem="pypi",
        name=name,
        version=version.lstrip("= ") if isinstance(version, str) and version.startswith("=") else "",
        state="locked",
        origin=next((origin for key, origin in _WHERE if key in entry), "registry"),
        dev=category == "develop",
    )


FORMAT = Format(
    name="pipfile-lock",
    ecosystem="pypi",
    title="Python: Pipfile.lock",
    patterns=("Pipfile.lock",),
    limit_bytes=32 << 20,
    read=read,
)
