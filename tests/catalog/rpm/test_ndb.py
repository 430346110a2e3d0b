"""What is read from SUSE's database of rpm, and what is refused."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.rpm import ndb
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from rightshift.tree.file import MemoryFile
from tests.catalog.rpm import forge

DATABASE = forge.ndb([forge.package("a", files=40), forge.package("b")])


def read(content: bytes) -> tuple[list[str], list[str]]:
    found = list(ndb.read_file(MemoryFile("usr/lib/sysimage/rpm/Packages.db", content)))
    return [i.name for i in found if isinstance(i, Package)], [i.reason for i in found if isinstance(i, Gap)]


def test_each_package_behind_its_slot() -> None:
    assert read(DATABASE) == (["a", "b"], [])


def test_a_slot_beyond_the_file_is_told_and_costs_nothing_else() -> None:
    names, gaps = read(DATABASE[:40] + struct.pack("<I", 1 << 30) + DATABASE[44:])
    assert (names, len(gaps)) == (["b"], 1)


def test_a_database_that_is_cut_off_gives_what_is_left() -> None:
    names, gaps = read(DATABASE[:-200])
    assert (names, len(gaps)) == (["a"], 1)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 40, DATABASE[:4] + b"\1" + DATABASE[5:], DATABASE[:12] + b"\xff" * 4 + DATABASE[16:]],
    ids=["empty", "no magic", "version", "pages"],
)
def test_what_is_no_such_database_is_malformed(content: bytes) -> None:
    with pytest.raises(ndb.MalformedNdb):
        read(content)


@given(st.binary(max_size=60), st.integers(0, 80) | st.integers(0, len(DATABASE)))
def test_no_bytes_raise_anything_else(content: bytes, at: int) -> None:
    with suppress(ndb.MalformedNdb):
        read(DATABASE[:at] + content + DATABASE[at + len(content) :])
