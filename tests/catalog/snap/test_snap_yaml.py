"""What is read from a snap's own description, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.snap import snap_yaml
from rightshift.errors import Malformed


def test_a_version_stays_as_it_was_written() -> None:
    (found,) = snap_yaml.read(b"name: lxd\nversion: 1.10\narchitectures: [amd64]\n")
    assert (found.name, found.version, found.arch) == ("lxd", "1.10", "amd64")


def test_of_several_architectures_none_is_taken() -> None:
    (found,) = snap_yaml.read(b"name: core\nversion: '16'\narchitectures: [amd64, arm64]\n")
    assert (found.version, found.arch) == ("16", "")


@pytest.mark.parametrize("content", [b"", b"name: a\n", b"version: 1\n", b"- a\n", b"name: [a]\nversion: 1\n", b"a: {"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(snap_yaml.read(content))


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(snap_yaml.read(content))
