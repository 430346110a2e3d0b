"""What is read from a `META.yml` of Perl, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.cpan import meta_yml
from rightshift.errors import Malformed
from tests.catalog.foreign import damaged


def test_the_distribution_with_the_version_as_it_is_written() -> None:
    content = b"--- #YAML:1.0\nname: A-B\nversion: 0.80\nlicense: perl\nauthor: ~\nmeta-spec:\n  version: 1.3\n"
    assert [(p.purl, p.licenses) for p in meta_yml.read(content)] == [("pkg:cpan/A-B@0.80", ("perl",))]


@pytest.mark.parametrize("content", [b"", b"version: 1\n"])
def test_what_names_no_distribution_says_nothing(content: bytes) -> None:
    assert list(meta_yml.read(content)) == []


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"word", b"- a", b"a: ["])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(meta_yml.read(content))


@given(st.binary(max_size=100) | damaged({"name": "a", "version": "1", "meta-spec": {}, "license": "perl"}))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(meta_yml.read(content))
