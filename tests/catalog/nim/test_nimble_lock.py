"""What is read from a `nimble.lock`, and what is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.nim import nimble_lock
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import damaged

LOCK = {"version": 2, "packages": {"chronos": {"version": "3.0.2", "vcsRevision": "4f1c"}, "lost": {}}}


def test_packages_with_their_version() -> None:
    assert list(nimble_lock.read(json.dumps(LOCK).encode())) == [
        Package(ecosystem="nimble", name="chronos", version="3.0.2", state="locked"),
        Gap("", "1 packages without a version"),
    ]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"packages": []}'])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(nimble_lock.read(content))


@given(st.binary(max_size=100) | damaged(LOCK))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(nimble_lock.read(content))
