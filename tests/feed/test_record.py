"""What is kept of an OSV record, what is left out of it, and what is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.feed.record import MalformedRecord, Record, read
from tests.feed.bucket import Osv, osv


def kept(record: Osv) -> Record:
    return read(json.dumps(record).encode())


def rows(record: Osv) -> list[tuple[str, str, str, tuple[tuple[str, ...], ...], tuple[str, ...]]]:
    return [(base, name, s.release, s.ranges, s.versions) for base, name, s in kept(record).statements]


def test_a_range_and_a_list_of_versions_are_both_kept() -> None:
    record = osv("T-1", "PyPI", "Some_Name", "introduced 0", "fixed 1.2", affected_versions=["1.0", "1.1"])
    assert rows(record) == [("PyPI", "some-name", "", (("i0", "f1.2"),), ("1.0", "1.1"))]


def test_the_release_stands_beside_the_ecosystem() -> None:
    assert rows(osv("T-1", "Debian:12", "openssl", "introduced 0"))[0][:3] == ("Debian", "openssl", "12")


@pytest.mark.parametrize(
    ("ecosystem", "name", "compared"),
    [("PyPI", "A.b__C", "a-b-c"), ("NuGet", "Newtonsoft.Json", "newtonsoft.json"), ("npm", "JSONStream", "JSONStream")],
)
def test_names_are_kept_as_they_are_compared(ecosystem: str, name: str, compared: str) -> None:
    assert rows(osv("T-1", ecosystem, name, "introduced 0"))[0][1] == compared


def test_commits_are_no_versions() -> None:
    record = osv("T-1", "OSS-Fuzz", "x", "introduced 4f1c", "fixed 5a2b")
    record["affected"][0]["ranges"][0]["type"] = "GIT"
    assert rows(record) == []


@pytest.mark.parametrize(
    "record",
    [
        osv("T-1", "npm", "x", "introduced 0", withdrawn="2024-01-01T00:00:00Z"),
        osv("T-1", "crates.io", "x", "introduced 0", affected_database_specific={"informational": "unmaintained"}),
        osv("T-1", "crates.io", "x", "introduced 0", database_specific={"informational": "notice"}),
        osv("ALBA-2024:1", "AlmaLinux:9", "x", "introduced 0", "fixed 1"),
        osv("ALEA-2024:1", "AlmaLinux:9", "x", "introduced 0", "fixed 1"),
    ],
    ids=["withdrawn", "unmaintained", "notice", "bug fix", "enhancement"],
)
def test_what_is_no_vulnerability_cannot_match(record: Osv) -> None:
    assert kept(record).statements == ()


def test_a_withdrawn_record_still_says_what_it_was() -> None:
    found = kept(osv("T-1", "npm", "x", "introduced 0", withdrawn="2024-01-01T00:00:00Z", summary="gone"))
    assert (found.standing, found.document.summary) == (0, "gone")


def test_vectors_words_and_weaknesses_come_from_wherever_they_stand() -> None:
    record = osv("T-1", "npm", "x", "introduced 0", affected_database_specific={"cwes": [{"cweId": "CWE-79"}]})
    record["affected"][0]["severity"] = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}]
    record["database_specific"] = {"severity": "MODERATE", "cwe_ids": ["CWE-22", 7, "CWE-x"]}
    document = kept(record).document
    assert (document.vectors, document.severity, document.cwes) == (("CVSS:3.1/AV:N",), "moderate", (22, 79))


def test_a_distribution_says_that_it_will_not_fix() -> None:
    record = osv("T-1", "Debian:12", "x", "introduced 0", affected_ecosystem_specific={"urgency": "unimportant"})
    ((_, _, statement),) = kept(record).statements
    assert (statement.flags, statement.severity) == (1, "unimportant")


@pytest.mark.parametrize(
    "record",
    [
        osv("MAL-2024-1", "npm", "x", "introduced 0"),
        osv("RUSTSEC-1", "crates.io", "x", "introduced 0", affected_database_specific={"categories": ["malicious"]}),
    ],
)
def test_malicious_packages_are_marked(record: Osv) -> None:
    assert kept(record).document.flags == 2


def test_the_order_of_aliases_does_not_matter_and_fields_do() -> None:
    one, two = (
        osv("T-1", "npm", "x", "introduced 0", aliases=list(a)) for a in (("CVE-1", "GHSA-1"), ("GHSA-1", "CVE-1"))
    )
    assert kept(one).digest == kept(two).digest
    assert kept(one).digest != kept(one | {"summary": "other"}).digest
    assert kept(one).digest != kept(osv("T-1", "npm", "x", "introduced 1", aliases=["CVE-1", "GHSA-1"])).digest


def test_null_stands_for_nothing() -> None:
    nothing = dict.fromkeys(("aliases", "affected", "severity", "references", "database_specific", "withdrawn"))
    assert kept({"id": "T-1", "modified": STAMP_OF_GO} | nothing).statements == ()


STAMP_OF_GO = "0001-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"id": 7}',
        b'{"id": "../../etc/passwd"}',
        b'{"id": "a b"}',
        b'{"id": "' + b"a" * 300 + b'"}',
        b'{"id": "T-1", "affected": ' + b"[" * 100_000,
        json.dumps(osv("T-1", "npm", "n" * 2_000, "introduced 0")).encode(),
        json.dumps(osv("T-1", "npm", "x", "introduced " + "1" * 400)).encode(),
        json.dumps(osv("T-1", "npm", "x", *["introduced 1"] * 10_001)).encode(),
        b'{"id": "T-1", "details": "' + b"x" * (33 << 20) + b'"}',
    ],
    ids=[
        "empty",
        "bytes",
        "list",
        "no id",
        "number",
        "path",
        "blank",
        "long id",
        "deep",
        "name",
        "version",
        "events",
        "large",
    ],
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(MalformedRecord):
        read(content)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "affected", "ranges", "events", "package", "name", "ecosystem", "severity", "introduced"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(MalformedRecord):
        read(content)
