"""What is read from a `DESCRIPTION`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.cran import description
from rightshift.errors import Malformed
from tests.catalog.foreign import lines

DESCRIPTION = b"""\
Package: stringr
Title: Strings
Version: 1.5.0-1
Description: Long
    Version: 9
License: MIT + file LICENSE
Author: Andr\xe9
"""


def test_the_package_with_its_licence() -> None:
    assert [(p.purl, p.origin, p.licenses) for p in description.read(DESCRIPTION)] == [
        ("pkg:cran/stringr@1.5.0-1", "registry", ("MIT + file LICENSE",))
    ]


@pytest.mark.parametrize(("remote", "origin"), [(b"github", "git"), (b"local", "local"), (b"standard", "registry")])
def test_where_it_came_from(remote: bytes, origin: str) -> None:
    assert [p.origin for p in description.read(DESCRIPTION + b"RemoteType: " + remote + b"\n")] == [origin]


@pytest.mark.parametrize("content", [b"", b"\xff\xff", b"Package: a\n", b"Version: 1\n"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(description.MalformedDescription):
        list(description.read(content))


@given(st.binary(max_size=100) | lines("Package: a", "Version: 1", "RemoteType:", "\n"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(description.read(content))
