"""What is read from a `pack.pl`. Nothing of it is run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.swiplpack import pack
from tests.catalog.foreign import lines


def test_the_pack_with_its_version() -> None:
    content = b"name(hdt).\nversion('0.5.2').\n% version('9').\ntitle('Access RDF HDT files').\n"
    assert [p.purl for p in pack.read(content)] == ["pkg:swiplpack/hdt@0.5.2"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"#!/usr/bin/perl\nmy $name = 'x';\n"])
def test_what_is_no_pack_says_nothing(content: bytes) -> None:
    assert list(pack.read(content)) == []


@given(st.binary(max_size=100) | lines("name(", "version(", ")."))
def test_no_bytes_raise_anything(content: bytes) -> None:
    list(pack.read(content))
