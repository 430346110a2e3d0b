"""CycloneDX 1.6 as its schema wants it, and as others read it back."""

import io
import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from rightshift.catalog.sboms import cyclonedx as reader
from rightshift.report import cyclonedx
from rightshift.report.result import Result
from tests.report.sample import BARE, HOSTILE, ORDINARY


def written(result: Result) -> str:
    out = io.BytesIO()
    cyclonedx.write(result, out)
    return out.getvalue().decode()


def bom(result: Result) -> dict[str, Any]:
    found = json.loads(written(result))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("result", [ORDINARY, HOSTILE, BARE], ids=["ordinary", "hostile", "bare"])
def test_it_is_valid(result: Result) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written(result)) is None


@pytest.mark.parametrize("result", [ORDINARY, HOSTILE], ids=["ordinary", "hostile"])
def test_every_vulnerability_affects_a_component_that_is_there(result: Result) -> None:
    found = bom(result)
    refs = [component["bom-ref"] for component in found["components"]]
    assert len(refs) == len(set(refs))
    assert {one["ref"] for each in found["vulnerabilities"] for one in each["affects"]} <= set(refs)
    every = [each["bom-ref"] for each in found["vulnerabilities"]]
    assert len(every) == len(set(every))


def test_what_does_not_count_says_why() -> None:
    analyses = {each["id"]: each.get("analysis") for each in bom(ORDINARY)["vulnerabilities"]}
    assert analyses["CVE-2021-44228"] is None
    assert analyses["CVE-2021-44906"] == {
        "state": "not_affected",
        "justification": "code_not_reachable",
        "detail": "never called",
    }
    assert analyses["CVE-2019-1010022"]["response"] == ["will_not_fix"]


def test_a_partial_scan_is_an_incomplete_composition() -> None:
    assert bom(ORDINARY)["compositions"] == [{"aggregate": "incomplete"}]


def test_our_own_reader_finds_the_same_packages() -> None:
    read = {package.purl for package in reader.read(written(ORDINARY).encode()) if hasattr(package, "purl")}
    assert {package.purl for package in ORDINARY.document.packages} <= read
