"""`poetry.lock`: the distributions that Poetry locked."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.pypi import tables
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Origin, Package

_ORIGINS: dict[str, Origin] = {"git": "git", "directory": "local", "file": "local", "url": "url"}


class MalformedPoetryLock(Malformed):
    """Not TOML, or `package` is not a list."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The distributions of one lock file, in the file's order, without the project itself.

    Raises: MalformedPoetryLock.
    Source: Poetry's repository, `src/poetry/packages/locker.py`: lock versions 1.0 to 2.1.
    """
    try:
        yield from tables.packages(content, "package", _package)
    except Malformed as error:
        raise MalformedPoetryLock(str(error)) from error


def _package(table: tables.Table) -> Package:
    groups = tables.words(table, "groups")
    return Package(
        ecosystem="pypi",
        name=str(table["name"]),
        version=tables.version(table),
        state="locked",
        origin=_ORIGINS.get(str(tables.table(table, "source").get("type")), "registry"),
        dev=table.get("category") == "dev" or bool(groups and "main" not in groups),
        optional=table.get("optional") is True,
    )


FORMAT = Format(
    name="poetry-lock",
    ecosystem="pypi",
    title="Python: poetry.lock",
    patterns=("poetry.lock",),
    limit_bytes=32 << 20,
    read=read,
)
