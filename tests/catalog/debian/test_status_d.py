"""What is read from the files of an image without dpkg."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.debian import stanza, status_d
from rightshift.model.package import Owned, Package
from rightshift.tree.file import MemoryFile


def test_a_stanza_without_a_status_is_installed() -> None:
    content = b"Package: libc6\nSource: glibc\nVersion: 2.36-9\nArchitecture: amd64\n"
    (found,) = status_d.read_file(MemoryFile("var/lib/dpkg/status.d/libc6", content))
    assert isinstance(found, Package)
    assert (found.name, found.version, found.source and found.source.name) == ("libc6", "2.36-9", "glibc")


def test_the_list_beside_it_says_which_files_it_owns() -> None:
    file = MemoryFile("var/lib/dpkg/status.d/libc6.md5sums", b"0123  lib/libc.so.6\n4567  ./usr/bin/ldd\n\n")
    assert list(status_d.read_file(file)) == [Owned("libc6", "", ("lib/libc.so.6", "usr/bin/ldd"))]


@given(st.binary(max_size=200), st.sampled_from(["a", "a.md5sums", ".md5sums"]))
def test_no_bytes_raise_anything_else(content: bytes, name: str) -> None:
    with suppress(stanza.MalformedStatus):
        list(status_d.read_file(MemoryFile("var/lib/dpkg/status.d/" + name, content)))
