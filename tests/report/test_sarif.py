"""SARIF within the limits of a code scanning page: stable names, bounded lists, plain text."""

import io
import json
from dataclasses import replace
from typing import Any

from rightshift.report import sarif
from rightshift.report.result import Result
from tests.report.sample import HOSTILE, LOG4SHELL, MATCHES, ORDINARY


def run(result: Result) -> dict[str, Any]:
    out = io.BytesIO()
    sarif.write(result, out)
    document = json.loads(out.getvalue())
    assert document["version"] == "2.1.0"
    (one,) = document["runs"]
    assert isinstance(one, dict)
    return one


def test_every_result_points_at_its_rule() -> None:
    for result in (ORDINARY, HOSTILE):
        found = run(result)
        rules = found["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        for one in found["results"]:
            assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
            assert one["locations"]
            assert one["message"]["text"]


def test_the_severity_is_a_number_in_a_string() -> None:
    numbers = [rule["properties"]["security-severity"] for rule in run(ORDINARY)["tool"]["driver"]["rules"]]
    assert numbers == ["10.0", "5.5", "5.0"]
    assert all("security" in rule["properties"]["tags"] for rule in run(HOSTILE)["tool"]["driver"]["rules"])


def test_fingerprints_are_the_same_next_time_and_differ_between_results() -> None:
    many = tuple(
        replace(LOG4SHELL, id=f"CVE-2026-{at}", package=replace(LOG4SHELL.package, version=version))
        for at in range(5)
        for version in ("2.14.0", "2.14.1")
    )
    prints = [one["partialFingerprints"]["rightshift/v1"] for one in run(replace(ORDINARY, matches=many))["results"]]
    other = replace(ORDINARY, matches=many[::-1], document=HOSTILE.document)
    assert len(set(prints)) == len(many)
    assert sorted(prints) == sorted(one["partialFingerprints"]["rightshift/v1"] for one in run(other)["results"])


def test_the_best_are_kept_and_the_rest_is_counted() -> None:
    many = tuple(replace(MATCHES[2], id=f"CVE-2026-{at}", points=9_000 - at) for at in range(sarif.RESULTS + 7))
    found = run(replace(ORDINARY, matches=many))
    assert len(found["results"]) == sarif.RESULTS
    assert found["results"][0]["ruleId"] == "CVE-2026-0"
    notice = found["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    assert notice.startswith("7 results are left out: the best 5,000")


def test_places_of_one_result_are_bounded() -> None:
    places = tuple(f"app/{at}.jar" for at in range(5_000))
    wide = replace(LOG4SHELL, package=replace(LOG4SHELL.package, locations=places))
    (found,) = run(replace(ORDINARY, matches=(wide,)))["results"]
    assert len(found["locations"]) == sarif.PLACES


def test_no_address_leads_outside() -> None:
    for one in run(HOSTILE)["results"]:
        for location in one["locations"]:
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert uri.isascii()
            assert not uri.startswith("/")
            assert ".." not in uri.split("/")
            assert ":" not in uri
            assert "\\" not in uri


def test_suppressed_matches_are_not_opened_there() -> None:
    assert "CVE-2021-44906" not in json.dumps(run(ORDINARY))
