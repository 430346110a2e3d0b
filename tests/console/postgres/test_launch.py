"""What a program is before it becomes the server: without rights, and bound to whoever started it."""

import os
import select
import subprocess
import sys

import pytest

from rightshift.console.postgres import launch

LAUNCHER = launch.__file__
PARENT = """
import os, subprocess, sys
launcher, *words = sys.argv[1:]
started = subprocess.Popen([sys.executable, "-I", "-S", launcher, str(os.getpid()), *words], stdout=subprocess.PIPE)
print(started.pid, started.stdout.readline().decode().strip(), flush=True)
sys.stdin.read()
"""
WAITS = ["/bin/sh", "-c", "echo ready; exec sleep 600"]


def launched(parent: int, uid: int, *program: str) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-I", "-S", LAUNCHER, str(parent), str(uid), str(uid), *program]
    return subprocess.run(words, capture_output=True, text=True)


def status(said: str) -> dict[str, list[str]]:
    return {line.split(":")[0]: line.split(":")[1].split() for line in said.splitlines()}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_as_root_it_becomes_somebody_without_groups_and_rights() -> None:
    shown = status(launched(0, 60_800, "/bin/cat", "/proc/self/status").stdout)
    assert shown["Uid"] == shown["Gid"] == ["60800"] * 4
    assert shown["Groups"] == []
    for capabilities in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
        assert int(shown[capabilities][0], 16) == 0
    assert shown["NoNewPrivs"] == ["1"]


def test_files_that_it_makes_are_its_own_alone() -> None:
    said = launched(0, os.geteuid() or 60_800, "/bin/sh", "-c", "umask").stdout
    assert int(said, 8) == 0o077


def test_one_whose_parent_is_gone_already_does_not_begin() -> None:
    done = launched(1, os.geteuid() or 60_800, "/bin/echo", "began")
    assert (done.returncode, done.stdout) == (1, "")
    assert "is gone" in done.stderr


def test_it_is_interrupted_when_its_parent_is_killed() -> None:
    uid = str(os.geteuid() or 60_800)
    words = [sys.executable, "-c", PARENT, LAUNCHER, uid, uid, *WAITS]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid, said = parent.stdout.readline().split()
        assert said == "ready"
        child = os.pidfd_open(int(pid))
        parent.kill()
        ended, _, _ = select.select([child], [], [], 10)
        os.close(child)
    assert ended
