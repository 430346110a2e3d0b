"""What is read from Julia's `Manifest.toml`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.julia import manifest
from rightshift.errors import Malformed
from tests.catalog.foreign import lines

TABLES = """
[[{0}JSON]]
uuid = "682c06a0"
version = "0.20.0"
[[{0}Forked]]
uuid = "dcb67f36"
repo-url = "https://git.example/forked"
version = "0.2.0"
[[{0}Mine]]
uuid = "864edb3b"
path = "../mine"
version = "1.0.0"
[[{0}Unicode]]
uuid = "4ec0a83e"
"""


@pytest.mark.parametrize(
    "content", [TABLES.format(""), 'manifest_format = "2.0"\n' + TABLES.format("deps.")], ids=["format 1", "format 2"]
)
def test_packages_with_a_version(content: str) -> None:
    assert [(p.purl, p.origin) for p in manifest.read(content.encode())] == [
        ("pkg:julia/JSON@0.20.0", "registry"),
        ("pkg:julia/Forked@0.2.0", "git"),
        ("pkg:julia/Mine@1.0.0", "local"),
    ]


@pytest.mark.parametrize("content", [b"", b'[package]\nname = "of another tool"\n'])
def test_no_packages(content: bytes) -> None:
    assert list(manifest.read(content)) == []


@pytest.mark.parametrize("content", [b"\xff", b"a = ", b'manifest_format = "2.0"\ndeps = 1'])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(manifest.read(content))


@given(
    st.binary(max_size=100)
    | lines("[[deps.A]]\n", 'uuid="1"\n', 'version="1"\n', "version=1\n", 'manifest_format="2"\n')
)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(manifest.read(content))
