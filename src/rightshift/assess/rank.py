"""The sum of a match's points, and which match comes first. Its parts: `threat.py`, `impact.py`, `context.py`."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from rightshift.assess.context import context
from rightshift.assess.impact import impact
from rightshift.assess.threat import threat
from rightshift.assess.weights import points
from rightshift.model.advisory import Match, Part

Band = Literal["Fix now", "Fix soon", "Plan", "Routine"]

RUN_TIME_UNKNOWN = (
    Part("exposure", 0, "run time unknown", ("whether it runs", "whether it can be reached")),
    Part("use", 0, "run time unknown", ("whether it is loaded",)),
)
"""What a scan can't see adds nothing and takes nothing away."""


def rate(match: Match) -> Match:
    """
    The match with its evidence, one part for each of the five of the sum, and their points.

    Source: EXPLOITABILITY, first paragraph and section 6.
    """
    facts = match.facts
    exposure, use = RUN_TIME_UNKNOWN
    evidence = (threat(facts), exposure, use, impact(facts), context(facts))
    return replace(match, evidence=evidence, points=sum(part.points for part in evidence))


def rank(matches: Iterable[Match]) -> list[Match]:
    """Rated matches, best to fix first; of equal points by advisory, package and place, whatever order they came in."""
    return sorted(matches, key=_place)


def _place(match: Match) -> tuple[int, str, str, tuple[str, ...]]:
    return (-match.points, match.id, match.package.purl, match.package.locations)


def score(points: int) -> int:
    """What is shown: the points between 0 and 100. The rank uses the points as they are."""
    return min(max(points, 0), 100)


def band(total: int) -> Band:
    """When to fix it, of points or score."""
    if total >= points("band.now"):
        return "Fix now"
    if total >= points("band.soon"):
        return "Fix soon"
    return "Plan" if total >= points("band.plan") else "Routine"
