"""The database for a command, beside a console that runs or in its place; and what a restore that is cut off leaves."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from rightshift.console.postgres import access, cluster, dump, folder
from rightshift.console.postgres.cluster import Server
from rightshift.console.postgres.failure import AlreadyRunning, PostgresError
from rightshift.console.postgres.find import Binaries
from tests.console.postgres.schema import ROWS, Revisions, content
from tests.console.postgres.test_cluster import NOBODY, SUPERVISOR, as_root, python_of_everybody

KILLED = """
import os, signal, sys
from pathlib import Path
from rightshift.console.postgres import access
from tests.console.postgres.test_cluster import NOBODY, SUPERVISOR, as_root, python_of_everybody
from tests.console.postgres.schema import Revisions

def die(table, done, tables):
    if done == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

with access.alone(Path(sys.argv[1])) as server:
    access.restored(server, Path(sys.argv[2]), Revisions(), replace=True, progress=die)
"""


def filled(server: Server) -> dict[str, tuple[int, str]]:
    Revisions().migrate(server.url())
    with psycopg.connect(server.url()) as connection:
        connection.execute(ROWS)
    return content(server.url())


def test_the_server_that_runs_is_used_and_left_running(home: Path, binaries: Binaries) -> None:
    with cluster.start(home, binaries, durable=False) as server:
        with access.reached(home) as url:
            assert url == server.url()
        assert server.exit_code() is None
        with pytest.raises(AlreadyRunning, match="The console runs"), access.alone(home):
            pass


@as_root
def test_root_is_told_whose_console_it_is() -> None:
    with tempfile.TemporaryDirectory() as place:
        os.chown(place, NOBODY, NOBODY)
        home = Path(place, "home")
        words = [python_of_everybody(), "-c", SUPERVISOR, str(home)]
        environ = {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": "/", "env": environ}
        with subprocess.Popen(words, user=NOBODY, group=NOBODY, extra_groups=[], **pipes) as running:  # type: ignore[call-overload]
            assert running.stdout.readline()
            with pytest.raises(PostgresError, match="another user") as raised, access.reached(home):
                pass
            assert raised.value.do == f"Do it as that user: sudo -u nobody with RIGHTSHIFT_HOME={home}"
            running.stdin.close()


def test_else_one_is_started_for_the_time(home: Path, binaries: Binaries) -> None:
    cluster.start(home, binaries, durable=False).stop()
    with access.reached(home) as url:
        assert folder.url_of_running(home) == url
    assert folder.url_of_running(home) is None


def test_looking_makes_nothing(home: Path) -> None:
    with pytest.raises(PostgresError, match="There is no database"), access.reached(home):
        pass
    assert not home.exists()


def test_what_a_database_says_of_itself(home: Path, binaries: Binaries) -> None:
    with cluster.start(home, binaries, durable=False) as server:
        new = access.status(server.url())
        assert (new.revision, new.tables, new.connections) == ("", 0, 0)
        filled(server)
        with psycopg.connect(server.url()):
            full = access.status(server.url())
    assert (full.server, full.revision, full.connections) == (binaries.version, "0001", 1)
    assert full.tables == 8
    assert full.size_bytes > new.size_bytes
    with pytest.raises(PostgresError, match="does not answer"):
        access.status(server.url())


def test_a_restore_that_is_killed_leaves_the_database_from_before(
    home: Path, binaries: Binaries, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    with cluster.start(home, binaries) as server:
        before = filled(server)
        dump.backup(server.url(), backup)
        with psycopg.connect(server.url()) as connection:
            connection.execute("INSERT INTO audit VALUES ('later')")
        later = content(server.url())
    for table in (0, 5):
        words = [sys.executable, "-c", KILLED, str(home), str(backup), str(table)]
        assert subprocess.run(words, cwd=Path(__file__).parents[3]).returncode == -9
        with cluster.start(home, binaries) as server:
            assert content(server.url()) == later
    with access.alone(home) as server:
        access.restored(server, backup, Revisions(), replace=True)
        assert content(server.url()) == before
