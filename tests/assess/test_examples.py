"""Threat, impact and context of all published examples; what the asset adds to them is added here by hand."""

import json
from dataclasses import fields
from typing import Any

import pytest

from rightshift.assess.context import context
from rightshift.assess.impact import impact, technical
from rightshift.assess.threat import threat
from rightshift.model.facts import AdvisoryFacts
from tests.shared import shared

NAMES = {field.name for field in fields(AdvisoryFacts)}
PRIVILEGES = {"host": 3, "strong": 2, "root": 1, "none": 0, None: 0}
CRITICALITY = {"high": 2, "low": -2, "normal": 0, None: 0}


@pytest.mark.shared
def test_every_example_has_its_threat_impact_and_context() -> None:
    examples = json.loads(shared("exploitability-examples.json").read_bytes())["examples"]
    assert len(examples) == 25
    for example in examples:
        given: dict[str, Any] = example["facts"]
        known: dict[str, Any] = {name: value for name, value in given.items() if name in NAMES}
        facts = AdvisoryFacts(**known | {"cwe": tuple(given.get("cwe", ()))})
        asset = 0 if facts.host_code else PRIVILEGES[given.get("privileges")]
        found = {
            "threat": threat(facts).points,
            "impact": impact(facts).points + (asset if technical(facts) == "total" else asset // 2),
            "context": context(facts).points
            + (given.get("image_age_days", 0) >= 365)
            + CRITICALITY[given.get("criticality")],
        }
        assert found == {name: example["want"][name] for name in found}, example["name"]
