"""What is read from `conda-meta/*.json`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.conda import meta
from rightshift.errors import Malformed
from tests.catalog.foreign import damaged


def test_the_package_with_its_licence() -> None:
    content = b'{"name": "jupyterlab", "version": "3.1.12", "license": "BSD-3-Clause", "files": ["a", "b"]}'
    assert [(p.purl, p.state, p.licenses) for p in meta.read(content)] == [
        ("pkg:conda/jupyterlab@3.1.12", "installed", ("BSD-3-Clause",))
    ]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"name": "a"}', b'{"name": 1, "version": "1"}', b"[" * 9_999])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(meta.read(content))


@given(st.binary(max_size=100) | damaged({"name": "a", "version": "1", "license": None, "channel": None}))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(meta.read(content))
