"""What programs read: a scan document that carries its matches."""

import io
import json
from dataclasses import replace

import msgspec

from rightshift.documents import scan
from rightshift.report import json as report
from rightshift.report.result import Result
from tests.report.sample import BARE, HOSTILE, ORDINARY


def written(result: Result) -> bytes:
    out = io.BytesIO()
    report.write(result, out)
    return out.getvalue()


def test_it_is_still_the_scan_document() -> None:
    for result in (ORDINARY, BARE, HOSTILE):
        assert scan.decode(written(result)) == result.document


def test_every_match_names_its_package() -> None:
    for result in (ORDINARY, HOSTILE):
        document = json.loads(written(result))
        for match in document["matches"]:
            package = document["packages"][match["package"]]
            assert (package["purl"], package["locations"]) == (match["purl"], match["locations"])


def test_nothing_matched_is_not_the_same_as_no_match() -> None:
    assert "matches" not in json.loads(written(BARE))
    assert json.loads(written(ORDINARY))["feed"] == {
        "kind": "starter",
        "generation": 7,
        "lineage": "ab12",
        "built": "2026-01-04T02:00:00Z",
        "records": 310,
        "covers": 4,
        "packages": 5,
        "nothing_of": [],
        "unversioned": 0,
    }


def test_the_end_of_life_is_beside_the_document_not_in_it() -> None:
    life = {"system": "Debian GNU/Linux 12", "last_day": "2028-06-30", "over": "no"}
    assert json.loads(written(ORDINARY))["end_of_life"] == life
    assert json.loads(written(replace(ORDINARY, end_of_life=None)))["end_of_life"] is None
    assert "end_of_life" not in json.loads(written(BARE))


def test_the_points_are_the_sum_of_nothing_hidden() -> None:
    match = json.loads(written(ORDINARY))["matches"][0]
    assert (match["points"], match["score"], match["band"]) == (47, 47, "Plan")
    assert [part["name"] for part in match["evidence"]] == ["threat", "exposure"]
    assert match["evidence"][1]["unknown"] == ["running"]


def test_matches_are_of_their_declared_shape() -> None:
    document = json.loads(written(HOSTILE))
    msgspec.convert(document["matches"], list[report.Match])
    msgspec.convert(document["suppressed"], list[report.SuppressedMatch])


def test_a_package_name_that_looks_like_the_format_is_only_text() -> None:
    subject = scan.Subject(kind="directory", name='","packages":[],"x":"')
    document = msgspec.structs.replace(ORDINARY.document, subject=subject)
    assert scan.decode(written(Result(document=document))) == document
