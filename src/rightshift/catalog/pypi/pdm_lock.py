"""`pdm.lock`: the distributions that PDM locked."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.pypi import tables
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Origin, Package

_WHERE: tuple[tuple[str, Origin], ...] = (
    ("git", "git"),
    ("hg", "git"),
    ("svn", "git"),
    ("path", "local"),
    ("url", "url"),
)


class MalformedPdmLock(Malformed):
    """Not TOML, or `package` is not a list."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The distributions of one lock file, in the file's order, without the project itself.

    Raises: MalformedPdmLock.
    Source: PDM's repository, `src/pdm/project/lockfile`: lock versions 4.0 to 4.5.
    """
    try:
        yield from tables.packages(content, "package", _package)
    except Malformed as error:
        raise MalformedPdmLock(str(error)) from error


def _package(table: tables.Table) -> Package:
    groups = tables.words(table, "groups")
    return Package(
        ecosystem="pypi",
        name=str(table["name"]),
        version=tables.version(table),
        state="locked",
        origin=next((origin for key, origin in _WHERE if key in table), "registry"),
        dev=bool(groups) and all(group.startswith(("dev", "test", "lint", "doc")) for group in groups),
        optional=bool(groups) and "default" not in groups,
    )


FORMAT = Format(
    name="pdm-lock",
    ecosystem="pypi",
    title="Python: pdm.lock",
    patterns=("pdm.lock",),
    limit_bytes=32 << 20,
    read=read,
)
