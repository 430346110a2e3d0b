"""What else the scan knows: whether a fix is at hand. Age of the image and criticality belong to the asset."""

from rightshift.assess.weights import points
from rightshift.model.advisory import Part
from rightshift.model.facts import AdvisoryFacts


def context(facts: AdvisoryFacts) -> Part:
    """
    0 or 1 point of the range -2 to 4; the rest is the asset's and named as unknown.

    Source: EXPLOITABILITY, section 4, "Context".
    """
    unknown = ("age of the image", "criticality")
    if facts.fix_age_days is None:
        return Part("context", 0, "no fix is known", unknown)
    if facts.fix_age_days >= points("context.fix_days"):
        return Part("context", points("context.fix"), f"a fix is available for {facts.fix_age_days} days", unknown)
    return Part("context", 0, f"a fix is available for {max(facts.fix_age_days, 0)} days only", unknown)
