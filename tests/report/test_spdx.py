"""SPDX 2.3: everything that is required is there, ids are unique, and licences are expressions or not asserted."""

import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from rightshift.documents import scan
from rightshift.model.inventory import Inventory, Subject
from rightshift.report import spdx
from rightshift.report.result import Result
from tests.report.sample import BARE, HOSTILE, MINIMIST, ORDINARY

each = pytest.mark.parametrize("result", [ORDINARY, HOSTILE, BARE], ids=["ordinary", "hostile", "bare"])


def document(result: Result) -> dict[str, Any]:
    out = io.BytesIO()
    spdx.write(result, out)
    found = json.loads(out.getvalue())
    assert isinstance(found, dict)
    return found


@each
def test_what_is_required_is_there(result: Result) -> None:
    found = document(result)
    assert (found["spdxVersion"], found["dataLicense"], found["SPDXID"]) == ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["creationInfo"]["created"])
    assert found["documentNamespace"].startswith("urn:uuid:")
    for package in found["packages"]:
        assert package["name"]
        assert package["downloadLocation"] == "NOASSERTION"
        assert package["filesAnalyzed"] is False


@each
def test_ids_are_unique_and_relationships_lead_somewhere(result: Result) -> None:
    found = document(result)
    ids = [package["SPDXID"] for package in found["packages"]]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", one) for one in ids)
    known = {"SPDXRef-DOCUMENT", *ids}
    for one in found["relationships"]:
        assert {one["spdxElementId"], one["relatedSpdxElement"]} <= known
    assert {one["relatedSpdxElement"] for one in found["relationships"]} == set(ids)


@each
def test_addresses_hold_no_blanks(result: Result) -> None:
    for package in document(result)["packages"]:
        for reference in package.get("externalRefs", ()):
            assert re.fullmatch(r"[!-~]+", reference["referenceLocator"])


@pytest.mark.parametrize(
    ("licenses", "declared"),
    [
        (("mit",), "MIT"),
        (("MIT OR Apache-2.0",), "MIT OR Apache-2.0"),
        (("MIT", "Apache-2.0 OR BSD-3-Clause"), "(MIT) AND (Apache-2.0 OR BSD-3-Clause)"),
        (("MIT", "our own"), "NOASSERTION"),
        (("LicenseRef-Ours",), "NOASSERTION"),
        (("(" * 90,), "NOASSERTION"),
        (("MIT OR " * 5_000 + "MIT",), "NOASSERTION"),
        ((), "NOASSERTION"),
    ],
)
def test_a_licence_is_an_expression_or_not_asserted(licenses: tuple[str, ...], declared: str) -> None:
    package = replace(MINIMIST, licenses=licenses)
    made = scan.of(
        Subject(kind="file", name="a"),
        Inventory(packages=(package,)),
        created=ORDINARY.document.created,
        id="",
        catalogue="",
    )
    found = document(Result(document=made))["packages"][1]
    assert found["licenseDeclared"] == declared
    if declared == "NOASSERTION" and licenses:
        assert found["licenseComments"] == "; ".join(licenses)
