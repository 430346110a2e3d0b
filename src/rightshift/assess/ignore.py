"""Matches that the user has decided to leave, each with a reason and mostly an end. What a vendor says: `vex/`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from rightshift.assess import purls
from rightshift.errors import Malformed
from rightshift.model.advisory import Match

_LONGEST = 1_024
_RUNS = re.compile(r"[-_.]+")
_INSIDE = "!/"
_MOST_STARS = 16
"""In one part of a pattern between slashes; what a person writes has one or two."""


class MalformedRule(Malformed):
    """A rule that would say nothing, or for no reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    A match is left where all that is given holds; at least one of the first three must be.

    Raises: MalformedRule.
    """

    advisory: str = ""
    """Any id of the group, whatever its case."""
    package: str = ""
    """A name as its ecosystem writes it, or a package URL with or without version and qualifiers."""
    path: str = ""
    """A pattern below the root: `*` and `?` stay within a folder, `**` stands for any number of folders."""
    reason: str
    until: date | None = None
    """The last day on which it holds; None is without end."""

    def __post_init__(self) -> None:
        if not (self.advisory or self.package or self.path):
            raise MalformedRule("a rule that names neither advisory nor package nor path would hold for everything")
        if not self.reason.strip():
            raise MalformedRule("a rule needs a reason")
        if max(len(self.advisory), len(self.package), len(self.path)) > _LONGEST:
            raise MalformedRule(f"a rule with more than {_LONGEST} characters")
        if any(part.count("*") > _MOST_STARS for part in self.path.split("/")):
            raise MalformedRule(f"a pattern with more than {_MOST_STARS} stars between two slashes")


@dataclass(frozen=True, slots=True)
class Left:
    """A match that a rule leaves, and the rule in one line."""

    match: Match
    reason: str
    rule: Rule


def apply(matches: Iterable[Match], rules: Sequence[Rule], today: date) -> tuple[tuple[Match, ...], tuple[Left, ...]]:
    """The matches that stay and those that are left, in their order. The first rule that holds gives the reason."""
    holding = [rule for rule in rules if rule.until is None or today <= rule.until]
    kept: list[Match] = []
    left: list[Left] = []
    for match in matches:
        rule = next((rule for rule in holding if holds(rule, match)), None)
        if rule is None:
            kept.append(match)
        else:
            end = f" (until {rule.until.isoformat()})" if rule.until else ""
            left.append(Left(match, " ".join(rule.reason.split()) + end, rule))
    return tuple(kept), tuple(left)


def expired(rules: Iterable[Rule], today: date) -> tuple[Rule, ...]:
    """The rules that hold no longer, to be told of."""
    return tuple(rule for rule in rules if rule.until is not None and rule.until < today)


def holds(rule: Rule, match: Match) -> bool:
    """Whether a rule means a match, whatever the day. A path must hold for every place where the package lies."""
    if rule.advisory:
        wanted = rule.advisory.strip().upper()
        if all(wanted != name.upper() for name in (match.id, *match.aliases, *match.records)):
            return False
    if rule.package and not _is_package(rule.package, match):
        return False
    if rule.path:
        places = match.package.locations
        return bool(places) and all(_lies_at(rule.path, place) for place in places)
    return True


def _is_package(wanted: str, match: Match) -> bool:
    package = match.package
    if wanted.startswith("pkg:"):
        return purls.covers(wanted, package.purl)
    names = [package.name, package.source.name] if package.source else [package.name]
    return _plain(package.ecosystem, wanted) in [_plain(package.ecosystem, name) for name in names]


def _plain(ecosystem: str, name: str) -> str:
    """Names of Python packages are compared as the index does; all others without regard to case."""
    return (_RUNS.sub("-", name) if ecosystem == "pypi" else name).casefold()


def _lies_at(pattern: str, place: str) -> bool:
    """What is meant is the file itself or the archive that it lies in."""
    return fits(pattern, place) or fits(pattern, place.partition(_INSIDE)[0])


def fits(pattern: str, path: str) -> bool:
    """Whether a path fits a pattern. A slash in front does not count; a pattern that ends in one is a folder."""
    wanted = [part for part in pattern.split("/") if part]
    if pattern.endswith("/"):
        wanted.append("**")
    given = [part for part in path.split("/") if part]
    at = here = 0
    star, resumed = -1, 0
    while here < len(given):
        if at < len(wanted) and wanted[at] == "**":
            star, resumed = at, here
            at += 1
        elif at < len(wanted) and fnmatchcase(given[here], wanted[at]):
            at += 1
            here += 1
        elif star >= 0:  # the last `**` takes one folder more
            resumed += 1
            at, here = star + 1, resumed
        else:
            return False
    return all(part == "**" for part in wanted[at:])
