"""CVSS vectors of every version in the same few metrics, with base score and word. What they weigh: `threat.py`."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Literal

from rightshift.errors import Malformed
from rightshift.model.known import Known

LONGEST = 512
"""Characters; a vector of version 4 with every optional metric has 243."""

_REMEMBERED = 1 << 13

Severity = Literal["critical", "high", "medium", "low", "none", "unknown"]


class MalformedVector(Malformed):
    """Not a vector: no version that is known, a base metric missing, twice or with a value that it can't have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """
    The base metrics in the words of version 3.

    `interaction` is empty and `scope_changed` UNKNOWN in version 2, which has neither. `metrics` are all that were
    written, in their order; `text` is the vector as it was given.
    """

    text: str
    version: Literal["2.0", "3.0", "3.1", "4.0"]
    attack: str
    """N, A, L or P."""
    complexity: str
    """L or H."""
    privileges: str
    """N, L or H."""
    interaction: str
    """N, R or empty."""
    scope_changed: Known
    confidentiality: str
    """H, L or N, as integrity and availability."""
    integrity: str
    availability: str
    metrics: tuple[tuple[str, str], ...]

    @property
    def exploit(self) -> Literal["weaponised", "poc"] | None:
        """
        What the vector itself says of an exploit's maturity.

        Source: EXPLOITABILITY, section 1, "Exploit evidence".
        """
        maturity = dict(self.metrics).get("E", "")
        if (self.version == "4.0" and maturity == "A") or (self.version[0] == "3" and maturity in ("F", "H")):
            return "weaponised"
        return "poc" if maturity == "P" else None


_BASE_3 = {"AV": "NALP", "AC": "LH", "PR": "NLH", "UI": "NR", "S": "UC", "C": "HLN", "I": "HLN", "A": "HLN"}
_BASE_4 = {
    "AV": "NALP",
    "AC": "LH",
    "AT": "NP",
    "PR": "NLH",
    "UI": "NPA",
    **dict.fromkeys(("VC", "VI", "VA", "SC", "SI", "SA"), "HLN"),
}
_BASE_2 = {"AV": "NAL", "AC": "LMH", "Au": "NSM", "C": "CPN", "I": "CPN", "A": "CPN"}
_PREFIXES: dict[str, Literal["3.0", "3.1", "4.0"]] = {"CVSS:3.0": "3.0", "CVSS:3.1": "3.1", "CVSS:4.0": "4.0"}


@lru_cache(maxsize=_REMEMBERED)
def parse(text: str) -> Vector:
    """
    A vector of version 2, 3.0, 3.1 or 4.0. Metrics may stand in any order; those beyond the base are kept unread.

    Raises: MalformedVector.
    Source: FIRST, CVSS v4.0 and v3.1 specification documents, "Vector String"; CVSS v2 guide, section 2.4; for the
    words of version 3: EXPLOITABILITY, section 1, "Which vector".
    """
    if len(text) > LONGEST:
        raise MalformedVector("longer than any vector")
    prefix, _, rest = text.partition("/")
    version = _PREFIXES.get(prefix)
    if version is None:
        metrics = _metrics(text.strip("()"), _BASE_2)
        return _second(text, metrics)
    if version == "4.0":
        return _fourth(text, _metrics(rest, _BASE_4))
    metrics = _metrics(rest, _BASE_3)
    return Vector(
        text=text,
        version=version,
        attack=metrics["AV"],
        complexity=metrics["AC"],
        privileges=metrics["PR"],
        interaction=metrics["UI"],
        scope_changed=Known.YES if metrics["S"] == "C" else Known.NO,
        confidentiality=metrics["C"],
        integrity=metrics["I"],
        availability=metrics["A"],
        metrics=tuple(metrics.items()),
    )


def _metrics(text: str, base: dict[str, str]) -> dict[str, str]:
    metrics: dict[str, str] = {}
    for part in text.rstrip("/").split("/"):
        name, colon, value = part.partition(":")
        if not colon or not value or name in metrics:
            raise MalformedVector(f"no metric, or one given twice: {part[:20]!r}")
        if name in base and (len(value) != 1 or value not in base[name]):
            raise MalformedVector(f"{name} can't be {value[:20]!r}")
        metrics[name] = value
    missing = [name for name in base if name not in metrics]
    if missing:
        raise MalformedVector(f"without {', '.join(missing)}")
    return metrics


def _fourth(text: str, metrics: dict[str, str]) -> Vector:
    beyond = any(metrics[name] != "N" for name in ("SC", "SI", "SA"))
    return Vector(
        text=text,
        version="4.0",
        attack=metrics["AV"],
        complexity="H" if metrics["AT"] == "P" else metrics["AC"],
        privileges=metrics["PR"],
        interaction="N" if metrics["UI"] == "N" else "R",
        scope_changed=Known.YES if beyond else Known.NO,
        confidentiality=metrics["VC"],
        integrity=metrics["VI"],
        availability=metrics["VA"],
        metrics=tuple(metrics.items()),
    )


def _second(text: str, metrics: dict[str, str]) -> Vector:
    loss = {"C": "H", "P": "L", "N": "N"}
    return Vector(
        text=text,
        version="2.0",
        attack=metrics["AV"],
        complexity="H" if metrics["AC"] == "H" else "L",
        privileges={"N": "N", "S": "L", "M": "H"}[metrics["Au"]],
        interaction="",
        scope_changed=Known.UNKNOWN,
        confidentiality=loss[metrics["C"]],
        integrity=loss[metrics["I"]],
        availability=loss[metrics["A"]],
        metrics=tuple(metrics.items()),
    )


def read(text: str | None) -> Vector | None:
    """The vector, or None where there is none that can be read."""
    if not text:
        return None
    try:
        return parse(text)
    except MalformedVector:
        return None


_VERSION_ORDER = ("3.1", "3.0", "4.0", "2.0")


def best(vectors: Iterable[tuple[str, str]], matched: Collection[str] = ()) -> Vector | None:
    """
    The one to judge by, of pairs (record id, vector): version 3, then 4, then 2; of equals one of a record in
    `matched`, then of the lowest record id. What can't be read does not count, and the order given doesn't either.

    Source: EXPLOITABILITY, section 1, "Which vector".
    """
    readable = [(record, vector) for record, text in vectors if (vector := read(text)) is not None]
    if not readable:
        return None
    return min(
        readable,
        key=lambda pair: (
            "342".index(pair[1].version[0]),
            pair[0] not in matched,
            pair[0],
            _VERSION_ORDER.index(pair[1].version),
            pair[1].text,
        ),
    )[1]


@lru_cache(maxsize=_REMEMBERED)
def score(vector: Vector) -> float:
    """
    The base score, 0 to 10 in tenths; what was written beyond the base does not count.

    Source: FIRST, CVSS v3.1 specification, section 7.1 and appendix A (rounding); CVSS v2 guide, section 3.2.1.
    Version 4 is defined by a table of 270 scores: taken from the `cvss` library.
    """
    if vector.version == "2.0":
        return _score_2(vector)
    if vector.version == "4.0":
        from cvss import CVSS4  # type: ignore[import-untyped, unused-ignore]

        base = "/".join(f"{name}:{value}" for name, value in vector.metrics if name in _BASE_4)
        return float(CVSS4(f"CVSS:4.0/{base}").base_score)
    return _score_3(vector)


def _score_3(vector: Vector) -> float:
    changed = vector.scope_changed is Known.YES
    loss = {"H": 0.56, "L": 0.22, "N": 0.0}
    kept = (1 - loss[vector.confidentiality]) * (1 - loss[vector.integrity]) * (1 - loss[vector.availability])
    lost = 1 - kept
    impact = 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 if changed else 6.42 * lost
    if impact <= 0:
        return 0.0
    exploitability = (
        8.22
        * {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2}[vector.attack]
        * {"L": 0.77, "H": 0.44}[vector.complexity]
        * ({"N": 0.85, "L": 0.68, "H": 0.5} if changed else {"N": 0.85, "L": 0.62, "H": 0.27})[vector.privileges]
        * {"N": 0.85, "R": 0.62}[vector.interaction]
    )
    total = min((impact + exploitability) * (1.08 if changed else 1), 10)
    return ceil(round(total * 100_000) / 10_000) / 10


def _score_2(vector: Vector) -> float:
    metrics = dict(vector.metrics)
    loss = {"C": 0.66, "P": 0.275, "N": 0.0}
    impact = 10.41 * (1 - (1 - loss[metrics["C"]]) * (1 - loss[metrics["I"]]) * (1 - loss[metrics["A"]]))
    if impact == 0:
        return 0.0
    exploitability = (
        20
        * {"N": 1.0, "A": 0.646, "L": 0.395}[metrics["AV"]]
        * {"L": 0.71, "M": 0.61, "H": 0.35}[metrics["AC"]]
        * {"N": 0.704, "S": 0.56, "M": 0.45}[metrics["Au"]]
    )
    return round((0.6 * impact + 0.4 * exploitability - 1.5) * 1.176, 1)


def severity_word(score: float) -> Severity:
    """
    The word for a score of 0 to 10.

    Source: FIRST, CVSS v3.1 specification, section 5, "Qualitative Severity Rating Scale".
    """
    for least, word in _SCALE:
        if score >= least:
            return word
    return "none"


_SCALE: tuple[tuple[float, Severity], ...] = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))

_WORDS: dict[str, Severity] = {
    "critical": "critical",
    "high": "high",
    "important": "high",
    "moderate": "medium",
    "medium": "medium",
    "low": "low",
    "minor": "low",
    "negligible": "low",
    "unimportant": "low",
    "none": "none",
}


def word(text: str | None) -> Severity:
    """The word that a database means, whatever its case."""
    return _WORDS.get((text or "").strip().lower(), "unknown")


def severity(vector: Vector | None, said: str = "") -> Severity:
    """From the vector's score, else from the database's word. Version 2 knows nothing above high."""
    if vector is None:
        return word(said)
    found = severity_word(score(vector))
    return "high" if found == "critical" and vector.version == "2.0" else found
