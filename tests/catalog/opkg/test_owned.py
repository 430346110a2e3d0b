"""What is read from opkg's lists of files."""

from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.opkg import owned
from rightshift.model.package import Owned
from rightshift.tree.file import MemoryFile


def read(content: bytes) -> list[Owned]:
    return list(owned.read_file(MemoryFile("usr/lib/opkg/info/busybox.list", content)))


def test_the_files_with_and_without_modes() -> None:
    assert read(b"/bin/busybox\n/bin/sh\t0120777\tbusybox\n") == [Owned("busybox", "", ("bin/busybox", "bin/sh"))]


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything(content: bytes) -> None:
    read(content)
