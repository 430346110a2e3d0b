"""What is read from an `*.opam` or `opam` and its path, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.opam import opam
from rightshift.errors import Malformed
from rightshift.model.package import Package
from rightshift.tree.file import MemoryFile
from tests.catalog.foreign import lines

OPAM = b'''\
version: "1.5.0"
opam-version: "2.0"
description: """
version: "9"
opam-version: "9"
"""
license: "ISC"
'''


def read(content: bytes, path: str) -> list[Package]:
    return list(opam.read_file(MemoryFile(path, content)))


@pytest.mark.parametrize(
    ("path", "purl", "state", "origin"),
    [
        ("src/alcotest.opam", "pkg:opam/alcotest@1.5.0", "locked", "local"),
        ("repo/alcotest.1.4.0/opam", "pkg:opam/alcotest@1.4.0", "locked", "local"),
        (".opam/x/.opam-switch/packages/a-b.1.0~rc1/opam", "pkg:opam/a-b@1.0~rc1", "installed", "registry"),
    ],
)
def test_name_and_version_by_the_path(path: str, purl: str, state: str, origin: str) -> None:
    assert [(p.purl, p.state, p.origin, p.licenses) for p in read(OPAM, path)] == [(purl, state, origin, ("ISC",))]


def test_source_may_have_no_version() -> None:
    assert [p.version for p in read(b'opam-version: "2.0"\n', "a.opam")] == [""]


@pytest.mark.parametrize("content", [b"", b"\xff", b'version: "1"\n', b'description: """\nopam-version: "2.0"\n"""'])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        read(content, "a.opam")


@given(st.binary(max_size=100) | lines("opam-version:", "version:", '"""', '"1"'))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        read(content, "a.opam")
