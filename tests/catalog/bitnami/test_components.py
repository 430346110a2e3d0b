"""What is read from Bitnami's list of components, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.bitnami import components
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


def test_each_component() -> None:
    content = b'{"redis": {"arch": "amd64", "distro": "debian-11", "version": "7.0.5-0"}, "odd": {}}'
    package, gap = components.read(content)
    assert isinstance(package, Package)
    assert (package.purl, package.state) == ("pkg:bitnami/redis@7.0.5-0?arch=amd64", "claimed")
    assert isinstance(gap, Gap)


@pytest.mark.parametrize("content", [b"", b"[]", b"1"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(components.read(content))


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(components.read(content))
