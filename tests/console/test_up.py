"""The whole console as a program: it says where it is, keeps its processes running, and stops all of them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from rightshift.console import up
from rightshift.errors import UsageError


@pytest.mark.parametrize(
    ("text", "host", "port", "url"),
    [
        ("127.0.0.1:8420", "127.0.0.1", 8420, "http://127.0.0.1:8420"),
        ("8420", "127.0.0.1", 8420, "http://127.0.0.1:8420"),
        (":8420", "0.0.0.0", 8420, "https://0.0.0.0:8420"),
        ("[::1]:1", "::1", 1, "http://[::1]:1"),
        ("console.example:443", "console.example", 443, "https://console.example:443"),
    ],
)
def test_where_to_listen(text: str, host: str, port: int, url: str) -> None:
    found = up.listen(text)
    assert (found.host, found.port, found.url) == (host, port, url)


@pytest.mark.parametrize("text", ["", "localhost", "localhost:", "a:b", "1.2.3.4:99999", "x:-1", "x:１"])
def test_where_not_to_listen(text: str) -> None:
    with pytest.raises(UsageError):
        up.listen(text)


def test_a_port_that_is_taken_is_said_at_once() -> None:
    with up.bound(up.listen("127.0.0.1:0")) as taken, pytest.raises(up.UpError, match="listened on"):
        up.bound(up.Listen(host="127.0.0.1", port=taken.getsockname()[1]))


@contextmanager
def console(home: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    environ = {**os.environ, "RIGHTSHIFT_HOME": str(home), "RIGHTSHIFT_OFFLINE": "1"}
    command = [
        sys.executable,
        "-m",
        "rightshift",
        "up",
        "--json",
        "--no-sensor",
        "--listen",
        f"127.0.0.1:{free()}",
        *words,
    ]
    with (home.parent / "log").open("a") as log:
        process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout
        said = process.stdout.readline()
        assert said, (home.parent / "log").read_text()
        yield process, json.loads(said)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        assert process.stdout
        process.stdout.close()


def free() -> int:
    with up.bound(up.listen("127.0.0.1:0")) as found:
        return int(found.getsockname()[1])


def children(pid: int) -> dict[str, int]:
    """The console's processes by the name of their module."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            words = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
            if "-m" in words:
                found[words[words.index("-m") + 1].rpartition(".")[2]] = int(child)
    return found


def ready(url: str) -> bool:
    try:
        return urllib3.request("GET", f"{url}/readyz", timeout=5, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def until(what: str, holds: object, timeout_s: float = 20) -> None:
    end = time.monotonic() + timeout_s
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end, what
        time.sleep(0.05)


def test_it_is_up_comes_back_from_kills_and_stops_as_a_whole(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with console(home) as (process, said):
        assert said["link"]
        assert ready(said["url"])
        before = children(process.pid)
        assert before.keys() >= {"app", "deriving", "worker"}
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        until("all are back", lambda: not set(children(process.pid).values()) & set(before.values()))
        until("it answers again", lambda: ready(said["url"]))
        running = children(process.pid)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        assert time.monotonic() - began < 10
        assert process.returncode == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in running.values())
    with console(home) as (_, again):
        assert again["link"]
        assert again["link"] != said["link"]


def test_what_it_kept_ends_with_it_so_that_it_can_be_started_again_at_once(tmp_path: Path) -> None:
    home, where = tmp_path / "home", f"127.0.0.1:{free()}"
    with console(home, "--listen", where) as (process, _):
        running = children(process.pid)
        process.kill()
        process.wait()
        until("all have ended", lambda: not any(Path(f"/proc/{pid}").exists() for pid in running.values()))
    with console(home, "--listen", where) as (_, said):
        assert ready(said["url"])


def test_a_home_is_for_one_console(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with console(home):
        environ = {**os.environ, "RIGHTSHIFT_HOME": str(home)}
        command = [sys.executable, "-m", "rightshift", "up", "--listen", f"127.0.0.1:{free()}"]
        second = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 1
    assert "Two servers on one folder" in second.stderr
