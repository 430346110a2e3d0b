"""The walls around a child as the kernel tells them, and what a reader that was taken over can't do to others."""

import ctypes
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rightshift.scan import parts
from rightshift.scan.budget import Budget
from rightshift.scan.channel import Job
from rightshift.scan.crew import Crew
from rightshift.tree.material import TreeMaterial
from tests.hostile.command import running, tree_of
from tests.scan import planted
from tests.scan.planted import error_of

READ_ANY_FILE = 1 << 2
FILTERED = "2"


def answered(tree: TreeMaterial, reader: Callable[[bytes], object], content: str = "") -> str:
    """What a planted reader answers about one file, with the walls up."""
    Path(f"/proc/self/fd/{tree.fd}/bad").write_text(content)
    index = planted.index(bad=reader)
    with Crew(lambda: index) as crew:
        done = parts.read(crew, tree, Budget(file_s=5, silence_s=10, total_s=60), [Job(0)])
    (package,) = (package for reading in done.results[0].readings for package in reading.packages)
    return package.version


def _prctls(_content: bytes) -> str:
    """What the kernel says of this process without a file. Source: prctl(2), capget(2)."""
    libc = ctypes.CDLL(None)
    header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, data)
    bounding = sum(1 << number for number in range(41) if libc.prctl(23, number, 0, 0, 0) == 1)
    no_new, seccomp = libc.prctl(39, 0, 0, 0, 0), libc.prctl(21, 0, 0, 0, 0)
    return f"{no_new} {seccomp} {data[0] | data[3] << 32:x} {data[1] | data[4] << 32:x} {data[2]:x} {bounding:x}"


def test_what_the_kernel_says_of_a_child(tree: TreeMaterial) -> None:
    no_new, seccomp, effective, permitted, inheritable, bounding = answered(tree, _prctls).split()
    assert (no_new, seccomp) == ("1", FILTERED)
    assert (int(effective, 16) | int(permitted, 16)) & ~READ_ANY_FILE == 0
    assert int(inheritable, 16) == 0
    if os.geteuid() == 0:
        assert int(bounding, 16) == 0


def test_a_child_holds_nothing_but_its_ends_and_its_roots(tree: TreeMaterial, tmp_path: Path) -> None:
    secret, (near, far) = (tmp_path / "secret").open("w"), socket.socketpair()

    def open_ones(_content: bytes) -> str:
        kinds = []
        for fd in range(3, 1024):
            try:
                kinds.append(os.fstat(fd).st_mode >> 12)
            except OSError:
                continue
        return ",".join(map(str, sorted(kinds)))

    kinds = answered(tree, open_ones).split(",")
    for end in (secret, near, far):
        end.close()
    pipe, folder, regular, socket_like = "1", "4", "8", "12"
    assert kinds.count(folder) <= 2
    assert kinds.count(regular) <= 2, "the page, and the file that is read"
    assert kinds.count(socket_like) == 0
    assert set(kinds) <= {pipe, folder, regular}


def test_limits_hold_for_a_child(tree: TreeMaterial) -> None:
    def limits(_content: bytes) -> str:
        kinds = (resource.RLIMIT_NOFILE, resource.RLIMIT_CORE, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)
        return ",".join(str(bound) for kind in kinds for bound in resource.getrlimit(kind))

    found = list(map(int, answered(tree, limits).split(",")))
    budget = Budget()
    assert found[::2] == found[1::2] == [budget.open_files, 0, budget.cpu_s, budget.scratch_bytes]


def test_a_scan_as_people_run_it_reads_behind_these_walls(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "Cargo.lock").write_bytes(b"x = [\n" + b"  1,\n" * 6_000_000 + b"]\n")
    with running(["scan", "dir:tree", "--json", "--no-match"], tmp_path) as command:
        while not (
            walled := [status for pid in tree_of(command.process.pid) if (status := _status(pid))["Seccomp"] == "2"]
        ):
            assert not command.wait(0.05), "it ended by itself"
    (status,) = walled
    assert status["NoNewPrivs"] == "1"
    assert all(int(status[name], 16) & ~READ_ANY_FILE == 0 for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"))


def _status(pid: int) -> dict[str, str]:
    """The fields of a process; of one that is gone, that it has no filter. Source: proc(5), "/proc/pid/status"."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        lines = ["Seccomp: 0"]
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """Another process of the same user."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def attempt(name: str, content: bytes) -> None:
    """What a taken-over reader tries; `content` is the process or the path that it is about."""
    word = content.decode()
    match name:
        case "kill":
            os.kill(int(word), 9)
        case "limit":
            resource.prlimit(int(word), resource.RLIMIT_NOFILE, (3, 3))
        case "memory":
            os.open(f"/proc/{word}/mem", os.O_RDWR)
        case "unix":
            socket.socket(socket.AF_UNIX)
        case "netlink":
            socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
        case "packet":
            socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        case "mode":
            Path(word).chmod(0o777)
        case "time":
            os.utime(word, (0, 0))
        case "attribute":
            os.setxattr(word, "user.x", b"1")
        case "remove":
            Path(word).unlink()
        case "rename":
            Path(word).rename(word + ".new")
        case "link":
            Path(word + ".link").symlink_to("/etc/passwd")
        case "truncate":
            os.truncate(word, 0)
        case "device":
            os.mknod(word + ".dev", 0o600 | 0o020000, os.makedev(1, 3))


@pytest.mark.parametrize("name", ["kill", "limit", "memory"])
def test_it_can_do_nothing_to_another_process(
    tree: TreeMaterial, bystander: subprocess.Popen[bytes], name: str
) -> None:
    refused = answered(tree, lambda content: error_of(lambda: attempt(name, content)), str(bystander.pid))
    assert refused in ("EPERM", "EACCES")
    assert bystander.poll() is None


@pytest.mark.parametrize(
    "name", ["mode", "time", "attribute", "remove", "rename", "link", "truncate", "device", "unix", "netlink", "packet"]
)
@pytest.mark.parametrize("place", ["tree", "outside"])
def test_it_can_change_nothing(tree: TreeMaterial, tmp_path: Path, name: str, place: str) -> None:
    (tmp_path / "outside").mkdir()
    file = tmp_path / place / "file"
    file.write_text("as it was")
    before = file.stat()
    refused = answered(tree, lambda content: error_of(lambda: attempt(name, content)), str(file))
    assert refused in ("EPERM", "EACCES")
    assert file.read_text() == "as it was"
    assert (file.stat().st_mode, file.stat().st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
    assert not os.listxattr(file)
