"""What is read from a `Package.resolved`, and what is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.swift import resolved
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import damaged, documents

STATE = {"revision": "b14b", "version": "1.0.0"}


def read(pins: object, version: int = 2) -> list[tuple[str, str, str]]:
    document = {"version": 1, "object": {"pins": pins}} if version == 1 else {"version": version, "pins": pins}
    found = resolved.read(json.dumps(document).encode())
    return [(p.name, p.version, p.origin) for p in found if isinstance(p, Package)]


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example/apple/swift-nio.git",
        "https://git.example/apple/swift-nio/",
        "https://user:word@git.example/apple/swift-nio",
        "ssh://git@git.example/apple/swift-nio.git",
        "git@git.example:apple/swift-nio.git",
    ],
)
def test_a_package_is_called_by_host_and_path(url: str) -> None:
    expected = [("git.example/apple/swift-nio", "1.0.0", "registry")]
    assert read([{"identity": "swift-nio", "kind": "remoteSourceControl", "location": url, "state": STATE}]) == expected
    assert read([{"package": "NIO", "repositoryURL": url, "state": {**STATE, "branch": None}}], 1) == expected


def test_a_commit_where_there_is_no_version() -> None:
    state = {"branch": "main", "revision": "b14b", "version": None}
    assert read([{"location": "https://git.example/a/b", "state": state}]) == [("git.example/a/b", "b14b", "git")]


def test_registries_and_folders_by_identity() -> None:
    pins = [
        {"identity": "apple.nio", "kind": "registry", "location": "", "state": STATE},
        {"identity": "mine", "kind": "fileSystem", "location": "/x", "state": {}},
    ]
    assert read(pins, 3) == [("apple.nio", "1.0.0", "registry"), ("mine", "", "local")]


def test_a_pin_without_a_place_is_a_gap() -> None:
    assert list(resolved.read(b'{"pins": [{}]}')) == [Gap("", "1 pins without place or state")]


@pytest.mark.parametrize("content", [b"", b"not\njson", b"{}", b"[]"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(resolved.read(content))


@given(
    st.binary(max_size=100)
    | damaged({"pins": [{"identity": "a", "kind": "registry", "location": "x://a/b", "state": STATE}]})
    | documents("object", "pins", "identity", "kind", "location", "repositoryURL", "state", "version", "revision")
)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(resolved.read(content))
