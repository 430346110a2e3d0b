"""Ids of assets are read as they are written, and the words that others lean on are all there."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.model import observation, relation
from rightshift.model.asset import KINDS, AssetId


@given(st.sampled_from(KINDS), st.text(min_size=1))
def test_an_id_is_read_as_it_was_written(kind: str, key: str) -> None:
    found = AssetId.read(f"{kind}:{key}")
    assert (found.kind, found.key) == (kind, key)
    assert AssetId.read(str(found)) == found


@pytest.mark.parametrize("text", ["", ":", "host", "host:", ":x", "satellite:x", "Host:x", "\x1b[31m" * 100])
def test_what_is_no_id_is_refused_in_few_plain_words(text: str) -> None:
    with pytest.raises(ValueError, match="not the id of an asset") as raised:
        AssetId.read(text)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 400


def test_what_can_be_seen_of_a_file_is_a_level_of_use_in_the_same_order() -> None:
    levels = [level for level in get_args(observation.Level) if level in get_args(observation.Seen)]
    assert levels == list(get_args(observation.Seen))


def test_what_lies_between_two_assets_is_a_kind_of_relation() -> None:
    assert set(get_args(relation.Kind)) - set(get_args(relation.Structure)) == {"exposes", "connects-to"}
