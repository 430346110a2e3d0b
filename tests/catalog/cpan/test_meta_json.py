"""What is read from a `META.json` of Perl, and what is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.cpan import meta_json
from rightshift.errors import Malformed
from tests.catalog.foreign import damaged

META = {"name": "ExtUtils-Helpers", "version": "0.028", "license": ["perl_5", "unknown"], "meta-spec": {"version": 2}}


def read(**other: object) -> list[tuple[str, tuple[str, ...]]]:
    return [(p.purl, p.licenses) for p in meta_json.read(json.dumps(META | other).encode())]


def test_the_distribution_with_its_licences() -> None:
    assert read() == [("pkg:cpan/ExtUtils-Helpers@0.028", ("perl_5",))]


def test_a_version_may_be_a_number() -> None:
    assert read(version=0.08, license=None) == [("pkg:cpan/ExtUtils-Helpers@0.08", ())]


@pytest.mark.parametrize(
    "other", [{"name": None}, {"version": []}, {"meta-spec": {"url": "https://pgxn.example/spec"}}]
)
def test_what_names_no_distribution_of_perl_says_nothing(other: dict[str, object]) -> None:
    assert read(**other) == []


@pytest.mark.parametrize("content", [b"", b"[]", b"{"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(meta_json.read(content))


@given(st.binary(max_size=100) | damaged(META))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(meta_json.read(content))
