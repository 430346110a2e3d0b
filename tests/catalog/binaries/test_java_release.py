"""What is read from the `release` file of a Java runtime."""

from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.binaries import java_release


def test_the_runtime() -> None:
    (found,) = java_release.read(b'IMPLEMENTOR="Debian"\nJAVA_VERSION="17.0.9"\nJAVA_VERSION_DATE="2023-10-17"\n')
    assert (found.purl, found.evidence) == ("pkg:generic/java@17.0.9", "metadata")


def test_another_file_of_that_name_gives_nothing() -> None:
    assert list(java_release.read(b"Rocky Linux release 9.3\n")) == []
    assert list(java_release.read(b'JAVA_VERSION="' + b"1" * 100 + b'"')) == []


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything(content: bytes) -> None:
    list(java_release.read(content))
