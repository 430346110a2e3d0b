"""What is read from the list of packages in an image of Azure Linux, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.rpm import manifest
from rightshift.model.inventory import Gap
from rightshift.model.package import Package, SourcePackage

LINE = "openssl-libs\t1.1.1k-15.cm2\t1\t2\tMicrosoft\t(none)\t43\tx86_64\t0\topenssl-1.1.1k-15.cm2.src.rpm"


def test_a_line_is_a_package() -> None:
    (found,) = manifest.read(LINE.encode() + b"\n\n")
    assert isinstance(found, Package)
    assert (found.name, found.version, found.arch) == ("openssl-libs", "1.1.1k-15.cm2", "x86_64")
    assert found.source == SourcePackage("openssl", "1.1.1k-15.cm2")


def test_a_bad_line_is_told_and_costs_nothing_else() -> None:
    found = list(manifest.read(f"{LINE}\nglibc\t2.35\n".encode()))
    assert [type(item) for item in found] == [Package, Gap]


def test_what_names_no_package_is_malformed() -> None:
    with pytest.raises(manifest.MalformedRpmManifest):
        list(manifest.read(b"nonsense\n"))
    assert list(manifest.read(b"")) == []


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(manifest.MalformedRpmManifest):
        list(manifest.read(content))
