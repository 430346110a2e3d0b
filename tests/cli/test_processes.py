"""Real processes: the same report wherever it is made, and an end within two seconds that leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

Locked = Callable[[str, str], Path]
PROGRAM = (sys.executable, "-c", "from rightshift.cli.main import entry; entry()")
PLACES: tuple[dict[str, str], ...] = (
    {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "COLUMNS": "40"},
    {"TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "1", "HOME": "/nowhere"},
    {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2", "LANG": "de_DE"},
)


@pytest.mark.parametrize("name", ["json", "table", "csv", "markdown", "sarif", "cyclonedx", "spdx"])
def test_the_same_input_gives_the_same_report_in_any_place(
    name: str, locked: Locked, feed: Path, tmp_path: Path
) -> None:
    tree = locked("smallvec", "1.6.0")
    (tree / "broken").mkdir()
    (tree / "broken" / "Cargo.lock").write_bytes(b"\xff")
    found = set()
    for number, place in enumerate(PLACES):
        folder = tmp_path / f"place-{number}"
        folder.mkdir()
        home = folder / "home"
        home.mkdir()
        (home / "feed").symlink_to(feed)
        done = subprocess.run(
            [*PROGRAM, "scan", str(tree), "--format", name],
            capture_output=True,
            check=True,
            cwd=folder,
            env=os.environ | place | {"RIGHTSHIFT_HOME": str(home)},
            umask=(0o077, 0o022, 0)[number],
        )
        found.add(_without_time_and_id(name, done.stdout))
    assert len(found) == 1


def _without_time_and_id(name: str, content: bytes) -> str:
    """The report without what says when it was made and which one it is."""
    if name not in ("json", "cyclonedx", "spdx"):
        return content.decode()
    document = json.loads(content)
    for key in ("id", "created", "serialNumber", "documentNamespace"):
        document.pop(key, None)
    document.get("metadata", {}).pop("timestamp", None)
    document.get("creationInfo", {}).pop("created", None)
    return json.dumps(document)


@pytest.fixture
def silent_registry() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_registry_that_says_nothing_does_not_hold_it(number: int, silent_registry: int, tmp_path: Path) -> None:
    source = f"registry:127.0.0.1:{silent_registry}/app:1"
    _stops(["scan", source, "--insecure-registry", f"127.0.0.1:{silent_registry}"], number, tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_reader_in_its_child_does_not_hold_it(number: int, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "Cargo.lock").write_bytes(b"x = [\n" + b"  1,\n" * 6_000_000 + b"]\n")
    _stops(["scan", str(tree), "--no-match"], number, tmp_path)


def _stops(words: list[str], number: int, folder: Path) -> None:
    temporary = folder / "tmp"
    temporary.mkdir()
    environment = os.environ | {"TMPDIR": str(temporary), "RIGHTSHIFT_HOME": str(folder / "home")}
    program = subprocess.Popen(
        [*PROGRAM, *words], start_new_session=True, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            program.communicate(timeout=1.5)
        program.send_signal(number)
        out, said = program.communicate(timeout=10)
        assert program.returncode == 128 + number
        assert b"Traceback" not in said
        assert not out
        assert not _of_session(program.pid)
        assert not list(temporary.iterdir())
    finally:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()


def _of_session(session: int) -> list[str]:
    """Processes of a session that are still there; one that was just killed may need a moment to go."""
    for _ in range(50):
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError, IndexError):
                if entry.name.isdecimal():
                    after_name = (entry / "stat").read_text().rpartition(") ")[2].split()
                    if int(after_name[3]) == session and after_name[0] != "Z":
                        found.append(entry.name)
        if not found:
            return []
        time.sleep(0.02)
    return found


WITHOUT_LANDLOCK = """
import ctypes, struct
libc = ctypes.CDLL(None, use_errno=True)
program = [(0x20, 0, 0, 0), (0x15, 0, 1, 444), (0x06, 0, 0, 0x00050000 | 38), (0x06, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *one) for one in program))
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.c_char_p(struct.pack("@HP", len(program), ctypes.addressof(code))), 0, 0) == 0
"""
"""
Answers ENOSYS to landlock_create_ruleset, as an older kernel does.

Source: seccomp(2); the number is the same on every machine.
"""


def test_a_wall_that_the_kernel_lacks_is_said_and_written_and_nothing_is_partial(locked: Locked, feed: Path) -> None:
    program = [sys.executable, "-c", WITHOUT_LANDLOCK + PROGRAM[2], "scan", str(locked("smallvec", "1.6.0"))]
    assert feed.exists()
    done = subprocess.run([*program, "--json"], capture_output=True, text=True, check=True)
    note = "a wall around what reads foreign files is missing here: landlock: Function not implemented"
    assert done.stderr == f"rightshift: {note}\n"
    document = json.loads(done.stdout)
    assert (document["status"], document["notes"]) == ("complete", [note])
    assert subprocess.run([*program, "--json", "-q"], capture_output=True, text=True, check=True).stderr == ""
