"""Advisories that match something here. All that the world says of one is read from the feed: `api/advisories`."""

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from rightshift.console.store.pool import Connection
from rightshift.console.store.read.answers import all_of
from rightshift.console.store.read.finding_filter import SEVERITIES, spellings
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """`names` are ids or aliases; `text` stands in the name, an alias or the summary."""

    names: tuple[str, ...] = ()
    text: str = ""
    kev: bool | None = None
    severities: tuple[str, ...] = ()


class Matching(Struct, frozen=True, kw_only=True):
    """An advisory, with the highest of what its matches in scope say. `severity` as its number, 5 is critical."""

    name: str
    aliases: list[str]
    summary: str
    published: str
    severity: int
    epss: float | None
    kev: bool
    ransomware: bool
    fixable: bool
    package_versions: int
    first_seen: datetime


class Affected(Struct, frozen=True, kw_only=True):
    """A package version for which an advisory holds, and in how many units it is."""

    ecosystem: str
    name: str
    version: str
    purl: str
    points: int
    fixed: list[str]
    rule: str
    records: list[str]
    certain: bool
    units: int


async def page(
    connection: Connection, scope: Scope, filter: Filter, *, limit: int, after: str | None = None
) -> list[Matching]:
    """Up to `limit` advisories by name."""
    values = {
        "teams": scope.parameter,
        "names": spellings(filter.names) or None,
        "text": filter.text or None,
        "kev": filter.kev,
        "severities": [SEVERITIES.index(one) for one in filter.severities] or None,
        "limit": limit,
        "after": after,
    }
    return await all_of(connection, Matching, _ASK["page"], values)


async def affected(connection: Connection, scope: Scope, name: str, *, limit: int) -> list[Affected]:
    """The package versions in scope for which it holds, those that most units have first."""
    values = {"teams": scope.parameter, "name": name, "limit": limit}
    return await all_of(connection, Affected, _ASK["affected"], values)
