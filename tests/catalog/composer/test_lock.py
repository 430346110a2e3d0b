"""What is read from a `composer.lock`, and what is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.composer import lock
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import damaged, documents

LOCK = b"""{"packages": [
    {"name": "a/b", "version": "v1.0.0", "license": ["MIT"], "notification-url": "https://packages.example/downloads/"},
    {"name": "own/path", "version": "dev-main", "dist": {"type": "path", "url": "../path"}},
    {"name": "from/mirror", "version": "2.0"}, {"name": "lost"}],
  "packages-dev": [{"name": "c/d", "version": "3.0", "license": "BSD-3-Clause"}]}"""


def test_packages_with_where_they_came_from_those_for_development_marked() -> None:
    packages = [item for item in lock.read(LOCK) if isinstance(item, Package)]
    assert [(p.purl, p.origin, p.dev, p.licenses) for p in packages] == [
        ("pkg:composer/a/b@v1.0.0", "registry", False, ("MIT",)),
        ("pkg:composer/own/path@dev-main", "local", False, ()),
        ("pkg:composer/from/mirror@2.0", "unknown", False, ()),
        ("pkg:composer/c/d@3.0", "unknown", True, ("BSD-3-Clause",)),
    ]


def test_a_package_without_a_version_is_a_gap() -> None:
    assert [item for item in lock.read(LOCK) if isinstance(item, Gap)] == [
        Gap("", "1 packages without name or version")
    ]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"packages": {}}', b'{"packages": [' + b"9" * 99_999 + b"e999]}"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(lock.read(content))


@given(
    st.binary(max_size=100)
    | damaged(json.loads(LOCK))
    | documents("packages", "packages-dev", "name", "version", "license", "dist", "type", "path", "notification-url")
)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(lock.read(content))
