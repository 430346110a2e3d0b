"""`pylock.toml` and `pylock.NAME.toml`: the lock file that Python's tools have in common."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.pypi import tables
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Origin, Package

_WHERE: tuple[tuple[str, Origin], ...] = (("vcs", "git"), ("directory", "local"), ("archive", "url"))


class MalformedPylock(Malformed):
    """Not TOML, or `packages` is not a list."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The distributions of one lock file, in the file's order, without the project in the same folder.

    Raises: MalformedPylock.
    Source: Python Packaging User Guide, "pylock.toml Specification", lock-version 1.0.
    """
    try:
        yield from tables.packages(content, "packages", _package)
    except Malformed as error:
        raise MalformedPylock(str(error)) from error


def _package(table: tables.Table) -> Package | None:
    if tables.table(table, "directory").get("path") in (".", "./"):
        return None
    return Package(
        ecosystem="pypi",
        name=str(table["name"]),
        version=tables.version(table),
        state="locked",
        origin=_origin(table),
    )


def _origin(table: tables.Table) -> Origin:
    found: Origin = next((origin for key, origin in _WHERE if key in table), "registry")
    return "local" if found == "url" and "path" in tables.table(table, "archive") else found


FORMAT = Format(
    name="pylock",
    ecosystem="pypi",
    title="Python: pylock.toml, pylock.*.toml",
    patterns=("pylock.toml", "pylock.*.toml"),
    limit_bytes=64 << 20,
    read=read,
)
