"""What is read from a `paket.lock`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.nuget import paket_lock
from rightshift.errors import Malformed
from tests.catalog.foreign import lines

LOCK = b"""\
STORAGE: NONE
NUGET
  remote: https://feed.example/index.json
    A (4.5.0)
      B (>= 1.0)
    B (2.0.1) - restriction: >= net45
GITHUB
  remote: someone/tool
    src/file.fs (33064ed25fbfd11ebd9f2f3a4cb1ec2ba8c6a5d5)
      C (>= 1.0)
GROUP Build
NUGET
  remote: https://feed.example/index.json
    A (4.5.0)
    D (1.0.0-alpha)
"""


def test_packages_of_all_groups_once_and_repositories() -> None:
    assert [(p.name, p.version, p.origin) for p in paket_lock.read(LOCK)] == [
        ("A", "4.5.0", "registry"),
        ("B", "2.0.1", "registry"),
        ("someone/tool", "33064ed25fbfd11ebd9f2f3a4cb1ec2ba8c6a5d5", "git"),
        ("D", "1.0.0-alpha", "registry"),
    ]


def test_an_empty_file_has_no_packages() -> None:
    assert list(paket_lock.read(b"")) == []


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"some words"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(paket_lock.read(content))


@given(st.binary(max_size=100) | lines("NUGET", "GITHUB", "  remote: x", "    A (1)", "GROUP"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(paket_lock.read(content))
