"""Secrets that are made here are long, each its own, and known by their form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.console.auth.secrets import Kind, hashed, kind_of, made

KINDS: tuple[Kind, ...] = ("person", "service", "enrolment", "sensor", "link")


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_its_own(kind: Kind) -> None:
    several = {made(kind) for _ in range(100)}
    assert len(several) == 100
    assert {kind_of(one) for one in several} == {kind}
    assert len({hashed(one) for one in several}) == 100


@given(st.sampled_from(KINDS), st.integers(0, 53), st.characters(categories=["L", "N"]))
def test_a_typing_error_is_seen(kind: Kind, at: int, letter: str) -> None:
    secret = made(kind)
    changed = secret[:at] + letter + secret[at + 1 :]
    assert kind_of(changed) is None or changed == secret


@given(st.text())
def test_other_text_is_none(text: str) -> None:
    assert kind_of(text) is None
