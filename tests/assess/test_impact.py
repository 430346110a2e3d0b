"""What is lost, of the advisory's facts alone."""

from dataclasses import replace

import pytest
from hypothesis import given

from rightshift.assess.impact import impact, technical
from rightshift.model.facts import AdvisoryFacts
from tests.assess.facts import advisory_facts

Facts = AdvisoryFacts
AT = "CVSS:3.1/AV:N/AC:L/"


@pytest.mark.parametrize(
    ("facts", "kind", "points"),
    [
        (Facts(), "partial", 0),
        (Facts(severity="critical"), "partial", 0),
        (Facts(malicious=True), "total", 3),
        (Facts(vector=AT + "PR:N/UI:N/S:U/C:H/I:H/A:N"), "total", 3),
        (Facts(vector=AT + "PR:H/UI:N/S:U/C:H/I:H/A:N"), "total", 3),
        (Facts(vector=AT + "PR:N/UI:R/S:C/C:H/I:L/A:N"), "total", 4),
        (Facts(vector=AT + "PR:N/UI:N/S:U/C:L/I:H/A:N"), "total", 3),
        (Facts(vector=AT + "PR:L/UI:N/S:U/C:L/I:H/A:N"), "partial", 2),
        (Facts(vector=AT + "PR:N/UI:N/S:U/C:N/I:H/A:N"), "partial", 2),
        (Facts(vector=AT + "PR:N/UI:N/S:U/C:H/I:N/A:H"), "partial", 2),
        (Facts(vector=AT + "PR:N/UI:N/S:U/C:N/I:N/A:H"), "partial", 1),
        (Facts(vector=AT + "PR:N/UI:N/S:C/C:N/I:N/A:H"), "partial", 2),
        (Facts(vector=AT + "PR:N/UI:N/S:U/C:L/I:N/A:N"), "partial", 1),
        (Facts(vector=AT + "PR:N/UI:N/S:U/C:N/I:L/A:L"), "partial", 1),
        (Facts(vector=AT + "PR:N/UI:N/S:U/C:N/I:N/A:L"), "partial", 0),
        (Facts(vector="AV:N/AC:L/Au:N/C:C/I:C/A:C"), "total", 3),
        (Facts(vector="AV:N/AC:L/Au:N/C:P/I:P/A:P"), "partial", 1),
        (Facts(vector=AT + "PR:N/UI:N/S:C/C:H/I:H/A:H", host_code=True), "total", 7),
        (Facts(vector=AT + "PR:N/UI:N/S:U/C:N/I:N/A:H", host_code=True), "partial", 2),
    ],
)
def test_loss_scope_and_a_hosts_own_privileges(facts: AdvisoryFacts, kind: str, points: int) -> None:
    assert (technical(facts), impact(facts).points) == (kind, points)


def test_the_privileges_of_the_process_are_unknown_unless_they_are_the_hosts() -> None:
    assert impact(Facts()).unknown == ("privileges of the process", "CVSS vector")
    assert impact(Facts(vector=AT + "PR:N/UI:N/S:U/C:N/I:N/A:H", host_code=True)).unknown == ()


@given(advisory_facts)
def test_it_stays_in_its_range_and_adds_up_from_what_it_says(facts: AdvisoryFacts) -> None:
    part = impact(facts)
    assert part.name == "impact"
    assert 0 <= part.points <= 7
    named = [item.rpartition(" ")[2] for item in part.because.split(", ")]
    assert sum(int(number) for number in named if number.isdigit()) == part.points


@given(advisory_facts)
def test_a_host_never_lowers(facts: AdvisoryFacts) -> None:
    assert impact(replace(facts, host_code=False)).points <= impact(replace(facts, host_code=True)).points
