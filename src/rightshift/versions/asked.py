"""Versions as people ask for them: `2.14`, `=2.14`, `2.14*`, `>=2.14,<2.17`. What advisories say: `ranges.py`."""

import re
from dataclasses import dataclass
from typing import Literal, cast

from rightshift.versions.scheme import Scheme, Unparsable

Sign = Literal["<", "<=", ">", ">=", "="]

MOST_BOUNDS = 8
_BOUND = re.compile(r"\s*(<=|>=|==?|<|>)\s*([^<>=,\s]+)\s*")


class Unasked(ValueError):
    """The text asks for no versions; its words say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    Which versions are meant; at most one of these is there, and nothing means all.

    `below` is a version and what it begins: 2.14 has 2.14.1 and 2.14-rc1, not 2.140.
    """

    exactly: str = ""
    begins: str = ""
    below: str = ""
    bounds: tuple[tuple[Sign, str], ...] = ()
    """All of them hold."""


def asked(text: str) -> Asked:
    """What a text asks for. Raises: Unasked."""
    text = text.strip()
    if not text.startswith(("<", ">", "=")):
        return Asked(begins=text[:-1]) if text.endswith("*") else Asked(below=text)
    bounds = []
    for part in text.split(",", MOST_BOUNDS):
        found = _BOUND.fullmatch(part)
        if found is None:
            raise Unasked(f"{part.strip()[:60]!a} is no bound of versions: write them as >=2.14,<2.17")
        sign = "=" if found[1] == "==" else found[1]
        bounds.append((cast("Sign", sign), found[2]))
    if len(bounds) == 1 and bounds[0][0] == "=":
        return Asked(exactly=bounds[0][1])
    return Asked(bounds=tuple(bounds))


def within(version: str, bounds: tuple[tuple[Sign, str], ...], scheme: Scheme | None) -> bool:
    """
    Whether a version keeps within all bounds, in the order of its scheme.

    What can't be compared is within: who looks for old versions must not miss one that nobody could read.
    """
    if scheme is None:
        return True
    try:
        key = scheme.key(version)
    except Unparsable:
        return True
    for sign, text in bounds:
        try:
            other = scheme.key(text)
        except Unparsable:
            continue
        holds = {
            "<": key < other,
            "<=": key <= other,
            ">": other < key,
            ">=": other <= key,
            "=": key == other,
        }
        if not holds[sign]:
            return False
    return True
