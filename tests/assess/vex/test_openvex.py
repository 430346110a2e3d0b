"""What is read from an OpenVEX document, and what is refused."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.assess.vex import openvex
from rightshift.assess.vex.statement import Product

STATEMENT: dict[str, Any] = {
    "vulnerability": {"name": "CVE-2021-44228", "aliases": ["GHSA-jfh8-c2jp-5v3q"]},
    "products": [
        {
            "@id": "pkg:oci/app@sha256%3A" + "a" * 64,
            "identifiers": {"purl": "pkg:oci/app", "cpe23": "cpe:2.3:a:x"},
            "hashes": {"sha-256": "B" * 64, "md5": "00"},
            "subcomponents": [{"@id": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}],
        }
    ],
    "status": "not_affected",
    "justification": "vulnerable_code_not_in_execute_path",
    "impact_statement": "lookups are off",
    "timestamp": "2023-01-09T21:23:03.579712389-06:00",
}
DOCUMENT: dict[str, Any] = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://example.org/vex-1",
    "author": "Example Org",
    "timestamp": "2023-01-08T18:02:03Z",
    "version": 1,
    "statements": [STATEMENT],
}


def encoded(*statements: Any, **fields: Any) -> bytes:
    return json.dumps({**DOCUMENT, "statements": list(statements), **fields}).encode()


def changed(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in {**STATEMENT, **fields}.items() if value is not None}


def test_a_statement_with_everything() -> None:
    (statement,) = openvex.read(encoded(STATEMENT))
    assert statement.vulnerabilities == ("CVE-2021-44228", "GHSA-JFH8-C2JP-5V3Q")
    assert statement.products == (
        Product(
            ids=("pkg:oci/app@sha256%3A" + "a" * 64, "pkg:oci/app", "sha256:" + "b" * 64),
            parts=(("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",),),
        ),
    )
    assert (statement.status, statement.justification) == ("not_affected", "vulnerable_code_not_in_execute_path")
    assert statement.said_at == datetime(2023, 1, 10, 3, 23, 3, 579712, tzinfo=UTC)
    assert (statement.explanation, statement.author) == ("lookups are off", "Example Org")
    assert statement.document == "https://example.org/vex-1"


def test_time_comes_from_the_document_where_the_statement_has_none() -> None:
    first, second, third = openvex.read(
        encoded(
            changed(timestamp=None),
            changed(timestamp="2024-01-01T00:00:00Z", last_updated="2024-05-01T00:00:00Z"),
            changed(timestamp="2024-01-01"),
        )
    )
    assert first.said_at == datetime(2023, 1, 8, 18, 2, 3, tzinfo=UTC)
    assert second.said_at == datetime(2024, 5, 1, tzinfo=UTC)
    assert third.said_at == datetime(2024, 1, 1, tzinfo=UTC)


def test_the_older_shape_with_plain_texts() -> None:
    (statement,) = openvex.read(
        encoded(
            changed(
                vulnerability="cve-2021-44228",
                products=["pkg:apk/wolfi/git@2.39.0-r1?arch=x86_64"],
                subcomponents=["pkg:apk/wolfi/libcurl"],
            ),
            **{"@context": "https://openvex.dev/ns"},
        )
    )
    assert statement.vulnerabilities == ("CVE-2021-44228",)
    assert statement.products == (
        Product(ids=("pkg:apk/wolfi/git@2.39.0-r1?arch=x86_64",), parts=(("pkg:apk/wolfi/libcurl",),)),
    )


def test_a_vulnerability_may_be_named_by_its_address() -> None:
    (statement,) = openvex.read(
        encoded(changed(vulnerability={"@id": "https://nvd.nist.gov/vuln/detail/CVE-2021-44228"}))
    )
    assert statement.vulnerabilities == ("CVE-2021-44228",)


def test_no_statements_is_a_document_all_the_same() -> None:
    assert openvex.read(encoded()) == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"@context": "https://openvex.dev/ns"}',
        b"[" * 200_000,
        b'{"@context": ' + b"1" * 10_000 + b"}",
        encoded(**{"@context": "https://example.org/ns"}),
        encoded(**{"@context": 3}),
        encoded(statements={}),
        encoded("text"),
        encoded(changed(status="safe")),
        encoded(changed(status=None)),
        encoded(changed(vulnerability=None)),
        encoded(changed(vulnerability={"name": " "})),
        encoded(changed(products=None)),
        encoded(changed(products=[])),
        encoded(changed(products=[{}])),
        encoded(changed(products=[3])),
        encoded(changed(products=[{"@id": "pkg:oci/a", "subcomponents": [{}]}])),
        encoded(changed(timestamp="yesterday")),
        encoded(changed(timestamp=None), timestamp=None),
        encoded(changed(timestamp="0001-01-01T00:00:00+14:00")),
        encoded(*[{}] * 50_001),
        b" " * (openvex.LIMIT_BYTES + 1),
    ],
)
def test_what_it_can_not_read_is_malformed(content: bytes) -> None:
    with pytest.raises(openvex.MalformedVex):
        openvex.read(content)


def test_too_many_products_are_malformed() -> None:
    with pytest.raises(openvex.MalformedVex):
        openvex.read(encoded(changed(products=["a"] * 200_001)))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*STATEMENT, "@id"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.binary(max_size=100))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(openvex.MalformedVex):
        openvex.read(content)


@given(st.sampled_from([*STATEMENT, "last_updated", "subcomponents"]), values)
def test_no_value_in_a_statement_raises_anything_else(field: str, value: object) -> None:
    with suppress(openvex.MalformedVex):
        openvex.read(encoded({**STATEMENT, field: value}))
