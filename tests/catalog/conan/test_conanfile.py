"""What is read from a `conanfile.txt`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.conan import conanfile
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import lines


def test_requirements_and_no_tools() -> None:
    content = b"# a comment\n[requires]\nfmt/8.1.1  # why\nspdlog/[>1.0]@me/x\n?\n\n[tool_requires]\ncmake/3.0\n"
    assert list(conanfile.read(content)) == [
        Package(ecosystem="conan", name="fmt", version="8.1.1", state="locked"),
        Package(ecosystem="conan", name="me/spdlog", version="[>1.0]", state="locked"),
        Gap("", "1 requirements that are no reference"),
    ]


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"fmt/8.1.1\n"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(conanfile.read(content))


@given(st.binary(max_size=100) | lines("[requires]", "a/1", "#", "@"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(conanfile.read(content))
