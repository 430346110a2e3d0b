"""The list of tables that Python's TOML lock files are. What the tables hold: each tool's own file."""

from collections.abc import Callable, Iterator

from rightshift.catalog import text
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package

Table = dict[str, object]


def packages(content: bytes, key: str, package: Callable[[Table], Package | None]) -> Iterator[Package | Gap]:
    """
    What `package` makes of each table of the list under `key`; a table without a name becomes a gap.

    Raises: Malformed.
    """
    tables = text.toml_document(content).get(key, [])
    if not isinstance(tables, list):
        raise Malformed(f"`{key}` is not a list of tables")
    for number, table in enumerate(tables, 1):
        if not isinstance(table, dict) or not isinstance(table.get("name"), str) or not table["name"]:
            yield Gap("", f"entry {number} of `{key}` has no name")
        elif found := package(table):
            yield found


def version(table: Table) -> str:
    """The version of a table, empty when there is none."""
    found = table.get("version")
    return found if isinstance(found, str) else ""


def table(of: Table, key: str) -> Table:
    """A table inside a table, empty when there is none."""
    found = of.get(key)
    return found if isinstance(found, dict) else {}


def words(of: Table, key: str) -> frozenset[str]:
    """A list of words inside a table, empty when there is none."""
    found = of.get(key)
    return frozenset(word for word in found if isinstance(word, str)) if isinstance(found, list) else frozenset()
