"""What is read from a `packages.lock.json`, and what is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.nuget import packages_lock
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import damaged, documents

LOCK = b"""{"version": 2, "dependencies": {
  "net6.0": {
    "A": {"type": "Direct", "requested": "[1.0.0, )", "resolved": "1.0.0"},
    "Own": {"type": "Project", "dependencies": {"A": "1.0.0"}}},
  "net8.0": {
    "A": {"type": "Direct", "resolved": "1.0.0"},
    "B.C": {"type": "Transitive", "resolved": "2.0.0-beta"},
    "Lost": {"type": "Transitive"}}}}"""


def test_packages_of_all_frameworks_once_and_no_projects() -> None:
    assert list(packages_lock.read(LOCK)) == [
        Package(ecosystem="nuget", name="A", version="1.0.0", state="locked"),
        Package(ecosystem="nuget", name="B.C", version="2.0.0-beta", state="locked"),
        Gap("", "1 packages without a resolved version"),
    ]


def test_a_lock_of_nothing_has_no_packages() -> None:
    assert list(packages_lock.read(b'{"version": 1}')) == []


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"dependencies": NaN}'])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(packages_lock.read(content))


@given(
    st.binary(max_size=100)
    | damaged(json.loads(LOCK))
    | documents("dependencies", "version", "type", "resolved", "Project")
)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(packages_lock.read(content))
