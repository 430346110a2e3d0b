"""What is read from `package-lock.json` of each version."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.npm import package_lock
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import damaged, documents

LOCK = {
    "name": "app",
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "app", "version": "0.1.0"},
        "packages/tool": {"name": "@me/tool", "version": "0.2.0"},
        "node_modules/@me/tool": {"resolved": "packages/tool", "link": True},
        "node_modules/a": {
            "version": "1.0.0",
            "resolved": "https://registry.example.org/a/-/a-1.0.0.tgz",
            "license": "MIT",
        },
        "node_modules/a/node_modules/@s/b": {"version": "2.0.0", "dev": True},
        "node_modules/alias": {"name": "real", "version": "3.0.0", "devOptional": True},
        "node_modules/fork": {"version": "4.0.0", "resolved": "git+ssh://git@github.com/o/fork.git#4f1c"},
        "node_modules/c/node_modules/@s/b": {"version": "2.0.0"},
    },
}


def read(content: object) -> list[Package | Gap]:
    return list(package_lock.read(json.dumps(content).encode()))


def test_each_package_once_with_where_it_came_from() -> None:
    assert [(p.name, p.version, p.origin, p.dev, p.optional) for p in read(LOCK) if isinstance(p, Package)] == [
        ("@me/tool", "0.2.0", "local", False, False),
        ("a", "1.0.0", "registry", False, False),
        ("@s/b", "2.0.0", "registry", False, False),
        ("real", "3.0.0", "registry", False, True),
        ("fork", "4.0.0", "git", False, False),
    ]


def test_version_1_nests_and_puts_addresses_where_the_version_is() -> None:
    lock = {
        "lockfileVersion": 1,
        "dependencies": {
            "a": {"version": "1.0.0", "dev": True, "dependencies": {"b": {"version": "2.0.0", "optional": True}}},
            "alias": {"version": "npm:@s/real@3.0.0"},
            "fork": {"version": "github:o/fork#4f1c"},
            "here": {"version": "file:deps/here"},
        },
    }
    assert [(p.name, p.version, p.origin, p.dev, p.optional) for p in read(lock) if isinstance(p, Package)] == [
        ("a", "1.0.0", "registry", True, False),
        ("@s/real", "3.0.0", "registry", False, False),
        ("fork", "", "git", False, False),
        ("here", "", "local", False, False),
        ("b", "2.0.0", "registry", False, True),
    ]


def test_a_lock_without_packages_is_no_loss() -> None:
    assert read({"lockfileVersion": 3, "packages": {"": {}}}) == read({"name": "app", "lockfileVersion": 1}) == []


def test_a_bad_entry_costs_that_entry() -> None:
    good, bad = read({"packages": {"node_modules/a": {"version": "1"}, "node_modules/b": 7}})
    assert isinstance(good, Package)
    assert isinstance(bad, Gap)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"packages": 1}',
        b'{"dependencies": []}',
        b'{"a": NaN}',
        b"9" * 10**6,
        b'{"dependencies":{"a":' * 9_999,
    ],
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(package_lock.MalformedPackageLock):
        list(package_lock.read(content))


@given(
    st.binary(max_size=200)
    | damaged(LOCK)
    | documents("packages", "dependencies", "version", "resolved", "link", "name", "node_modules/a", "lockfileVersion")
)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(package_lock.MalformedPackageLock):
        list(package_lock.read(content))
