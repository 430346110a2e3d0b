"""How a reference of Conan is read."""

import pytest

from rightshift.catalog.conan.reference import package


@pytest.mark.parametrize(
    ("reference", "purl"),
    [
        ("zlib/1.2.13", "pkg:conan/zlib@1.2.13"),
        ("docopt.cpp/0.6.3#7e1b%1667396813.184", "pkg:conan/docopt.cpp@0.6.3"),
        ("boost/1.75.0:dc8a", "pkg:conan/boost@1.75.0"),
        ("fltk/1.3.8@me/stable#1234", "pkg:conan/me/fltk@1.3.8"),
        ("fltk/1.3.8@_/_", "pkg:conan/fltk@1.3.8"),
        ("fltk/1.3.8@", "pkg:conan/fltk@1.3.8"),
        ("fltk/[>=1.2 <2]@me/x", "pkg:conan/me/fltk@%5B%3E%3D1.2%20%3C2%5D"),
        ("libbacktrace/cci.20210118", "pkg:conan/libbacktrace@cci.20210118"),
    ],
)
def test_references(reference: str, purl: str) -> None:
    found = package(reference, "locked")
    assert found is not None
    assert found.purl == purl


@pytest.mark.parametrize("reference", ["", "1.2.3", "a/", "/1", "a b/1", "a/1 2", "a/1@b/c/d"])
def test_what_is_no_reference(reference: str) -> None:
    assert package(reference, "locked") is None
