"""The server as its console has it: made once, kept, its alone, and back after every way to die."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from rightshift.console.postgres import cluster, folder
from rightshift.console.postgres.cluster import Server
from rightshift.console.postgres.failure import AlreadyRunning, PostgresError
from rightshift.console.postgres.find import Binaries

NOBODY = 65_534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")

SUPERVISOR = """
import sys
from pathlib import Path
from rightshift.console.postgres import cluster, find
server = cluster.start(Path(sys.argv[1]), find.find())
print(server.pid, flush=True)
sys.stdin.read()
"""


def until(true: Callable[[], bool], within_s: float = 20) -> None:
    """Waits for something that another process does."""
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def write(server: Server, number: int) -> None:
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def kept(server: Server) -> list[int]:
    with psycopg.connect(server.url()) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM kept ORDER BY number")]


def shown(url: str, setting: str) -> str:
    with psycopg.connect(url) as connection:
        (value,) = connection.execute("SELECT current_setting(%s)", [setting]).fetchone() or ("",)
        return str(value)


def test_what_was_written_is_there_at_the_second_start(home: Path, binaries: Binaries) -> None:
    with cluster.start(home, binaries) as server:
        write(server, 1)
        pid = server.pid
    assert server.exit_code() == 0
    with cluster.start(home, binaries) as server:
        assert server.pid != pid
        assert kept(server) == [1]


def test_the_role_of_the_console_owns_its_database_and_nothing_else(home: Path, binaries: Binaries) -> None:
    with cluster.start(home, binaries, durable=False) as server:
        with psycopg.connect(server.url()) as connection:
            (role, database, superuser) = connection.execute(
                "SELECT current_user, current_database(), current_setting('is_superuser')"
            ).fetchone() or ("", "", "")
            assert (role, database, superuser) == ("rightshift", "rightshift", "off")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("COPY (SELECT 1) TO PROGRAM 'cat'")
        with psycopg.connect(server.admin_url(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE another OWNER rightshift")
        with psycopg.connect(server.url("another")) as connection:
            connection.execute("CREATE TABLE one (number int)")


def test_letters_of_all_languages_are_letters(home: Path, binaries: Binaries) -> None:
    with cluster.start(home, binaries, durable=False) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT upper('äß☃'), 'a' < 'B'").fetchone() == ("Äß☃", False)
        assert shown(server.url(), "server_encoding") == "UTF8"
        assert shown(server.url(), "data_checksums") == "on"


@pytest.mark.parametrize(("durable", "value"), [(True, "on"), (False, "off")])
def test_only_tests_may_forget(home: Path, binaries: Binaries, durable: bool, value: str) -> None:
    with cluster.start(home, binaries, durable=durable) as server:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert shown(server.url(), setting) == value
        assert shown(server.url(), "jit") == "off"
        assert shown(server.url(), "listen_addresses") == ""


def test_a_second_start_is_refused_and_names_who_has_it(home: Path, binaries: Binaries) -> None:
    with cluster.start(home, binaries, durable=False) as server:
        with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}") as raised:
            cluster.start(home, binaries)
        assert raised.value.pid == os.getpid()
        assert server.exit_code() is None
        write(server, 1)


def test_of_several_starts_at_once_one_has_it(home: Path, binaries: Binaries) -> None:
    def one(_: int) -> Server | None:
        try:
            return cluster.start(home, binaries, durable=False)
        except AlreadyRunning:
            return None

    with ThreadPoolExecutor(4) as pool:
        servers = [server for server in pool.map(one, range(4)) if server]
    assert len(servers) == 1
    write(servers[0], 1)
    servers[0].stop()


def test_whoever_looks_finds_the_server_that_runs(home: Path, binaries: Binaries) -> None:
    assert folder.url_of_running(home) is None
    with cluster.start(home, binaries, durable=False) as server:
        assert folder.url_of_running(home) == server.url()
        assert folder.url_of_running(home, "postgres") == server.url("postgres")
    assert folder.url_of_running(home) is None


def test_it_outlives_the_thread_that_started_it(home: Path, binaries: Binaries) -> None:
    started: list[Server] = []
    thread = threading.Thread(target=lambda: started.append(cluster.start(home, binaries, durable=False)))
    thread.start()
    thread.join()
    with started[0] as server:
        assert server.wait(0.3) is None
        write(server, 1)


def test_a_stop_does_not_wait_for_sessions(home: Path, binaries: Binaries) -> None:
    server = cluster.start(home, binaries, durable=False)
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        server.stop()
        assert server.exit_code() == 0
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    server.stop()


def test_after_its_death_it_comes_back_with_what_was_committed(home: Path, binaries: Binaries) -> None:
    for number in range(3):
        server = cluster.start(home, binaries)
        write(server, number)
        os.kill(server.pid, signal.SIGKILL)
        assert server.wait(10) == -signal.SIGKILL
        server.stop()
    with cluster.start(home, binaries) as server:
        assert kept(server) == [0, 1, 2]


def test_after_the_death_of_a_session_it_goes_on(home: Path, binaries: Binaries) -> None:
    with cluster.start(home, binaries) as server:
        write(server, 1)
        with psycopg.connect(server.url()) as connection:
            os.kill(connection.info.backend_pid, signal.SIGKILL)

            def answers() -> bool:
                try:
                    return kept(server) == [1]
                except psycopg.OperationalError:
                    return False

            until(answers)
        assert server.exit_code() is None


def supervised(home: Path) -> tuple["subprocess.Popen[str]", int]:
    """Another process that has started the server, and the server's."""
    words = [sys.executable, "-c", SUPERVISOR, str(home)]
    supervisor = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    return supervisor, int(supervisor.stdout.readline())


def test_after_the_death_of_its_supervisor_it_stops_and_starts_again(home: Path, binaries: Binaries) -> None:
    supervisor, pid = supervised(home)
    with supervisor:
        url = folder.url_of_running(home)
        assert url is not None
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        with pytest.raises(AlreadyRunning) as raised:
            cluster.start(home, binaries)
        assert raised.value.pid == supervisor.pid
        supervisor.kill()
    with cluster.start(home, binaries) as server:  # waits for the other one to be gone
        assert server.pid != pid
        assert folder.process(pid) == (0, 0)
        assert kept(server) == [7]


def test_after_the_death_of_all_at_once_it_starts_again(home: Path, binaries: Binaries) -> None:
    supervisor, pid = supervised(home)
    with supervisor:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (supervisor.pid, pid, *map(int, children)):
            with suppress(ProcessLookupError):  # a child ends by itself once its server is gone
                os.kill(one, signal.SIGKILL)
    with cluster.start(home, binaries) as server:
        write(server, 1)


def test_a_stale_file_that_names_a_living_process_does_not_matter(home: Path, binaries: Binaries) -> None:
    with cluster.start(home, binaries, durable=False) as server:
        write(server, 1)
    for name in ("postmaster.pid", f"{folder.SOCKET}.lock"):
        (server.data / name).write_text(f"{os.getpid()}\n{server.data}\n1\n5432\n.\n\n  1 2\nready   \n")
    with cluster.start(home, binaries, durable=False) as server:
        assert kept(server) == [1]


def test_a_home_with_a_long_name_has_a_short_one_for_its_socket(tmp_path: Path, binaries: Binaries) -> None:
    home = tmp_path / ("long-" * 20) / "home"
    with cluster.start(home, binaries, durable=False) as server:
        write(server, 1)
        short = Path(server.record.sockets)
        assert short.is_symlink()
        assert short.parent.stat().st_mode & 0o777 == 0o700
        assert folder.url_of_running(home) == server.url()
        os.kill(server.pid, signal.SIGKILL)
        server.wait(10)
    assert not short.parent.exists()


def test_the_short_name_of_a_home_whose_supervisor_was_killed_is_used_again(tmp_path: Path, binaries: Binaries) -> None:
    home = tmp_path / ("long-" * 20) / "home"
    supervisor, _ = supervised(home)
    with supervisor:
        record = folder.running(home)
        supervisor.kill()
    assert record is not None
    with cluster.start(home, binaries, durable=False) as server:
        assert server.record.sockets == record.sockets
    assert not Path(record.sockets).parent.exists()


def test_what_it_can_not_start_with_is_said(home: Path, binaries: Binaries) -> None:
    with cluster.start(home, binaries, durable=False) as server:
        control = server.data / "global" / "pg_control"
    content = control.read_bytes()
    control.write_bytes(bytes(len(content)))
    with pytest.raises(PostgresError, match="did not start"):
        cluster.start(home, binaries)
    control.write_bytes(content)
    cluster.start(home, binaries).stop()


def test_data_of_a_newer_version_is_refused(home: Path, binaries: Binaries) -> None:
    (home / "postgres" / "99").mkdir(parents=True)
    with pytest.raises(PostgresError, match="written by PostgreSQL 99") as raised:
        cluster.start(home, binaries)
    assert raised.value.do == "Install PostgreSQL 99 or newer"


def test_a_home_that_can_not_be_made_is_an_error(tmp_path: Path, binaries: Binaries) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PostgresError, match="can't be made"):
        cluster.start(tmp_path / "file" / "home", binaries)


def as_nobody(words: list[str], *fds: int) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        words,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        pass_fds=fds,
        capture_output=True,
        text=True,
        cwd="/",
        env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
    )


def python_of_everybody() -> str:
    """One that `nobody` can start and that has what we need; root's own may lie below /root."""
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            if as_nobody([python, "-c", "import rightshift.console.postgres.cluster"]).returncode == 0:
                return python
        except OSError:
            continue
    pytest.skip("no Python that an unprivileged user can start")


@as_root
def test_started_by_root_it_is_nobody_at_all(home: Path, binaries: Binaries) -> None:
    with cluster.start(home, binaries, durable=False) as server:
        status = dict(
            line.split(":\t", 1)
            for line in Path(f"/proc/{server.pid}/status").read_text().splitlines()
            if ":\t" in line
        )
        uids = {int(uid) for uid in status["Uid"].split()}
        assert len(uids) == 1
        assert not uids & {0, NOBODY}
        assert status["Groups"].strip() == ""
        assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
        assert status["NoNewPrivs"] == "1"
        owners = {os.stat(path).st_uid for path in (server.data, *server.data.rglob("*"))}
        assert owners == uids


@as_root
def test_nobody_else_gets_in_even_past_the_folders_and_the_socket_s_mode(home: Path, binaries: Binaries) -> None:
    def tried(url: str, *fds: int) -> str:
        words = [str(binaries.program("psql")), "-X", "-w", "-c", "SELECT 'connected'", url]
        done = as_nobody(words, *fds)
        return done.stdout + done.stderr

    with cluster.start(home, binaries, durable=False) as server:
        assert "Permission denied" in tried(server.url())
        assert "Permission denied" in tried(f"postgresql://rightshift@/rightshift?host=/proc/{server.pid}/cwd")
        fd = os.open(server.data, os.O_RDONLY)
        inherited = f"host=/proc/self/fd/{fd} dbname=rightshift user="
        assert "Permission denied" in tried(inherited + "rightshift", fd)
        server.data.chmod(0o755)
        (server.data / folder.SOCKET).chmod(0o777)
        for role in ("rightshift", "rightshift_admin"):
            assert "Peer authentication failed" in tried(inherited + role, fd)
        os.close(fd)


@as_root
def test_an_ordinary_user_keeps_it_as_himself(
    home: Path, binaries: Binaries, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with tempfile.TemporaryDirectory() as place:
        os.chown(place, NOBODY, NOBODY)
        code = SUPERVISOR.replace("sys.stdin.read()", "print(server.url()); server.stop()")
        done = as_nobody([python_of_everybody(), "-c", code, f"{place}/home"])
        assert done.returncode == 0, done.stderr
        assert "postgresql://" in done.stdout
        assert Path(f"{place}/home/postgres").stat().st_mode & 0o777 == 0o700
        with pytest.raises(PostgresError, match="belongs to another user"):
            cluster.start(Path(place) / "home", binaries)
