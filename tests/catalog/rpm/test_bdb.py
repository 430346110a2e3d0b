"""What is read from a Berkeley DB of rpm, and what is refused."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.rpm import bdb
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from rightshift.tree.file import MemoryFile
from tests.catalog.rpm import forge

BLOBS = [forge.package("a", files=100), forge.package("b")]
DATABASE = forge.bdb(BLOBS)


def read(content: bytes) -> tuple[list[str], list[str]]:
    found = list(bdb.read_file(MemoryFile("var/lib/rpm/Packages", content)))
    return [i.name for i in found if isinstance(i, Package)], [i.reason for i in found if isinstance(i, Gap)]


def put(at: int, value: bytes) -> bytes:
    return DATABASE[:at] + value + DATABASE[at + len(value) :]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("page_bytes", [512, 4096])
def test_each_value_over_its_pages_in_both_byte_orders(order: str, page_bytes: int) -> None:
    assert read(forge.bdb(BLOBS, order, page_bytes)) == (["a", "b"], [])


@pytest.mark.parametrize("following", [3, 2, 0, 1 << 31], ids=["itself", "back", "nowhere", "outside"])
def test_pages_that_lead_nowhere_end_and_are_told(following: int) -> None:
    names, gaps = read(put(3 * 512 + 16, struct.pack("<I", following)))
    assert (names, len(gaps)) == (["b"], 1)


def test_more_pages_than_there_are_is_told() -> None:
    names, gaps = read(put(32, struct.pack("<I", 1 << 31)))
    assert (names, len(gaps)) == (["a", "b"], 1)


def test_a_database_that_is_cut_off_gives_what_is_left() -> None:
    names, gaps = read(DATABASE[:-512])
    assert names == ["a"]
    assert gaps


@pytest.mark.parametrize(
    "content", [b"", DATABASE[:60], put(12, b"\0"), put(25, b"\1"), put(20, b"\3\0")], ids=range(5)
)
def test_what_is_no_such_database_is_malformed(content: bytes) -> None:
    with pytest.raises(bdb.MalformedBdb):
        read(content)


@given(st.binary(max_size=60), st.integers(0, 1100) | st.integers(0, len(DATABASE)))
def test_no_bytes_raise_anything_else(content: bytes, at: int) -> None:
    with suppress(bdb.MalformedBdb):
        read(put(at, content))
