"""What is lost when it is exploited, as far as the advisory says. How likely that is: `threat.py`."""

from typing import Literal

from rightshift.assess import cvss
from rightshift.assess.cvss import Vector
from rightshift.assess.weights import points
from rightshift.model.advisory import Part
from rightshift.model.facts import AdvisoryFacts
from rightshift.model.known import Known

Technical = Literal["total", "partial"]


def technical(facts: AdvisoryFacts) -> Technical:
    """
    Whether whoever exploits it has all of what runs it. Unknown counts as partial.

    Source: EXPLOITABILITY, section 4 (CERT/CC's mapping of CVSS to SSVC).
    """
    return "total" if facts.malicious or _in_full(cvss.read(facts.vector)) else "partial"


def _in_full(vector: Vector | None) -> bool:
    if vector is None:
        return False
    losses = {vector.confidentiality, vector.integrity}
    return losses == {"H"} or (losses == {"H", "L"} and vector.privileges == "N")


def impact(facts: AdvisoryFacts) -> Part:
    """
    0 to 7 points: technical impact and scope, without the privileges of the process, which the asset decides. Only a
    flaw in the kernel or a container runtime brings its own: the host's.

    Source: EXPLOITABILITY, section 4 and section 6 (kind `host`).
    """
    vector, kind = cvss.read(facts.vector), technical(facts)
    counted = [_loss(vector, kind)]
    if vector is not None and vector.scope_changed is Known.YES:
        counted.append((points("impact.scope"), "scope changed"))
    if facts.host_code:
        counted.append((points(f"impact.host_{kind}"), "with the privileges of the host"))
    unknown = [] if facts.host_code else ["privileges of the process"]
    if vector is None:
        unknown.append("CVSS vector")
    return Part(
        "impact",
        sum(value for value, _ in counted),
        ", ".join(f"{what} {value}" for value, what in counted if value) or counted[0][1],
        tuple(unknown),
    )


def _loss(vector: Vector | None, kind: Technical) -> tuple[int, str]:
    if kind == "total":
        return points("impact.total"), "full control"
    if vector is None:
        return 0, "unknown what is lost"
    losses = {vector.confidentiality, vector.integrity}
    if "H" in losses:
        return points("impact.high"), "all data read or all data written"
    if vector.availability == "H":
        return points("impact.some"), "it can be stopped"
    if "L" in losses:
        return points("impact.some"), "some data read or written"
    return 0, "little is lost"
