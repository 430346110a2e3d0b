"""Which kind of bill a document is, by its own words."""

import pytest

from rightshift.catalog.sboms import bill
from rightshift.errors import Malformed
from rightshift.model.package import Package


@pytest.mark.parametrize(
    "content",
    [
        b'{"bomFormat": "CycloneDX", "components": [{"type": "library", "purl": "pkg:npm/a@1"}]}',
        b'{"spdxVersion": "SPDX-2.3", "packages": [{"externalRefs":'
        b' [{"referenceType": "purl", "referenceLocator": "pkg:npm/a@1"}]}]}',
    ],
    ids=["CycloneDX", "SPDX"],
)
def test_both_kinds(content: bytes) -> None:
    assert [claim.purl for claim in bill.read(content) if isinstance(claim, Package)] == ["pkg:npm/a@1"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'<bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>', "XML is not read"),
        (b"SPDXVersion: SPDX-2.3\n", "JSON only"),
        (b'{"name": "x"}', "neither"),
    ],
)
def test_what_it_cannot_read_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        list(bill.read(content))
