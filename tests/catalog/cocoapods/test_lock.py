"""What is read from a `Podfile.lock`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.cocoapods import lock
from rightshift.errors import Malformed
from tests.catalog.foreign import lines

LOCK = b"""\
PODS:
  - Texture (3.1.0):
    - Texture/Core (= 3.1.0)
  - Texture/Core (3.1.0)
  - "Quoted+Name/X (1.0)":
    - Texture
  - Mine (0.1)
  - Forked/Part (0.2)

DEPENDENCIES:
  - Texture (~> 3)

EXTERNAL SOURCES:
  Mine:
    :path: "../Mine"
  Forked:
    :git: https://git.example/forked.git

SPEC CHECKSUMS:
  Texture: 2e8a

COCOAPODS: 1.11.2
"""


def test_pods_and_their_parts_with_where_they_came_from() -> None:
    assert [(p.purl, p.origin) for p in lock.read(LOCK)] == [
        ("pkg:cocoapods/Texture@3.1.0", "registry"),
        ("pkg:cocoapods/Texture@3.1.0#Core", "registry"),
        ("pkg:cocoapods/Quoted%2BName@1.0#X", "registry"),
        ("pkg:cocoapods/Mine@0.1", "local"),
        ("pkg:cocoapods/Forked@0.2#Part", "git"),
    ]


@pytest.mark.parametrize("content", [b"", b"COCOAPODS: 1.11.2\n", b"PODS: []\n"])
def test_no_pods(content: bytes) -> None:
    assert list(lock.read(content)) == []


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"invalid\nfile"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(lock.read(content))


@given(st.binary(max_size=100) | lines("PODS:", "  - A (1)", "EXTERNAL SOURCES:", "  A:", "    :path:"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(lock.read(content))
