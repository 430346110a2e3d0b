"""What is read from a `.tool-versions`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.asdf import tool_versions
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import lines


def test_each_tool_at_each_version() -> None:
    content = b"# tools\nnodejs 24.04 21\r\npython 3.12.1 system # why\nruby ref:main path:/x\nrust system\nlost\n"
    *packages, gap = tool_versions.read(content)
    assert gap == Gap("", "1 lines without a version")
    assert [p.purl for p in packages if isinstance(p, Package)] == [
        "pkg:asdf/nodejs@24.04",
        "pkg:asdf/nodejs@21",
        "pkg:asdf/python@3.12.1",
    ]


def test_what_is_no_text_is_malformed() -> None:
    with pytest.raises(Malformed):
        list(tool_versions.read(b"\xff\xff"))


@given(st.binary(max_size=100) | lines("a 1", "system", "#"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(tool_versions.read(content))
