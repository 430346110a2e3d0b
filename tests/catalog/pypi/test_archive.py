"""What is read from eggs and wheels."""

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.pypi import archive
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from rightshift.tree.file import MemoryFile

METADATA = b"Name: a\nVersion: 1.0\n\n"


def zipped(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive_file:
        for name, member in members.items():
            archive_file.writestr(name, member)
    return content.getvalue()


def read(content: bytes) -> list[Package | Gap]:
    return list(archive.read_file(MemoryFile("a.whl", content)))


@pytest.mark.parametrize("name", ["a-1.0.dist-info/METADATA", "EGG-INFO/PKG-INFO"])
def test_the_description_at_the_top(name: str) -> None:
    other = {"a/_vendor/b-2.dist-info/METADATA": b"Name: b\nVersion: 2\n"}
    assert [p.purl for p in read(zipped({name: METADATA, **other})) if isinstance(p, Package)] == ["pkg:pypi/a@1.0"]


def test_an_archive_in_the_tests_of_a_python_is_none_of_its_packages() -> None:
    file = MemoryFile("usr/lib/python3.12/test/wheeldata/a.whl", zipped({"a-1.0.dist-info/METADATA": METADATA}))
    assert list(archive.read_file(file)) == []


def test_an_archive_without_a_description_gives_nothing() -> None:
    assert read(zipped({"EGG-INFO/SOURCES.txt": b""})) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", zipped({"EGG-INFO/PKG-INFO": b"Name: a\n"}), zipped({"EGG-INFO/PKG-INFO": bytes(9 << 20)})],
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        read(content)


@given(st.binary(max_size=100), st.integers(0, 200), st.binary(min_size=1, max_size=4))
def test_no_bytes_raise_anything_else(member: bytes, at: int, instead: bytes) -> None:
    good = zipped({"EGG-INFO/PKG-INFO": member})
    with suppress(Malformed):
        read(good[:at] + instead + good[at + len(instead) :])
