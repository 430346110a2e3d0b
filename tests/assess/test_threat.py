"""Threat as a table of cases, then what holds for all facts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.assess.threat import threat
from rightshift.model.facts import AdvisoryFacts
from tests.assess.facts import FULL, advisory_facts

Facts = AdvisoryFacts


@pytest.mark.parametrize(
    ("probability", "points"),
    [
        (0.0, 0),
        (1e-9, 0),
        (0.0001, 0),
        (0.001, 6),
        (0.003, 10),
        (0.009, 15),
        (0.01, 15),
        (0.04, 21),
        (0.1, 25),
        (0.26, 30),
        (0.5, 34),
        (0.86, 38),
        (0.9, 38),
        (0.99999, 38),
        (1.0, 38),
    ],
)
def test_with_epss_the_odds_decide_and_nothing_else(probability: float, points: int) -> None:
    assert threat(Facts(epss=probability)).points == points
    assert threat(Facts(epss=probability, vector=FULL, cwe=(78,), server_app=True)).points == points


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        (Facts(), 0),
        (Facts(vector=FULL), 21),
        (Facts(vector=FULL.replace("S:C", "S:U")), 19),
        (Facts(vector="CVSS:3.1/AV:A/AC:H/PR:L/UI:R/S:U/C:L/I:L/A:L"), 3),
        (Facts(vector="CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:H/A:H"), 3),
        (Facts(vector="AV:N/AC:M/Au:N/C:C/I:C/A:C"), 18),
        (Facts(vector="AV:N/AC:L/Au:N/C:P/I:P/A:P"), 9),
        (Facts(severity="critical"), 10),
        (Facts(severity="HIGH"), 6),
        (Facts(severity="moderate"), 3),
        (Facts(severity="medium"), 3),
        (Facts(severity="low"), 0),
        (Facts(severity="critical", vector="not one"), 10),
        (Facts(severity="critical", vector="CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L"), 0),
        (Facts(server_app=True), 1),
        (Facts(cwe=(79, 1336)), 2),
        (Facts(cwe=(22, 78, 502)), 2),
        (Facts(cwe=(79, 787)), 0),
        (Facts(vector=FULL, exploit="poc"), 26),
        (Facts(vector=FULL, exploit="weaponised"), 30),
        (Facts(vector=FULL, exploit="weaponised", server_app=True, cwe=(94,)), 30),
        (Facts(history_known=60, history_exploited=5), 8),
        (Facts(history_known=180, history_exploited=2), 6),
        (Facts(history_known=180, history_exploited=1), 4),
        (Facts(history_known=181, history_exploited=1), 0),
        (Facts(history_known=80, history_exploited=3), 8),
        (Facts(history_known=0, history_exploited=0), 0),
    ],
)
def test_without_epss_the_facts_are_added(facts: AdvisoryFacts, points: int) -> None:
    assert threat(facts).points == points


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        (Facts(exploit="poc"), 14),
        (Facts(exploit="weaponised"), 24),
        (Facts(malicious=True), 40),
        (Facts(kev=True), 40),
        (Facts(kev=True, ransomware=True), 42),
        (Facts(ransomware=True), 0),
        (Facts(epss=0.0001, exploit="poc"), 14),
        (Facts(epss=0.9, exploit="weaponised"), 38),
        (Facts(epss=0.9, kev=True), 40),
    ],
)
def test_what_was_seen_is_a_floor_under_what_is_forecast(facts: AdvisoryFacts, points: int) -> None:
    assert threat(facts).points == points


def test_it_says_what_was_counted_and_what_is_not_known() -> None:
    assert threat(Facts(epss=0.944, kev=True, ransomware=True)).because == (
        "in CISA KEV, used by ransomware (42); without that: EPSS 0.944 (38)"
    )
    assert threat(Facts(vector="CVSS:3.1/AV:N/AC:H/PR:L/UI:R/S:U/C:L/I:N/A:N")).because == (
        "over the network 3, an account needed 1, some data read 1"
    )
    assert threat(Facts(vector="CVSS:3.1/AV:L/AC:L/PR:H/UI:R/S:U/C:N/I:N/A:H")).because == "low complexity 1"
    assert threat(Facts(epss=0.1)).unknown == ()
    assert threat(Facts(vector=FULL)).unknown == ("EPSS",)
    assert threat(Facts()).unknown == ("EPSS", "CVSS vector")


@given(advisory_facts)
def test_it_stays_in_its_range(facts: AdvisoryFacts) -> None:
    part = threat(facts)
    assert part.name == "threat"
    assert 0 <= part.points <= 42
    assert part.because


@given(advisory_facts)
def test_the_order_of_weaknesses_does_not_matter(facts: AdvisoryFacts) -> None:
    assert threat(facts) == threat(replace(facts, cwe=facts.cwe[::-1]))


WITHOUT = (
    {"kev": False, "ransomware": False},
    {"ransomware": False},
    {"malicious": False},
    {"exploit": None},
    {"server_app": False},
    {"cwe": ()},
    {"history_exploited": 0},
    {"host_code": False},
)


@given(advisory_facts, st.sampled_from(WITHOUT))
def test_less_that_speaks_for_it_never_raises(facts: AdvisoryFacts, without: dict[str, object]) -> None:
    assert threat(replace(facts, **without)).points <= threat(facts).points  # type: ignore[arg-type]


@given(advisory_facts, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_probability_never_lowers(facts: AdvisoryFacts, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert threat(replace(facts, epss=low)).points <= threat(replace(facts, epss=high)).points


@given(advisory_facts)
def test_a_working_exploit_counts_at_least_as_much_as_a_shown_one(facts: AdvisoryFacts) -> None:
    none, shown, works = (threat(replace(facts, exploit=each)).points for each in (None, "poc", "weaponised"))
    assert none <= shown <= works
