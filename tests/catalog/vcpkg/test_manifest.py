"""What is read from a `vcpkg.json`, and what is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.vcpkg import manifest
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import damaged

MANIFEST = {
    "name": "app",
    "dependencies": ["fmt", {"name": "zlib", "version>=": "1.2.11#1"}, {"name": "curl", "features": ["ssl"]}, 7],
    "overrides": [{"name": "fmt", "version": "10.1.0"}],
}


def test_dependencies_with_the_version_that_is_fixed_or_asked_for() -> None:
    *packages, gap = manifest.read(json.dumps(MANIFEST).encode())
    assert gap == Gap("", "dependencies without a name")
    assert [(p.name, p.version) for p in packages if isinstance(p, Package)] == [
        ("fmt", "10.1.0"),
        ("zlib", "1.2.11#1"),
        ("curl", ""),
    ]


@pytest.mark.parametrize("content", [b"", b"[]"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(manifest.read(content))


@given(st.binary(max_size=100) | damaged(MANIFEST))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(manifest.read(content))
