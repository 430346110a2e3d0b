"""A fix counts once it has been at hand for a month."""

import pytest

from rightshift.assess.context import context
from rightshift.model.facts import AdvisoryFacts


@pytest.mark.parametrize(("days", "points"), [(None, 0), (-1, 0), (0, 0), (29, 0), (30, 1), (4000, 1)])
def test_a_fix_of_thirty_days_is_a_point(days: int | None, points: int) -> None:
    part = context(AdvisoryFacts(fix_age_days=days))
    assert (part.name, part.points) == ("context", points)


def test_what_the_asset_decides_is_named() -> None:
    assert context(AdvisoryFacts()).unknown == ("age of the image", "criticality")
