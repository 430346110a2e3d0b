"""How likely somebody exploits it: the part that the advisory alone decides. What is lost then: `impact.py`."""

from math import floor, log10

from rightshift.assess import cvss
from rightshift.assess.cvss import Vector
from rightshift.assess.weights import figure, points
from rightshift.model.advisory import Part
from rightshift.model.facts import AdvisoryFacts
from rightshift.model.known import Known

DANGEROUS_WEAKNESSES = frozenset({22, 23, 24, 27, 36, 73, 77, 78, 94, 95, 96, 98, 434, 470, 502, 913, 917, 1336})
"""CWE numbers: injection of code or commands, deserialisation, upload, path traversal."""

Counted = tuple[int, str]
"""Points and what they are for."""


def threat(facts: AdvisoryFacts) -> Part:
    """
    0 to 42 points: the larger of a base and of what is known to be exploited. Never their sum, since EPSS already
    knows of published exploits.

    Source: EXPLOITABILITY, section 1.
    """
    vector = cvss.read(facts.vector)
    if facts.epss is not None:
        base, because = _forecast(facts.epss)
        unknown: tuple[str, ...] = ()
    else:
        base, because = _table(facts, vector)
        unknown = ("EPSS",) if vector is not None else ("EPSS", "CVSS vector")
    floor_points, seen = max(_floors(facts), default=(0, ""))
    if floor_points > base:
        because = f"{seen} ({floor_points}); without that: {because} ({base})" if base else f"{seen} ({floor_points})"
    return Part("threat", max(base, floor_points), because, unknown)


def _forecast(probability: float) -> Counted:
    most = points("threat.epss.most")
    if not probability > 0:
        value = 0
    elif probability >= 1:
        value = most
    else:
        odds = figure("threat.epss.even") + figure("threat.epss.power") * log10(probability / (1 - probability))
        value = min(max(floor(odds + 0.5), 0), most)
    return value, f"EPSS {probability:.3g}"


def _floors(facts: AdvisoryFacts) -> list[Counted]:
    found: list[Counted] = []
    if facts.kev and facts.ransomware:
        found.append((points("threat.floor.ransomware"), "in CISA KEV, used by ransomware"))
    if facts.kev:
        found.append((points("threat.floor.kev"), "in CISA KEV"))
    if facts.malicious:
        found.append((points("threat.floor.malicious"), "a malicious package"))
    if facts.exploit is not None:
        found.append((points(f"threat.floor.{facts.exploit}"), _EXPLOIT[facts.exploit]))
    return found


_EXPLOIT = {"weaponised": "a working exploit is published", "poc": "a proof of concept is published"}


def _table(facts: AdvisoryFacts, vector: Vector | None) -> Counted:
    """The base where EPSS says nothing."""
    counted = _by_vector(vector) if vector is not None else _by_word(facts.severity)
    if facts.server_app:
        counted.append((points("threat.package.server"), "a server application"))
    if not DANGEROUS_WEAKNESSES.isdisjoint(facts.cwe):
        counted.append((points("threat.package.weakness"), "a weakness that attackers automate"))
    if facts.exploit is not None:
        counted.append((points(f"threat.exploit.{facts.exploit}"), _EXPLOIT[facts.exploit]))
    counted += _history(facts)
    counted = [(value, what) for value, what in counted if value]
    because = ", ".join(f"{what} {value}" for value, what in counted) or "nothing known that speaks for it"
    return min(sum(value for value, _ in counted), points("threat.table.most")), because


def _by_vector(vector: Vector) -> list[Counted]:
    losses = (vector.confidentiality, vector.integrity, vector.availability)
    counted = [
        (points(f"threat.attack.{vector.attack}"), _ATTACK[vector.attack]),
        (points(f"threat.privileges.{vector.privileges}"), _PRIVILEGES[vector.privileges]),
    ]
    if vector.complexity == "L":
        counted.append((points("threat.other.simple"), "low complexity"))
    if vector.interaction == "N":
        counted.append((points("threat.other.alone"), "no interaction"))
    if vector.scope_changed is Known.YES:
        counted.append((points("threat.other.scope"), "scope changed"))
    if vector.confidentiality != "N":
        degree = {"H": "all", "L": "some"}[vector.confidentiality]
        counted.append((points(f"threat.confidentiality.{vector.confidentiality}"), f"{degree} data read"))
    if vector.integrity == "H":
        counted.append((points("threat.integrity.H"), "all data written"))
    if losses == ("H", "H", "H"):
        counted.append((points("threat.all.high"), "everything lost"))
    return counted


_ATTACK = {"N": "over the network", "A": "from a neighbour", "L": "from the machine", "P": "by hand"}
_PRIVILEGES = {"N": "no privileges needed", "L": "an account needed", "H": "an administrator needed"}


def _by_word(word: str | None) -> list[Counted]:
    severity = cvss.word(word)
    if severity in ("none", "unknown"):
        return []
    return [(points(f"threat.word.{severity}"), f"called {severity}")]


def _history(facts: AdvisoryFacts) -> list[Counted]:
    share = facts.history_exploited / (max(facts.history_known, 0) + figure("threat.history.prior"))
    for step in ("often", "some", "once"):
        if share >= figure(f"threat.history.{step}"):
            what = f"{facts.history_exploited} of {facts.history_known} other flaws of the package were exploited"
            return [(points(f"threat.history.{step}_points"), what)]
    return []
