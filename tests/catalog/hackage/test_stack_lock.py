"""What is read from a `stack.yaml.lock`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.hackage import stack_lock
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import damaged

LOCK = b"""\
packages:
- completed:
    hackage: configurator-pg-0.2.10@sha256:cd9b,2849
  original:
    hackage: configurator-pg-0.2.10
- completed: {git: "https://git.example/x", name: x, version: "1.0", commit: 4f1c}
- original: {}
snapshots: []
"""


def test_packages_of_hackage() -> None:
    assert list(stack_lock.read(LOCK)) == [
        Package(ecosystem="hackage", name="configurator-pg", version="0.2.10", state="locked"),
        Gap("", "1 packages without name and version"),
    ]


@pytest.mark.parametrize("content", [b"", b"packages: []\n", b"snapshots: []\n", b"packages:\nsnapshots: []\n"])
def test_no_packages(content: bytes) -> None:
    assert list(stack_lock.read(content)) == []


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"a", b"packages: {}", b"a: ["])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(stack_lock.read(content))


@given(st.binary(max_size=100) | damaged({"packages": [{"completed": {"hackage": "a-1"}}], "snapshots": []}))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(stack_lock.read(content))
