"""What a Java runtime says of itself."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.java import release
from rightshift.tree.file import MemoryFile


def read(content: bytes, path: str = "opt/java/release") -> list[str]:
    return [p.purl for p in release.read_file(MemoryFile(path, content))]


@pytest.mark.parametrize(
    ("content", "purl"),
    [
        (
            b'IMPLEMENTOR="Eclipse Adoptium"\nJAVA_VERSION="21.0.4"\nJAVA_RUNTIME_VERSION="21.0.4+7-LTS"\n',
            "pkg:generic/oracle/openjdk@21.0.4%2B7-LTS",
        ),
        (b'JAVA_VERSION="1.8.0_411"\nBUILD_TYPE="commercial"\n', "pkg:generic/oracle/jdk@1.8.0_411"),
        (b'IMPLEMENTOR="Oracle Corporation"\nJAVA_VERSION="17.0.1"\n', "pkg:generic/oracle/openjdk@17.0.1"),
        (b'IMPLEMENTOR="Azul Systems, Inc."\r\nJAVA_VERSION="11.0.2"\r\n', "pkg:generic/azul/zulu@11.0.2"),
    ],
)
def test_whose_it_is_and_which_version(content: bytes, purl: str) -> None:
    assert read(content) == [purl]


def test_other_files_of_this_name_give_nothing() -> None:
    assert read(b"") == read(b'NAME="Fedora"\nVERSION=40\n') == []


def test_a_runtime_without_a_version_is_malformed() -> None:
    with pytest.raises(release.MalformedRelease):
        read(b'JAVA_VERSION=""\n')


@given(st.binary(max_size=100) | st.text('JAVA_VERSION="1\n', max_size=60).map(str.encode))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(release.MalformedRelease):
        read(content)
