"""What is read from a `conaninfo.txt` and its path, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.conan import conaninfo
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from rightshift.tree.file import MemoryFile
from tests.catalog.foreign import lines

INFO = b"""\
[settings]
    os=Linux
[requires]
    boost/1.Y.Z
[full_requires]
    boost/1.75.0:dc8a
    boost/1.75.0:dc8a
    ?
"""


def read(content: bytes, path: str = "data/mfast/1.2.2/me/stable/package/9d1f/conaninfo.txt") -> list[Package | Gap]:
    return list(conaninfo.read_file(MemoryFile(path, content)))


def test_the_package_by_its_path_and_what_it_needs() -> None:
    assert read(INFO) == [
        Package(ecosystem="conan", name="me/mfast", version="1.2.2"),
        Package(ecosystem="conan", name="boost", version="1.75.0"),
        Gap("", "1 requirements that are no reference"),
    ]


def test_elsewhere_only_what_it_needs() -> None:
    assert read(b"[requires]\nzlib/1.2.13#7e1b\n", "conaninfo.txt") == [
        Package(ecosystem="conan", name="zlib", version="1.2.13")
    ]


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"os=Linux"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        read(content)


@given(st.binary(max_size=100) | lines("[requires]", "[full_requires]", "a/1", "#", "@"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        read(content)
