"""What is read from an SQLite database of rpm, and what is refused. The databases are made by SQLite itself."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.rpm import sqlite
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Owned, Package
from rightshift.tree.file import MemoryFile
from tests.catalog.rpm import forge

TABLE = "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)"


def database(blobs: Sequence[bytes], page_bytes: int = 4096, schema: str = TABLE) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"PRAGMA page_size = {page_bytes}")
        connection.execute("CREATE TABLE other (a, b)")
        connection.execute(schema)
        if blobs:
            connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(blob,) for blob in blobs])
        connection.commit()
        return bytes(connection.serialize())


def read(content: bytes) -> tuple[list[str], list[str]]:
    found = list(sqlite.read_file(MemoryFile("var/lib/rpm/rpmdb.sqlite", content)))
    return [i.name for i in found if isinstance(i, Package)], [i.reason for i in found if isinstance(i, Gap)]


@pytest.mark.parametrize("page_bytes", [512, 1024, 4096, 65536])
def test_rows_short_and_long_in_pages_of_any_size(page_bytes: int) -> None:
    blobs = [forge.package(f"p{n}", files=n * n) for n in range(60)]
    assert read(database(blobs, page_bytes)) == ([f"p{n}" for n in range(60)], [])


@pytest.mark.parametrize("over", range(-12, 13))
def test_rows_around_the_length_at_which_they_leave_their_page(over: int) -> None:
    plain = len(forge.package("a", LICENSE=""))
    for limit in (4096 - 35, 4096 - 35 + 4092):
        assert read(database([forge.package("a", LICENSE="x" * (limit - plain + over))])) == (["a"], [])


def test_a_tree_of_several_levels_in_order() -> None:
    names = [f"p{n}" for n in range(3000)]
    assert read(database([forge.package(name) for name in names], 512)) == (names, [])


def test_the_files_that_a_package_owns() -> None:
    found = list(sqlite.read_file(MemoryFile("rpmdb.sqlite", database([forge.package("a", files=2)]))))
    assert found[1] == Owned("a", "x86_64", ("usr/share/file0", "usr/share/file1"))


def test_keys_are_no_packages_and_an_empty_table_has_none() -> None:
    assert read(database([forge.package("gpg-pubkey"), forge.package("a")])) == (["a"], [])
    assert read(database([])) == ([], [])


def test_a_database_cut_in_half_gives_what_is_left_and_says_so() -> None:
    content = database([forge.package(f"p{n}", files=20) for n in range(200)])
    names, gaps = read(content[: len(content) // 2])
    assert 20 < len(names) < 200
    assert gaps


def test_a_view_in_place_of_the_table_is_malformed_and_not_run() -> None:
    view = "CREATE VIEW Packages AS WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT * FROM t"
    with pytest.raises(sqlite.MalformedRpmSqlite, match="no table"):
        read(database([], schema=view))


GOOD = database([forge.package("a"), forge.package("b", files=100)], 512)


@pytest.mark.parametrize(
    "content",
    [b"", GOOD[:99], b"x" + GOOD[1:], GOOD[:16] + b"\0\3" + GOOD[18:], GOOD[:20] + b"\xff" + GOOD[21:]],
    ids=["empty", "cut", "magic", "page size", "reserved"],
)
def test_what_is_no_such_database_is_malformed(content: bytes) -> None:
    with pytest.raises(sqlite.MalformedRpmSqlite):
        read(content)


@given(st.binary(max_size=60), st.integers(0, len(GOOD)))
def test_no_bytes_raise_anything_else(content: bytes, at: int) -> None:
    with suppress(Malformed):
        read(GOOD[:at] + content + GOOD[at + len(content) :])
