"""The sum, its parts, and an order that does not depend on how the matches came."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.assess.rank import band, rank, rate, score
from rightshift.model.advisory import Match
from rightshift.model.facts import AdvisoryFacts
from rightshift.model.known import Known
from rightshift.model.package import Package
from tests.assess.facts import FULL, advisory_facts


def a_match(name: str = "log4j-core", advisory: str = "CVE-2021-44228", facts: AdvisoryFacts | None = None) -> Match:
    return Match(
        package=Package(ecosystem="maven", name=f"org.apache.logging.log4j:{name}", version="2.14.1"),
        id=advisory,
        aliases=(),
        records=(advisory,),
        rule="",
        certain=Known.YES,
        facts=facts or AdvisoryFacts(),
    )


LOG4SHELL = AdvisoryFacts(vector=FULL, cwe=(502,), epss=0.944, kev=True, ransomware=True, fix_age_days=900)


def test_an_image_alone_gives_threat_impact_and_fix_and_names_what_it_can_not_see() -> None:
    match = rate(a_match(facts=LOG4SHELL))
    assert [(part.name, part.points) for part in match.evidence] == [
        ("threat", 42),
        ("exposure", 0),
        ("use", 0),
        ("impact", 4),
        ("context", 1),
    ]
    assert match.points == 47
    assert [part.because for part in match.evidence[1:3]] == ["run time unknown", "run time unknown"]
    assert all(part.unknown for part in match.evidence[1:])


def test_nothing_known_is_nothing_counted() -> None:
    assert (rate(a_match()).points, band(rate(a_match()).points)) == (0, "Routine")


@given(advisory_facts)
def test_the_parts_sum_to_the_points_and_fifty_is_the_most_a_scan_alone_can_give(facts: AdvisoryFacts) -> None:
    match = rate(a_match(facts=facts))
    assert match.points == sum(part.points for part in match.evidence)
    assert 0 <= match.points <= 50
    assert rate(match) == match


@pytest.mark.parametrize(
    ("points", "name"),
    [
        (110, "Fix now"),
        (90, "Fix now"),
        (89, "Fix soon"),
        (70, "Fix soon"),
        (69, "Plan"),
        (40, "Plan"),
        (39, "Routine"),
        (0, "Routine"),
        (-20, "Routine"),
    ],
)
def test_bands(points: int, name: str) -> None:
    assert band(points) == name
    assert band(score(points)) == name


@given(st.lists(advisory_facts, max_size=6), st.integers(0, 1000))
def test_the_best_is_first_whatever_the_order(facts: list[AdvisoryFacts], seed: int) -> None:
    matches = [
        rate(a_match(name=f"a{at % 2}", advisory=f"CVE-2026-{at:04}", facts=each)) for at, each in enumerate(facts)
    ]
    ranked = rank(matches)
    assert [match.points for match in ranked] == sorted((match.points for match in matches), reverse=True)
    shuffled = list(matches)
    random.Random(seed).shuffle(shuffled)
    assert rank(shuffled) == ranked


def test_equal_points_go_by_advisory_then_package_then_place() -> None:
    first, second = a_match(advisory="CVE-1"), a_match(advisory="CVE-2")
    other = a_match(name="log4j-api", advisory="CVE-2")
    elsewhere = replace(first, package=replace(first.package, locations=("b.jar",)))
    assert rank([second, elsewhere, other, first]) == [first, elsewhere, other, second]
