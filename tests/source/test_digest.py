"""Digests are exactly what they say, before they become a path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.errors import SourceError
from rightshift.source import digest

HEX = "ab" * 32


@pytest.mark.parametrize("text", [f"sha256:{HEX}", f"sha512:{HEX * 2}"])
def test_the_registered_algorithms_are_read(text: str) -> None:
    assert str(digest.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEX,
        "sha256:",
        "sha256:deadbeef",
        f"sha256:{HEX.upper()}",
        f"sha256:{HEX}\n",
        f"md5:{HEX[:32]}",
        f"sha512:{HEX}",
        "sha256:../../../outside/layer.tar",
        "sha256:" + "../" * 21 + "a",
        f"sha256:{HEX}/x",
        f"SHA256:{HEX}",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="no digest"):
        digest.parse(text)


@given(st.text())
def test_no_text_becomes_a_path_that_leads_elsewhere(text: str) -> None:
    try:
        found = digest.parse(text)
    except SourceError:
        return
    assert "/" not in found.hex
    assert "." not in found.hex


def test_content_is_held_against_it() -> None:
    proof = digest.parse(digest.sha256(b"layer"))
    assert proof.holds(b"layer")
    assert not proof.holds(b"layer ")
