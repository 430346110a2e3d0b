"""A disk that runs full: writes are refused, what was acknowledged stays, and it goes on when there is space again."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from rightshift.console.postgres import cluster
from rightshift.console.postgres.cluster import Server
from rightshift.console.postgres.failure import PostgresError
from rightshift.console.postgres.find import Binaries

ROW_BYTES = 4_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 160 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=160m,mode=755", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root, where it may mount, has a disk that is full")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(server: Server) -> list[int]:
    """Writes until that is refused; the rows that were acknowledged."""
    done: list[int] = []
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int, ballast text)")
        connection.execute("ALTER TABLE kept ALTER ballast SET STORAGE EXTERNAL")
        for number in range(100_000):
            try:
                connection.execute("INSERT INTO kept VALUES (%s, %s)", [number, os.urandom(ROW_BYTES // 2).hex()])
            except psycopg.OperationalError:  # the disk is full, or the server went down with it
                return done
            done.append(number)
    raise AssertionError("the disk never was full")


def kept(server: Server) -> list[int]:
    with psycopg.connect(server.url()) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM kept ORDER BY number")]


def again(server: Server, home: Path, binaries: Binaries) -> Server:
    """As a supervisor does: the same server while it runs, else a new one."""
    if server.exit_code() is None:
        return server
    server.stop()
    return cluster.start(home, binaries)


@pytest.mark.check("D06")
def test_nothing_is_lost_and_it_goes_on_once_there_is_space(small_disk: Path, binaries: Binaries) -> None:
    home = small_disk / "home"
    server = cluster.start(home, binaries)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(20 << 20))
    done = fill(server)
    assert len(done) > 1_000
    server.wait(2)
    ballast.unlink()
    server = again(server, home, binaries)
    assert kept(server)[: len(done)] == done
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("INSERT INTO kept VALUES (-1, '')")
    server.stop()
    with cluster.start(home, binaries) as server:
        assert kept(server)[0] == -1


def test_a_start_on_a_full_disk_says_so_and_works_later(small_disk: Path, binaries: Binaries) -> None:
    home = small_disk / "home"
    ballast = small_disk / "ballast"

    def fill_disk() -> None:
        with suppress(OSError), ballast.open("ab", buffering=0) as file:
            while file.write(bytes(1 << 16)):
                pass

    fill_disk()
    with pytest.raises(PostgresError, match="No space left"):
        cluster.start(home, binaries)
    ballast.write_bytes(bytes(20 << 20))
    server = cluster.start(home, binaries)
    done = fill(server)
    server.stop()
    fill_disk()
    with suppress(PostgresError):  # it may need no space; whatever comes of it, nothing is lost
        cluster.start(home, binaries).stop()
    ballast.unlink()
    with cluster.start(home, binaries) as server:
        assert kept(server)[: len(done)] == done
