"""What is read from a `packages.config`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.nuget import packages_config
from rightshift.errors import Malformed
from tests.catalog.foreign import lines


def test_packages_with_id_and_version() -> None:
    content = b"""<?xml version="1.0" encoding="utf-8"?><packages>
      <package id="A" version="1.0.0" targetFramework="net46" />
      <package id="B" version="2.0.0" developmentDependency="true" />
      <package id="C" /><package version="1.0.0" /></packages>"""
    assert [(p.purl, p.dev) for p in packages_config.read(content)] == [
        ("pkg:nuget/A@1.0.0", False),
        ("pkg:nuget/B@2.0.0", True),
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"not xml", b"<other/>", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><packages>&e;</packages>"],
    ids=["empty", "not XML", "another root", "an entity"],
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(packages_config.read(content))


@given(st.binary(max_size=100) | lines("<packages>", "</packages>", "<package ", "id", "version", "/>"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(packages_config.read(content))
