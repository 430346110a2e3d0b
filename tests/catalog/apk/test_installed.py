"""What is read from apk's database, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.apk import installed
from rightshift.model.inventory import Gap
from rightshift.model.package import Owned, Package, SourcePackage

DATABASE = b"""C:Q1myMNfd7u5v5UTgNHeq1e31qTjZU=
P:libcrypto3
V:3.1.4-r1
A:x86_64
L:Apache-2.0
o:openssl
F:
R:top
F:lib
R:libcrypto.so.3
a:0:0:755
Z:Q11Q7hNe8QpDS531guqCdrXBzoA/o=
F:etc/ssl

P:musl
V:1.2.4-r2
A:x86_64
"""


def test_packages_with_their_origin_and_their_files() -> None:
    crypto, files, musl = installed.read(DATABASE)
    assert isinstance(crypto, Package)
    assert isinstance(musl, Package)
    assert (crypto.name, crypto.version, crypto.arch) == ("libcrypto3", "3.1.4-r1", "x86_64")
    assert crypto.source == SourcePackage("openssl", "3.1.4-r1")
    assert crypto.licenses == ("Apache-2.0",)
    assert files == Owned("libcrypto3", "x86_64", ("top", "lib/libcrypto.so.3"))
    assert musl.source == SourcePackage("musl", "1.2.4-r2")


@pytest.mark.parametrize("record", [b"nonsense", b"P\nV", b"P:no-version\nA:x", b"V:1", b"P:\0\1\nV:1"])
def test_a_bad_record_is_told_and_costs_nothing_else(record: bytes) -> None:
    found = list(installed.read(DATABASE + b"\n" + record + b"\n\nP:last\nV:1\n"))
    assert [p.name for p in found if isinstance(p, Package)] == ["libcrypto3", "musl", "last"]
    assert len([g for g in found if isinstance(g, Gap)]) == 1


def test_what_has_no_record_at_all_is_malformed() -> None:
    with pytest.raises(installed.MalformedApkDatabase):
        list(installed.read(b"asdf\n\nyolo\n"))


def test_an_empty_database_has_no_packages_and_no_gap() -> None:
    assert list(installed.read(b"")) == []


@given(st.binary(max_size=300) | st.lists(st.sampled_from(DATABASE.split(b"\n"))).map(b"\n".join))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(installed.MalformedApkDatabase):
        list(installed.read(content))
