"""What is read from a `mix.lock`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.hex import mix_lock
from rightshift.errors import Malformed
from tests.catalog.foreign import lines

LOCK = b"""\
%{
  "plug": {:hex, :plug, "1.11.1", "f299", [:mix], [{:mime, "~> 1.0", [hex: :mime, optional: false]}], "hexpm", "abcd"},
  "mine": {:hex, :"their.name", "2.0.0-rc.1", "f299", [:mix], [], "hexpm", "abcd"},
  "forked": {:git, "https://git.example/forked.git", "4f1c", [branch: "main"]},
  "other": {:svn, "https://svn.example"},
}
"""


def test_packages_by_their_name_on_hex_and_those_from_git() -> None:
    assert [(p.name, p.version, p.origin) for p in mix_lock.read(LOCK)] == [
        ("plug", "1.11.1", "registry"),
        ("their.name", "2.0.0-rc.1", "registry"),
        ("forked", "4f1c", "git"),
        ("other", "", "unknown"),
    ]


@pytest.mark.parametrize("content", [b"", b"%{}\n"])
def test_an_empty_map_has_no_packages(content: bytes) -> None:
    assert list(mix_lock.read(content)) == []


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b'System.cmd("touch", ["/tmp/x"])'])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(mix_lock.read(content))


@given(st.binary(max_size=100) | lines("%{", '"a": {:hex, :a, "1",', ":git", "}"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(mix_lock.read(content))
