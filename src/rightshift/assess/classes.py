"""Which of an asset's points a match takes: by its way in, and by how much of the process it gives. Sum: `rank.py`."""

from collections.abc import Sequence
from typing import Literal

from rightshift.assess import cvss
from rightshift.assess.impact import technical
from rightshift.model.facts import AdvisoryFacts

Class = Literal["self", "client", "content", "network", "adjacent", "local", "physical", "unknown"]
Kind = Literal["partial", "total", "host"]

NUMBERS: dict[Class, int] = {
    "self": 1,
    "client": 2,
    "content": 3,
    "network": 4,
    "adjacent": 5,
    "local": 6,
    "physical": 7,
    "unknown": 8,
}
"""Place of a class in the exposure of an asset, counted from 1 as databases do."""

WEIGHTS: dict[Kind, int] = {"host": 0, "partial": 1, "total": 2}
"""Place of a kind in the privileges of an asset, from 1; 0 where the match has them all itself."""

_BY_ATTACK: dict[str, Class] = {"N": "network", "A": "adjacent", "L": "local", "P": "physical"}


def class_of(facts: AdvisoryFacts) -> Class:
    """
    The way in that a flaw needs; it decides which exposure of an asset counts.

    Where a vector does not know interaction (version 2) there is none.

    Source: EXPLOITABILITY, section 2, "Class and points".
    """
    if facts.malicious:
        return "self"
    if facts.client_only:
        return "client"
    vector = cvss.read(facts.vector)
    if vector is None:
        return "unknown"
    if vector.attack == "N" and vector.interaction == "R":
        return "content"
    return _BY_ATTACK[vector.attack]


def kind_of(facts: AdvisoryFacts) -> Kind:
    """
    How much of the privileges of the process count: all, half, or the host's, which the match has itself.

    Source: EXPLOITABILITY, section 4, "Privileges", and section 6.
    """
    return "host" if facts.host_code else technical(facts)


def most(exposure: Sequence[int], privileges: Sequence[int], context: int) -> int:
    """The most that an asset with these points adds to any match, use aside; it may be negative."""
    return max(exposure) + max(0, *privileges) + context
