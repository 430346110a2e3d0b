"""What is read from `extensions.json`, and what is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.vscode import extensions
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import damaged

EXTENSIONS = [
    {"identifier": {"id": "golang.go", "uuid": "d6f6"}, "version": "0.46.1"},
    {"identifier": {"id": "lost.one"}},
]


def test_extensions_by_publisher_and_name() -> None:
    assert list(extensions.read(json.dumps(EXTENSIONS).encode())) == [
        Package(ecosystem="vscode-extension", name="golang.go", version="0.46.1"),
        Gap("", "1 extensions without id or version"),
    ]


@pytest.mark.parametrize("content", [b"", b'{"something": "else"}'])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(extensions.read(content))


@given(st.binary(max_size=100) | damaged(EXTENSIONS))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(extensions.read(content))
