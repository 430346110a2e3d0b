"""What is read from Homebrew's receipts, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.homebrew import receipt
from rightshift.errors import Malformed
from rightshift.model.package import Package
from rightshift.tree.file import MemoryFile

PATH = "home/linuxbrew/.linuxbrew/Cellar/openssl@3/3.2.0_1/INSTALL_RECEIPT.json"


def read(content: bytes, path: str = PATH) -> list[Package]:
    return list(receipt.read_file(MemoryFile(path, content)))


def test_the_formula_that_the_folders_are_called_after() -> None:
    (found,) = read(b'{"source": {"tap": "homebrew/core"}}')
    assert (found.name, found.version, found.origin) == ("openssl@3", "3.2.0_1", "registry")


def test_a_formula_of_another_tap_is_of_unknown_origin() -> None:
    assert [package.origin for package in read(b'{"source": {"tap": "acme/tools"}}')] == ["unknown"]


@pytest.mark.parametrize(("content", "path"), [(b"", PATH), (b"[]", PATH), (b"{}", "INSTALL_RECEIPT.json")])
def test_what_it_cannot_read_is_malformed(content: bytes, path: str) -> None:
    with pytest.raises(Malformed):
        read(content, path)


@given(st.binary(max_size=100))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        read(content)
