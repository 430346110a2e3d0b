"""A real console for commands: the API as a process of its own on loopback, over an embedded PostgreSQL."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import urllib3

from rightshift.cli.main import main
from rightshift.console import up
from rightshift.console.auth.first import first_link
from rightshift.console.postgres import cluster
from rightshift.console.store import pool as pools
from tests.console.conftest import server

__all__ = ["server"]
PASSWORD = "a horse that counts staples"


@dataclass(frozen=True)
class Running:
    """Where it answers and where it keeps what it knows; `admin` is the name of its administrator."""

    url: str
    database: str
    admin: str = "admin"
    password: str = PASSWORD


@pytest.fixture(scope="module")
def running(server: cluster.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One console for the tests of a module; what one of them adds the others see."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE rightshift STRATEGY FILE_COPY OWNER rightshift")
        try:
            with _answering(server.url(name), tmp_path_factory.mktemp("console")) as url:
                _set_password(url, asyncio.run(_link(server.url(name))))
                yield Running(url, server.url(name))
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _answering(database: str, home: Path) -> Iterator[str]:
    """The API on a socket of its own, until the block ends."""
    environ = {**os.environ, "RIGHTSHIFT_HOME": str(home), "RIGHTSHIFT_DATABASE_URL": database}
    log = home / "log"
    with log.open("w") as out:
        with up.bound(up.listen("127.0.0.1:0")) as sock:
            url = f"http://127.0.0.1:{sock.getsockname()[1]}"
            command = [sys.executable, "-m", "rightshift.console.app", str(sock.fileno()), "127.0.0.1"]
            process = subprocess.Popen(command, env=environ, pass_fds=(sock.fileno(),), stderr=out, stdout=out)
        try:
            end = time.monotonic() + 30
            while not _ready(url):
                assert time.monotonic() < end
                assert process.poll() is None, log.read_text()
                time.sleep(0.05)
            yield url
        finally:
            process.terminate()
            process.wait(20)


def _ready(url: str) -> bool:
    try:
        return urllib3.request("GET", f"{url}/readyz", timeout=5, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


async def _link(database: str) -> str:
    async with pools.opened(database, most=1, name="test") as pool, pool.connection() as connection:
        link = await first_link(connection, datetime.now(UTC))
    assert link
    return link


def _set_password(url: str, link: str) -> None:
    body = {"link": link, "password": PASSWORD}
    assert urllib3.request("POST", f"{url}/api/v1/session/link", json=body).status == 201


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of configuration of this test's own; nobody is signed in."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("RIGHTSHIFT_CONSOLE", "RIGHTSHIFT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "config" / "rightshift"


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    """The administrator's password."""
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    return file


@pytest.fixture
def signed_in(
    running: Running, configured: Path, password_file: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Running]:
    """Signs the administrator in."""

    def sign_in(*more: str) -> Running:
        words = ["login", running.url, "--user", running.admin, "--password-file", str(password_file), *more]
        assert main(words) == 0
        capsys.readouterr()
        return running

    return sign_in
