"""From Debian's PostgreSQL 15 into the wheel's: everything is there afterwards, whenever it was cut off."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from rightshift.console.postgres import cluster, find
from rightshift.console.postgres.failure import PostgresError
from rightshift.console.postgres.find import Binaries

pytestmark = pytest.mark.apt

CONTENT = """
CREATE TABLE asset (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, seen timestamptz, raw bytea,
    facts jsonb, half double precision, doubled int GENERATED ALWAYS AS (length(name) * 2) STORED);
CREATE TABLE relation (source bigint REFERENCES asset, target bigint REFERENCES asset, PRIMARY KEY (source, target));
CREATE INDEX ON asset USING gin (facts);
CREATE VIEW named AS SELECT name FROM asset;
INSERT INTO asset (name, seen, raw, facts, half)
    SELECT 'ä' || n, '2026-01-05 08:00+00'::timestamptz + n * interval '1 s', decode(md5(n::text), 'hex'),
    jsonb_build_object('n', n), n / 7.0 FROM generate_series(1, 20000) n;
INSERT INTO relation SELECT n, n % 100 + 1 FROM generate_series(1, 20000) n;
CREATE SCHEMA jobs;
CREATE TABLE jobs.due (id serial, at timestamptz DEFAULT now());
"""
UPGRADING = """
import sys
from pathlib import Path
from rightshift.console.postgres import cluster, find
cluster.start(Path(sys.argv[1]), find.find()).stop()
"""


def filled(home: Path, older: Binaries) -> dict[str, str]:
    """A home with data of the older version, and what is in it."""
    with cluster.start(home, older) as server:
        with psycopg.connect(server.url()) as connection:
            connection.execute(CONTENT)
        return content(server.url())


def content(url: str) -> dict[str, str]:
    """A digest of every table."""
    digest = "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '') FROM {} t"
    with psycopg.connect(url) as connection:
        return {
            table: str((connection.execute(digest.format(table)).fetchone() or ("",))[0])
            for table in ("asset", "relation", "named", "jobs.due")
        }


def test_all_of_it_is_in_the_newer_one(home: Path, older: Binaries, binaries: Binaries) -> None:
    before = filled(home, older)
    with cluster.start(home, binaries) as server:
        assert server.data.name == str(binaries.major)
        assert content(server.url()) == before
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("INSERT INTO asset (name) VALUES ('new') RETURNING id, doubled").fetchone() == (
                20_001,
                6,
            )
            with pytest.raises(psycopg.errors.ForeignKeyViolation):
                connection.execute("INSERT INTO relation VALUES (1, 99999)")
    assert sorted(path.name for path in (home / "postgres").iterdir() if path.is_dir()) == [
        "15.old",
        str(binaries.major),
        f"server-{binaries.version}",
    ]
    with pytest.raises(PostgresError, match=f"written by PostgreSQL {binaries.major}"):
        cluster.start(home, older)


def test_killed_at_any_moment_it_is_done_by_the_next_start(home: Path, older: Binaries, binaries: Binaries) -> None:
    before = filled(home, older)
    chance = random.Random(15)
    for after_s in (0.2, 1.2, chance.uniform(0.5, 2.5), chance.uniform(0.5, 2.5)):
        upgrading = subprocess.Popen([sys.executable, "-c", UPGRADING, str(home)], stderr=subprocess.DEVNULL)
        try:
            upgrading.wait(after_s)
        except subprocess.TimeoutExpired:
            upgrading.send_signal(signal.SIGKILL)
            upgrading.wait()
    with cluster.start(home, binaries) as server:
        assert content(server.url()) == before
    assert not (home / "postgres" / f"{binaries.major}.part").exists()


def test_a_server_that_was_killed_is_recovered_first(home: Path, older: Binaries, binaries: Binaries) -> None:
    server = cluster.start(home, older)
    with psycopg.connect(server.url()) as connection:
        connection.execute(CONTENT)
    before = content(server.url())
    os.kill(server.pid, signal.SIGKILL)
    server.wait(10)
    server.stop()
    began = time.monotonic()
    with cluster.start(home, binaries) as server:
        assert content(server.url()) == before
    assert time.monotonic() - began < 60


def test_without_the_older_programs_it_says_what_to_install(
    home: Path, older: Binaries, binaries: Binaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = filled(home, older)
    monkeypatch.setattr(find, "_FOLDERS", ())
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(PostgresError, match="postgresql-15"):
        cluster.start(home, binaries)
    monkeypatch.undo()
    with cluster.start(home, older) as server:
        assert content(server.url()) == before


def test_what_can_not_be_brought_over_leaves_everything_as_it_was(
    home: Path, older: Binaries, binaries: Binaries
) -> None:
    with cluster.start(home, older) as server:
        with psycopg.connect(server.admin_url("rightshift")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
            connection.execute("CREATE ROLE somebody")
            connection.execute("ALTER TABLE kept OWNER TO somebody")
    with pytest.raises(PostgresError, match="somebody"):
        cluster.start(home, binaries)
    with cluster.start(home, older) as server, psycopg.connect(server.admin_url("rightshift")) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (1,)
