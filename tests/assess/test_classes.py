import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.assess import classes
from rightshift.assess.classes import NUMBERS, WEIGHTS, class_of, kind_of, most
from rightshift.assess.impact import technical
from rightshift.model.facts import AdvisoryFacts
from tests.assess.facts import FULL, advisory_facts
from tests.assess.test_examples import NAMES
from tests.shared import shared


@pytest.mark.shared
def test_every_example_has_its_class() -> None:
    examples = json.loads(shared("exploitability-examples.json").read_bytes())["examples"]
    for example in examples:
        given_: dict[str, Any] = example["facts"]
        known: dict[str, Any] = {name: value for name, value in given_.items() if name in NAMES}
        facts = AdvisoryFacts(**known | {"cwe": tuple(given_.get("cwe", ()))})
        assert class_of(facts) == example["want"]["class"], example["name"]


def test_each_class_and_kind_has_a_place_of_its_own() -> None:
    assert list(NUMBERS) == list(get_args(classes.Class))
    assert sorted(NUMBERS.values()) == list(range(1, 9))
    assert set(WEIGHTS) == set(get_args(classes.Kind))
    assert WEIGHTS == {"host": 0, "partial": 1, "total": 2}


@pytest.mark.parametrize(
    ("vector", "wanted"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "network"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", "content"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "content"),
        ("CVSS:3.1/AV:A/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", "adjacent"),
        ("CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", "local"),
        ("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "physical"),
        ("AV:N/AC:M/Au:N/C:P/I:N/A:N", "network"),
        ("nonsense", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_vector_says_the_way_in(vector: str | None, wanted: str) -> None:
    assert class_of(AdvisoryFacts(vector=vector)) == wanted


def test_what_a_package_is_comes_before_what_a_vector_says() -> None:
    assert class_of(AdvisoryFacts(vector=FULL, client_only=True)) == "client"
    assert class_of(AdvisoryFacts(vector=FULL, client_only=True, malicious=True)) == "self"


def test_a_kernel_brings_its_own_privileges() -> None:
    assert kind_of(AdvisoryFacts(vector=FULL)) == "total"
    assert kind_of(AdvisoryFacts()) == "partial"
    assert kind_of(AdvisoryFacts(vector=FULL, host_code=True)) == "host"


@given(advisory_facts)
def test_all_facts_have_a_class_and_a_kind(facts: AdvisoryFacts) -> None:
    assert class_of(facts) in NUMBERS
    assert kind_of(facts) == ("host" if facts.host_code else technical(facts))


@given(
    st.lists(st.integers(-20, 28), min_size=8, max_size=8),
    st.lists(st.integers(0, 3), min_size=2, max_size=2),
    st.integers(-2, 3),
)
def test_no_match_gets_more_than_the_most(exposure: list[int], privileges: list[int], context: int) -> None:
    added = {
        exposure[number - 1] + (privileges[weight - 1] if weight else 0) + context
        for number in NUMBERS.values()
        for weight in WEIGHTS.values()
    }
    assert most(exposure, privileges, context) == max(added)
