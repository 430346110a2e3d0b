"""What is read from changes that were left beside rpm's database. The log is made by SQLite itself."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.rpm import sqlite_wal
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from rightshift.tree.file import MemoryFile
from tests.catalog.rpm import forge
from tests.catalog.rpm.test_sqlite import TABLE


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two packages in the database, two more in its log, the last one not committed."""
    path: Path = tmp_path_factory.mktemp("rpm") / "rpmdb.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; {TABLE};")
        add = "INSERT INTO Packages (blob) VALUES (?)"
        connection.executemany(add, [(forge.package(name),) for name in ("old-a", "old-b")])
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute(add, (forge.package("new", files=1000),))
        connection.commit()
        return path.with_name("rpmdb.sqlite-wal").read_bytes()


def read(content: bytes) -> tuple[list[str], list[str]]:
    found = list(sqlite_wal.read_file(MemoryFile("var/lib/rpm/rpmdb.sqlite-wal", content)))
    return [i.name for i in found if isinstance(i, Package)], [i.reason for i in found if isinstance(i, Gap)]


def test_packages_in_the_log_are_found_and_that_it_was_left_is_told(log: bytes) -> None:
    names, gaps = read(log)
    assert "new" in names
    assert len(gaps) == 1


def test_what_was_not_committed_is_not_there(log: bytes) -> None:
    assert read(log[:-4096]) == ([], [])


def test_an_empty_log_is_how_rpm_leaves_it() -> None:
    assert read(b"") == ([], [])


@pytest.mark.parametrize("content", [b"\0" * 40, b"\x37\x7f\x06\x82" + b"\0" * 40])
def test_what_is_no_log_is_malformed(content: bytes) -> None:
    with pytest.raises(sqlite_wal.MalformedRpmLog):
        read(content)


@given(content=st.binary(max_size=60), share=st.floats(0, 1))
def test_no_bytes_raise_anything_else(log: bytes, content: bytes, share: float) -> None:
    at = int(share * len(log))
    with suppress(Malformed):
        read(log[:at] + content + log[at + len(content) :])
