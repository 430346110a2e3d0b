"""What is read from CISA's catalogue, and what is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.feed.upstreams import kev
from rightshift.model.advisory import Kev


def catalogue(*entries: dict[str, object]) -> bytes:
    return json.dumps({"catalogVersion": "2026.01.05", "vulnerabilities": list(entries)}).encode()


ENTRY: dict[str, object] = {"cveID": "CVE-2021-44228", "dateAdded": "2021-12-10", "knownRansomwareCampaignUse": "Known"}


def test_entries_by_cve() -> None:
    read = kev.read(catalogue(ENTRY, {"cveID": "CVE-2022-0001", "dateAdded": "2022-01-02", "notes": "a ; b"}))
    assert read.version == "2026.01.05"
    assert read.entries == {"CVE-2021-44228": Kev("2021-12-10", True), "CVE-2022-0001": Kev("2022-01-02", False)}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"{}",
        catalogue(),
        catalogue({"cve": "CVE-2021-44228", "dateAdded": "2021-12-10"}),
        catalogue(ENTRY | {"cveID": "CVE-x"}),
        catalogue(ENTRY | {"dateAdded": "yesterday"}),
        b"[" * 100_000,
    ],
    ids=["empty", "page", "no list", "no entries", "other key", "no CVE", "no day", "deep"],
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(kev.MalformedKev):
        kev.read(content)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(kev.MalformedKev):
        kev.read(content)
