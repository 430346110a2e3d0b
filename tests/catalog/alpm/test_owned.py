"""What is read from pacman's list of files."""

from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.alpm import owned
from rightshift.model.package import Owned
from rightshift.tree.file import MemoryFile

FILES = b"%FILES%\nusr/\nusr/lib/\nusr/lib/libgmp.so\n\n%BACKUP%\netc/gmp.conf\t79fce043\n"


def read(content: bytes, path: str = "var/lib/pacman/local/lib-gmp-6.2.1-2/files") -> list[Owned]:
    return list(owned.read_file(MemoryFile(path, content)))


def test_the_files_without_folders_and_without_what_follows() -> None:
    assert read(FILES) == [Owned("lib-gmp", "", ("usr/lib/libgmp.so",))]


def test_a_list_that_is_nobodys_gives_nothing() -> None:
    assert read(FILES, "files") == read(b"") == []


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything(content: bytes) -> None:
    read(content)
