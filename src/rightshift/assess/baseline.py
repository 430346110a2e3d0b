"""What an earlier report already knew, so that only the rest is new. Reading that report: `cli/baseline`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rightshift.model.advisory import Match
from rightshift.model.package import Package

_Name = tuple[str, str, str]
"""Ecosystem, what the package was built from or is called, id of an advisory."""


@dataclass(frozen=True, slots=True)
class Said:
    """One match of an earlier report: what it was found in, its id, and the other ids of the same flaw."""

    package: Package
    id: str
    aliases: tuple[str, ...] = ()


class Baseline:
    """
    Matches that are known.

    One is known again in any version and at any place of the same package: an update that leaves a flaw in brings
    nothing new. OS packages are known by what they were built from, for a kernel has its version in its name.

    Ids change with the feed, so either one's id may be an alias of the other's. Two that merely share an alias are two:
    an advisory on several flaws is an alias of each.
    """

    def __init__(self, said: Iterable[Said]) -> None:
        self._ids: set[_Name] = set()
        self._names: set[_Name] = set()
        for one in said:
            self._ids.update(_named(one.package, (one.id,)))
            self._names.update(_named(one.package, (one.id, *one.aliases)))

    def knows(self, match: Match) -> bool:
        """Whether the flaw was there before."""
        if not self._names.isdisjoint(_named(match.package, (match.id,))):
            return True
        return not self._ids.isdisjoint(_named(match.package, match.aliases))


def _named(package: Package, ids: Iterable[str]) -> Iterator[_Name]:
    name = package.source.name if package.source else package.name
    return ((package.ecosystem, name, id) for id in ids)
