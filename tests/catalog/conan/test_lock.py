"""What is read from a `conan.lock` of both kinds, and what is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.conan import lock
from rightshift.errors import Malformed
from tests.catalog.foreign import damaged, documents

OLD = {
    "graph_lock": {
        "nodes": {
            "0": {"ref": "own/1.0", "path": "conanfile.py", "requires": ["1"]},
            "1": {"ref": "zlib/1.2.13#7e1b", "context": "host"},
            "2": {"ref": "cmake/3.0", "context": "build"},
            "3": {"ref": "1.2.3", "context": "host"},
            "4": {"pref": "zlib/1.2.13#7e1b:19729b95"},
        }
    },
    "version": "0.4",
}
NEW = {
    "version": "0.5",
    "requires": ["zlib/1.2.11#ffa7%1667396813.184", "1.2.3#ffa7"],
    "build_requires": ["cmake/3.0"],
}


@pytest.mark.parametrize(("document", "version"), [(OLD, "1.2.13"), (NEW, "1.2.11")], ids=["Conan 1", "Conan 2"])
def test_what_the_product_is_made_from(document: object, version: str) -> None:
    assert [p.purl for p in lock.read(json.dumps(document).encode())] == [f"pkg:conan/zlib@{version}"]


def test_a_lock_of_nothing_has_no_packages() -> None:
    assert list(lock.read(b'{"version": "0.5"}')) == []


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"requires": 1}'])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(lock.read(content))


@given(
    st.binary(max_size=100) | damaged(OLD) | damaged(NEW) | documents("requires", "graph_lock", "nodes", "ref", "a/1")
)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(lock.read(content))
