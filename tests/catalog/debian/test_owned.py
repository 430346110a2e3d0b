"""What is read from dpkg's lists of files."""

from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.debian import owned
from rightshift.model.package import Owned
from rightshift.tree.file import MemoryFile


def read(name: str, content: bytes) -> list[Owned]:
    return list(owned.read_file(MemoryFile("var/lib/dpkg/info/" + name, content)))


def test_a_list_belongs_to_the_package_that_it_is_called_after() -> None:
    assert read("bash.list", b"/.\n/bin\n/bin/bash\n") == [Owned("bash", "", (".", "bin", "bin/bash"))]
    assert read("libc6:amd64.list", b"/lib/libc.so.6\n") == [Owned("libc6", "amd64", ("lib/libc.so.6",))]


def test_an_empty_list_owns_nothing() -> None:
    assert read("meta.list", b"") == read("meta.list", b"\n\n") == []


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything(content: bytes) -> None:
    read("a.list", content)
