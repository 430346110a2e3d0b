"""What is read from the list of a Container-Optimized OS, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.cos import package_info
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


def test_what_is_installed_and_not_what_built_it() -> None:
    content = b"""{"installedPackages": [{"name": "zlib", "version": "17162.336.17"}, {"name": 1}],
                   "buildTimePackages": [{"name": "unzip", "version": "1"}]}"""
    package, gap = package_info.read(content)
    assert isinstance(package, Package)
    assert package.purl == "pkg:cos/zlib@17162.336.17"
    assert isinstance(gap, Gap)


def test_an_empty_list_is_none() -> None:
    assert list(package_info.read(b"{}")) == []


@pytest.mark.parametrize("content", [b"", b"[]", b'{"installedPackages": 1}'])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(package_info.read(content))


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(package_info.read(content))
