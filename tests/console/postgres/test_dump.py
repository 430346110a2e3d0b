"""All of a database into one file and out of it, with everything that is hard to copy, or nothing at all."""

import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.console.postgres import archive, cluster, dump, restore
from rightshift.console.postgres.cluster import Server
from rightshift.console.postgres.failure import PostgresError
from rightshift.console.postgres.find import Binaries
from rightshift.console.store import migrate
from tests.console.postgres.schema import ROWS, Revisions, content

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@contextmanager
def made(server: Server) -> Iterator[str]:
    """The address of an empty database."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER rightshift TEMPLATE template0")
        yield server.url(name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty(server: Server) -> Iterator[str]:
    with made(server) as url:
        yield url


@pytest.fixture
def full(server: Server) -> Iterator[str]:
    with made(server) as url:
        Revisions().migrate(url)
        with psycopg.connect(url) as connection:
            connection.execute(ROWS)
        yield url


def changed(backup: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same archive with other members."""
    with zipfile.ZipFile(backup) as archived:
        members = {name: archived.read(name) for name in archived.namelist()}
    change(members)
    to = backup.with_name("changed")
    with zipfile.ZipFile(to, "w") as archived:
        for name, body in members.items():
            archived.writestr(name, body)
    return to


def test_every_table_comes_back_row_by_row(full: str, empty: str, tmp_path: Path) -> None:
    written = dump.backup(full, tmp_path / "backup", now=NOW)
    assert (written.revision, written.written) == ("0001", "2026-01-05T08:00:00+00:00")
    assert restore.restore(tmp_path / "backup", empty, Revisions()) == written == restore.read(tmp_path / "backup")
    assert content(empty) == content(full)
    assert sum(rows for rows, _ in content(full).values()) > 3_400
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600


def test_what_was_put_aside_is_in_force_again(full: str, empty: str, tmp_path: Path) -> None:
    dump.backup(full, tmp_path / "backup")
    restore.restore(tmp_path / "backup", empty, Revisions())
    with psycopg.connect(empty, autocommit=True) as connection:
        assert connection.execute("INSERT INTO tree DEFAULT VALUES RETURNING id").fetchone() == (42,)
        assert connection.execute(
            """INSERT INTO "odd ""name"" %s" ("select") VALUES ('new') RETURNING id, doubled"""
        ).fetchone() == (3_004, 6_008)
        assert connection.execute("INSERT INTO audit VALUES ('three') RETURNING line").fetchone() == ("three!",)
        with pytest.raises(psycopg.errors.RaiseException):
            connection.execute("DELETE FROM audit")
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            connection.execute("INSERT INTO leaf VALUES (8, 99)")
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            connection.execute("UPDATE tree SET leaf = 99")
        assert connection.execute("SELECT condeferrable FROM pg_constraint WHERE conname = 'tree_leaf'").fetchone() == (
            True,
        )
        assert connection.execute("SELECT to_regclass('rightshift_restoring')").fetchone() == (None,)


def test_an_older_schema_is_brought_forward(full: str, empty: str, tmp_path: Path) -> None:
    dump.backup(full, tmp_path / "backup")
    restore.restore(tmp_path / "backup", empty, Revisions(known=2))
    with psycopg.connect(empty) as connection:
        assert connection.execute("SELECT id, tree, colour FROM leaf").fetchall() == [(7, 1, "green")]
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0002",)]


def test_a_newer_schema_is_refused_and_nothing_is_touched(full: str, empty: str, tmp_path: Path) -> None:
    Revisions(known=2).migrate(full)
    dump.backup(full, tmp_path / "backup")
    with pytest.raises(PostgresError, match="has schema 0002, and this version knows 0001"):
        restore.restore(tmp_path / "backup", empty, Revisions())
    assert content(empty) == {}


def test_it_is_one_moment_although_others_write(full: str, tmp_path: Path) -> None:
    before = content(full)

    def write(table: str, _done: int, _tables: int) -> None:
        with psycopg.connect(full) as connection:
            connection.execute("INSERT INTO audit VALUES (%s)", [table])
            connection.execute("DELETE FROM jobs.done")

    written = dump.backup(full, tmp_path / "backup", progress=write)
    rows = {str(one.table.name): one.rows for one in written.tables}
    assert rows["audit"] == before["audit"][0] == 2
    assert rows["jobs.done"] == 400


def test_what_can_be_had_again_is_left_out(full: str, empty: str, tmp_path: Path) -> None:
    dump.backup(full, tmp_path / "backup", without=["cache", "jobs.done"])
    restore.restore(tmp_path / "backup", empty, Revisions())
    before, after = content(full), content(empty)
    assert {name for name in before if before[name] != after[name]} == {
        "cache",
        "jobs.done_2026",
        "jobs.done_other",
    }
    with pytest.raises(PostgresError, match="leaf can't be left out: tree refers to it"):
        dump.backup(full, tmp_path / "other", without=["leaf"])
    with pytest.raises(PostgresError, match="no table nonsense"):
        dump.backup(full, tmp_path / "other", without=["nonsense"])
    assert [path.name for path in tmp_path.iterdir()] == ["backup"]


def test_a_database_that_is_not_empty_is_refused(full: str, tmp_path: Path) -> None:
    dump.backup(full, tmp_path / "backup")
    before = content(full)
    with pytest.raises(PostgresError, match="not empty"):
        restore.restore(tmp_path / "backup", full, Revisions())
    assert content(full) == before


def test_a_database_of_something_else_is_not_backed_up(empty: str, tmp_path: Path) -> None:
    with pytest.raises(PostgresError, match="holds nothing of rightshift"):
        dump.backup(empty, tmp_path / "backup")
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_there_is_kept(full: str, tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("mine")
    with pytest.raises(PostgresError, match="is there already"):
        dump.backup(full, tmp_path / "backup")
    assert (tmp_path / "backup").read_text() == "mine"


def test_no_password_is_in_an_error(tmp_path: Path) -> None:
    url = f"postgresql://someone:s3cret@/rightshift?host={tmp_path}"
    with pytest.raises(PostgresError) as raised:
        dump.backup(url, tmp_path / "backup")
    assert "s3cret" not in str(raised.value)


def flip(members: dict[str, bytes]) -> None:
    body = bytearray(max(members.values(), key=len))
    name = max(members, key=lambda one: len(members[one]))
    body[len(body) // 2] ^= 1
    members[name] = bytes(body)


def swap(members: dict[str, bytes]) -> None:
    members["0000.copy.zst"], members["0001.copy.zst"] = members["0001.copy.zst"], members["0000.copy.zst"]


def bomb(members: dict[str, bytes]) -> None:
    import zstandard

    members["0000.copy.zst"] = zstandard.compress(bytes(200 << 20))


@pytest.mark.parametrize(
    "change",
    [flip, swap, bomb, lambda members: members.pop("manifest.json"), lambda members: members.pop("0002.copy.zst")],
    ids=["a bit", "two tables", "a bomb", "no manifest", "no rows"],
)
def test_a_damaged_backup_restores_nothing_and_the_good_one_still_can(
    full: str, empty: str, tmp_path: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    dump.backup(full, tmp_path / "backup")
    with pytest.raises(PostgresError, match="no good backup"):
        restore.restore(changed(tmp_path / "backup", change), empty, Revisions())
    assert all(rows == 0 for name, (rows, _) in content(empty).items() if name not in ("alembic_version", "seeded"))
    restore.restore(tmp_path / "backup", empty, Revisions())
    assert content(empty) == content(full)


def test_rows_that_refer_to_nothing_are_refused(full: str, empty: str, tmp_path: Path) -> None:
    dump.backup(full, tmp_path / "backup")

    def without_leaves(members: dict[str, bytes]) -> None:
        import zstandard

        manifest = json.loads(members["manifest.json"])
        number = next(n for n, one in enumerate(manifest["tables"]) if one["table"]["name"]["name"] == "leaf")
        empty_digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        manifest["tables"][number] |= {"rows": 0, "size_bytes": 0, "sha256": empty_digest}
        members["manifest.json"] = json.dumps(manifest).encode()
        members[f"{number:04}.copy.zst"] = zstandard.compress(b"")

    with pytest.raises(PostgresError, match="foreign key"):
        restore.restore(changed(tmp_path / "backup", without_leaves), empty, Revisions())


@pytest.mark.parametrize("content_of_file", [b"", b"PK\x03\x04", b"nonsense" * 100])
def test_any_other_file_is_no_backup(empty: str, tmp_path: Path, content_of_file: bytes) -> None:
    (tmp_path / "backup").write_bytes(content_of_file)
    for read in (restore.read, lambda path: restore.restore(path, empty, Revisions())):
        with pytest.raises(PostgresError, match="no good backup"):
            read(tmp_path / "backup")
    with pytest.raises(PostgresError, match="can't be read"):
        restore.read(tmp_path / "nothing")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), st.lists, max_leaves=5))
def test_no_manifest_raises_anything_else(tmp_path_factory: pytest.TempPathFactory, said: object) -> None:
    path = tmp_path_factory.getbasetemp() / f"manifest-{uuid4().hex}"
    row = {
        "table": {"name": {"schema": "a", "name": "b"}, "columns": said},
        "rows": said,
        "size_bytes": 1,
        "sha256": "",
    }
    usual = {"format": 1, "revision": "", "server": "", "written": "", "tables": [row], "sequences": [], "without": []}
    for manifest in (said, usual, usual | {"tables": said}, usual | {"tables": [said]}, usual | {"sequences": [said]}):
        with zipfile.ZipFile(path, "w") as archived:
            archived.writestr("manifest.json", json.dumps(manifest))
        with path.open("rb") as file, archive.opened(file) as archived, suppress(archive.MalformedBackup):
            archive.read_manifest(archived)
    path.unlink()


@pytest.mark.apt
def test_it_moves_to_an_older_server(full: str, home: Path, older: Binaries, tmp_path: Path) -> None:
    dump.backup(full, tmp_path / "backup")
    with cluster.start(home, older, durable=False) as server:
        restore.restore(tmp_path / "backup", server.url(), Revisions())
        assert content(server.url()) == content(full)


def test_the_console_s_own_schema_comes_back(database: str, empty: str, tmp_path: Path) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO reporter (key, kind) SELECT 'host-' || n, 'sensor' FROM generate_series(1, 50) n"
        )
        connection.execute(
            "INSERT INTO asset_fact (reporter_id, kind, key, mark, first_seen, last_seen)"
            " SELECT id, 'host', key, 1, now(), now() FROM reporter"
        )
        connection.execute("INSERT INTO setting (name, value) VALUES ('theme', '{\"dark\": true}')")
    before = content(database)
    dump.backup(database, tmp_path / "backup")
    restore.restore(tmp_path / "backup", empty, migrate)
    assert content(empty) == before
    assert before["asset_fact"][0] == 50
    assert before["installation"][0] == 1
