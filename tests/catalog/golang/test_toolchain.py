"""What is read from the `VERSION` file of a Go toolchain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.golang import toolchain


@pytest.mark.parametrize(
    ("content", "version"),
    [
        (b"go1.21.4\ntime 2023-11-01T20:46:39Z\n", "1.21.4"),
        (b"go1.19.8", "1.19.8"),
        (b"go1.22rc1\n", "1.22rc1"),
        (b"go1.20.3-fips\n", "1.20.3"),
    ],
)
def test_the_toolchain(content: bytes, version: str) -> None:
    (found,) = toolchain.read(content)
    assert (found.ecosystem, found.name, found.version) == ("generic", "go", version)


@pytest.mark.parametrize("content", [b"", b"devel +abc", b"1.2.3\n", b"gopher", b"go1.2.3.4.5\n"])
def test_what_names_no_release_gives_nothing(content: bytes) -> None:
    assert list(toolchain.read(content)) == []


@given(st.binary(max_size=100))
def test_no_bytes_raise_anything(content: bytes) -> None:
    list(toolchain.read(content))
