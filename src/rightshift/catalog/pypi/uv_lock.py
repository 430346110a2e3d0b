"""`uv.lock`: the distributions that uv locked."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.pypi import tables
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Origin, Package

_ORIGINS: dict[str, Origin] = {
    "git": "git",
    "virtual": "local",
    "editable": "local",
    "directory": "local",
    "path": "local",
    "url": "url",
}
_PROJECT = ("virtual", "editable", "directory")


class MalformedUvLock(Malformed):
    """Not TOML, or `package` is not a list."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The distributions of one lock file, in the file's order, without the project at the root; members of its workspace
    with it.

    Raises: MalformedUvLock.
    Source: uv documentation, "Locking and syncing"; its repository, `crates/uv-resolver/src/lock`, version 1.
    """
    try:
        yield from tables.packages(content, "package", _package)
    except Malformed as error:
        raise MalformedUvLock(str(error)) from error


def _package(table: tables.Table) -> Package | None:
    source = tables.table(table, "source")
    if any(source.get(kind) == "." for kind in _PROJECT):
        return None
    return Package(
        ecosystem="pypi",
        name=str(table["name"]),
        version=tables.version(table),
        state="locked",
        origin=next((origin for key, origin in _ORIGINS.items() if key in source), "registry"),
    )


FORMAT = Format(
    name="uv-lock",
    ecosystem="pypi",
    title="Python: uv.lock",
    patterns=("uv.lock",),
    limit_bytes=64 << 20,
    read=read,
)
