"""Which findings are asked for, as the questions about them share it. The list: `findings.py`; one: `finding.py`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, LiteralString
from uuid import UUID

from rightshift.assess.weights import points
from rightshift.console.store.pool import Connection
from rightshift.console.store.read import package_names
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

ASK = questions(__file__)

State = Literal["open", "accepted", "not_affected", "fixed", "all"]
"""`fixed`: the unit held it once and holds it no more. `all` is every state of what is held now."""

SEVERITIES = ("unknown", "none", "low", "medium", "high", "critical")
BANDS = ("routine", "plan", "soon", "now")
"""Lowest first, as their numbers are in questions."""

Parameters = Mapping[str, Any]
"""Values of a question by name: what the database driver takes, and nothing else sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """
    What is given must all hold; within one, any. An empty one is not asked for.

    A place holds for a unit, or for an asset that the unit stands for. The best of a unit, package and advisory among
    those that fit stands for them; band and points are asked of it alone.
    """

    clusters: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    workloads: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    team: UUID | None = None
    unit: UUID | None = None
    running: tuple[str, ...] = ()
    """`true`, `false`, `unknown`."""
    severities: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    ecosystems: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()
    """Any of their aliases, whatever its case."""
    kev: bool | None = None
    fixable: bool | None = None
    ignored: bool | None = None
    """Whether the distribution says that it will not be fixed there."""
    epss_min: float | None = None
    points_min: int | None = None
    since: datetime | None = None
    """Seen here since then: the match is new, or the unit has the inventory since."""
    text: str = ""
    """Stands in the package's name, or in the advisory's name, aliases or summary, whatever its case."""
    state: State = "open"

    @property
    def placed(self) -> bool:
        """Whether a place is asked for."""
        return bool(self.clusters or self.namespaces or self.workloads or self.hosts or self.images)

    @property
    def held_in_part(self) -> bool:
        """Whether less than all that the caller may see is looked at."""
        return self.placed or bool(self.running) or self.team is not None or self.unit is not None

    @property
    def counted_ahead(self) -> bool:
        """Whether what is asked of matches is among what is counted for each inventory already."""
        return not (
            self.packages
            or self.advisories
            or self.text
            or self.since is not None
            or self.ignored is not None
            or self.epss_min is not None
            or self.points_min is not None
            or self.state not in ("open", "all")
        )


def held(filter: Filter, columns: LiteralString = ASK["columns"]) -> LiteralString:
    """The part of a question that says where is looked; who needs fewer columns of what is held now, says so."""
    return ASK["held_before"] if filter.state == "fixed" else ASK["held"].replace("{columns}", columns)


async def parameters(connection: Connection, scope: Scope, filter: Filter, now: datetime) -> dict[str, Any]:
    """
    The values for `held` and `wanted`. Names of packages and advisories become numbers, of which plans are better.

    `matched_since` and `held_since` are left open: a list asks for one, then for the other.
    """
    return {
        "teams": scope.parameter,
        "team": filter.team,
        "unit": filter.unit,
        "units": None,
        "placed": filter.placed,
        "clusters": list(filter.clusters) or None,
        "namespaces": list(filter.namespaces) or None,
        "workloads": list(filter.workloads) or None,
        "hosts": list(filter.hosts) or None,
        "images": list(filter.images) or None,
        "running": list(filter.running) or None,
        "severities": [SEVERITIES.index(one) for one in filter.severities] or None,
        "kev": filter.kev,
        "fixable": filter.fixable,
        "ignored": filter.ignored,
        "epss_min": filter.epss_min,
        "ecosystems": list(filter.ecosystems) or None,
        "packages": await _packages(connection, filter.packages),
        "advisories": await _advisories(connection, filter.advisories),
        "text": filter.text or None,
        "held_since": None,
        "matched_since": None,
        "own_min": None,
        "since": filter.since,
        "points_min": _points_min(filter),
        "bands": [BANDS.index(one) for one in filter.bands] or None,
        "edges": [points("band.plan"), points("band.soon"), points("band.now")],
        "state": filter.state,
        "now": now,
    }


def _points_min(filter: Filter) -> int | None:
    """Below it nothing fits, so nothing is looked for there."""
    edges = {"now": points("band.now"), "soon": points("band.soon"), "plan": points("band.plan")}
    lowest = min((edges.get(band) for band in filter.bands), key=lambda edge: edge or 0, default=None)
    given = [least for least in (filter.points_min, lowest) if least is not None]
    return max(given, default=None)


def spellings(names: Iterable[str]) -> list[str]:
    """Names of advisories as they are written, whatever the case that they come in: only GitHub's has small letters."""
    found = set()
    for name in names:
        upper = name.upper()
        found |= {name, upper, "GHSA" + upper[4:].lower() if upper.startswith("GHSA-") else upper}
    return sorted(found)


async def _packages(connection: Connection, names: tuple[str, ...]) -> list[int] | None:
    if not names:
        return None
    values = {"names": list(map(package_names.spelled, names)), "pypi": list(map(package_names.of_pypi, names))}
    row = await (await connection.execute(ASK["packages"], values)).fetchone()
    return list(row[0]) if row else []


async def _advisories(connection: Connection, names: tuple[str, ...]) -> list[int] | None:
    if not names:
        return None
    values = {"names": spellings(names)}
    row = await (await connection.execute(ASK["advisories"], values)).fetchone()
    return list(row[0]) if row else []
