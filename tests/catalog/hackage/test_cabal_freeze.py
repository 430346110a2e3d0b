"""What is read from a `cabal.project.freeze`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.hackage import cabal_freeze
from rightshift.errors import Malformed
from tests.catalog.foreign import lines

FREEZE = b"""\
active-repositories: hackage:merge
constraints: any.aeson ==2.1.0,
             -- any.gone ==1.0,
             any.aeson +ordered-keymap,
             any.base-compat ==0.13.1 || ==0.14,
             text ==2.0
index-state: hackage 2024-01-01T00:00:00Z
"""


def test_packages_held_to_one_version() -> None:
    assert [p.purl for p in cabal_freeze.read(FREEZE)] == ["pkg:hackage/aeson@2.1.0", "pkg:hackage/text@2.0"]


def test_an_empty_file_has_no_packages() -> None:
    assert list(cabal_freeze.read(b"")) == []


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"Some words"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(cabal_freeze.read(content))


@given(st.binary(max_size=100) | lines("constraints:", "any.a ==1", ",", "--"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(cabal_freeze.read(content))
