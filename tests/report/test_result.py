"""What all reports say alike: which matches are new since an earlier report, and which were known."""

import csv
import io
import json

from rightshift.report import format
from rightshift.report.result import Result
from tests.report.sample import COMPARED, HOSTILE, ORDINARY


def written(name: str, result: Result = COMPARED) -> str:
    out = io.BytesIO()
    format.named(name).write(result, out)
    return out.getvalue().decode()


def test_without_a_baseline_nothing_is_new() -> None:
    assert not any(map(ORDINARY.is_new, ORDINARY.matches))
    assert ORDINARY.compared_line == ""


def test_a_row_stands_for_all_places_and_is_new_or_not() -> None:
    assert [(row.match.id, row.is_new, len(row.places)) for row in COMPARED.rows] == [
        ("CVE-2026-1", True, 1),
        ("CVE-2021-44228", False, 2),
        ("GHSA-vh95-rmgr-6w4m", False, 1),
        ("DEBIAN-CVE-2010-4756", False, 1),
    ]


def test_people_see_what_is_new_and_how_much() -> None:
    table, markdown = written("table"), written("markdown")
    (marked,) = [line for line in table.splitlines() if "CVE-2026-1 " in line]
    assert "  new, EPSS" in marked
    assert sum("  new" in line for line in table.splitlines()) == 1
    assert "1 of 5 matches is new since main.json" in table.splitlines()
    assert "- `1 of 5 matches is new since main.json`\n" in markdown
    assert "| `CVE-2026-1` | medium | new, " in markdown


def test_programs_read_what_is_new() -> None:
    document = json.loads(written("json"))
    assert document["baseline"] == {"reports": ["main.json"], "new": 1}
    assert [match["new"] for match in document["matches"]] == [True, False, False, False, False]
    without = json.loads(written("json", ORDINARY))
    assert without["baseline"] is None
    assert {match["new"] for match in without["matches"]} == {None}


def test_a_code_scanning_page_is_told_in_its_own_word() -> None:
    (run,) = json.loads(written("sarif"))["runs"]
    assert [one["baselineState"] for one in run["results"]] == ["new", "unchanged", "unchanged", "unchanged"]
    (run,) = json.loads(written("sarif", HOSTILE))["runs"]
    assert not any("baselineState" in one for one in run["results"])


def test_spreadsheets_and_bills_of_material_have_a_place_for_it() -> None:
    assert [row["new"] for row in csv.DictReader(io.StringIO(written("csv")))] == ["yes", "", "", ""]
    bill = json.loads(written("cyclonedx"))
    said = [one["value"] for flaw in bill["vulnerabilities"] for one in flaw["properties"] if "new" in one["name"]]
    assert said[:4] == ["true", "false", "false", "false"]
