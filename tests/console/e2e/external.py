"""A PostgreSQL as a distribution brings it, with its own defaults and a password; Debian's is version 15."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.console.test_up import free

PROGRAMS = Path("/usr/lib/postgresql/15/bin")


@contextmanager
def postgres() -> Iterator[tuple[str, int]]:
    """The address of an empty database that the console owns, and the server's process."""
    if not (PROGRAMS / "postgres").exists():
        pytest.skip("postgresql-15 is not installed (apt-get install postgresql-15)")
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="external-"))
    try:
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        with _running(folder, account) as (url, pid):
            yield url, pid
    finally:
        shutil.rmtree(folder)


@contextmanager
def _running(folder: Path, account: pwd.struct_passwd | None) -> Iterator[tuple[str, int]]:
    password, port, data = secrets.token_hex(16), free(), folder / "data"
    (folder / "password").write_text(password)
    (folder / "password").chmod(0o644)
    words: list[str | Path] = [
        PROGRAMS / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "scram-sha-256",
        "-E",
        "UTF8",
        "--no-locale",
    ]
    made = _start([*words, f"--pwfile={folder / 'password'}"], folder, account)
    assert made.wait(60) == 0, (folder / "log").read_text()
    settings = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories="]
    server = _start([PROGRAMS / "postgres", "-D", data, *(f"--{one}" for one in settings)], folder, account)
    try:
        with _connected(f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres") as connection:
            connection.execute(f"CREATE ROLE rightshift LOGIN PASSWORD '{password}'")
            connection.execute("CREATE DATABASE rightshift OWNER rightshift ENCODING 'UTF8' TEMPLATE template0")
        yield f"postgresql://rightshift:{password}@127.0.0.1:{port}/rightshift", server.pid
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _start(words: list[str | Path], folder: Path, account: pwd.struct_passwd | None) -> "subprocess.Popen[bytes]":
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [str(word) for word in words],
            cwd=folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )


def _account() -> pwd.struct_passwd | None:
    """PostgreSQL never runs as root."""
    if os.geteuid():
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    end = time.monotonic() + 30
    while True:
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                yield connection
                return
        except psycopg.OperationalError:
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.05)
