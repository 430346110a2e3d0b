"""What is read from vcpkg's `status`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.vcpkg import status
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import lines

STATUS = b"""\
Package: zlib
Version: 1.3.1
Port-Version: 2
Architecture: x64-linux
Status: install ok installed

Package: zlib
Feature: extra
Architecture: x64-linux
Status: install ok installed

Package: zlib
Version: 1.3.1
Port-Version: 2
Architecture: arm64-linux
Status: install ok installed

Package: gone
Version: 1.0
Status: purge ok not-installed

Package: lost
Status: install ok installed
"""


@pytest.mark.parametrize("content", [STATUS, STATUS.replace(b"\n", b"\r\n")], ids=["LF", "CRLF"])
def test_installed_ports_once(content: bytes) -> None:
    assert list(status.read(content)) == [
        Package(ecosystem="vcpkg", name="zlib", version="1.3.1#2"),
        Gap("", "1 ports without name or version"),
    ]


def test_an_empty_file_has_no_ports() -> None:
    assert list(status.read(b"")) == []


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"words"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(status.read(content))


@given(st.binary(max_size=100) | lines("Package", "Version", "Status", "installed", "\n\n"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(status.read(content))
