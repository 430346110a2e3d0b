"""What is read from pacman's description of a package."""

from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.alpm import desc
from rightshift.model.package import SourcePackage

DESC = b"%NAME%\ngcc-libs\n\n%VERSION%\n1:13.2.1-3\n\n%BASE%\ngcc\n\n%ARCH%\nx86_64\n\n%LICENSE%\nGPL3\nLGPL\n"


def test_the_package_with_what_it_was_built_from() -> None:
    (found,) = desc.read(DESC)
    assert (found.name, found.version, found.arch) == ("gcc-libs", "1:13.2.1-3", "x86_64")
    assert found.source == SourcePackage("gcc", "1:13.2.1-3")
    assert found.licenses == ("GPL3", "LGPL")


def test_a_file_that_names_nothing_gives_nothing() -> None:
    assert list(desc.read(b"%NME%\na\n\n%VERSION%\n1-1\n")) == []
    assert list(desc.read(b"")) == []


@given(st.binary(max_size=200) | st.lists(st.sampled_from(DESC.split(b"\n"))).map(b"\n".join))
def test_no_bytes_raise_anything(content: bytes) -> None:
    list(desc.read(content))
