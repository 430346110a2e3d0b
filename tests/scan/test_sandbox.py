"""Each wall by itself, in a process that puts it up and then tries. What a reader can do behind them: test_child."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PREPARED = """
import ctypes, json, os, resource, signal, struct, sys
from pathlib import Path
from rightshift.scan import sandbox
from rightshift.scan.budget import Budget

def tried(call):
    try:
        return call()
    except OSError as error:
        return os.strerror(error.errno)

def status(key):
    return next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(key))
"""
WITHOUT = """
def lacking(number):  # answers ENOSYS to one system call, as an older kernel does
    libc = ctypes.CDLL(None)
    program = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050026), (0x06, 0, 0, 0x7FFF0000)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *one) for one in program))
    libc.prctl(38, 1, 0, 0, 0)
    libc.prctl(22, 2, ctypes.c_char_p(struct.pack("@HP", len(program), ctypes.addressof(code))), 0, 0)
"""


def run(program: str, *arguments: str) -> Any:
    """What the program prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", PREPARED + program, *arguments], capture_output=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


def test_what_is_named_can_be_read_and_nothing_else(tmp_path: Path) -> None:
    for name in ("inside", "outside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    found = run(
        """
folder = Path(sys.argv[1])
made = sandbox.confine(Budget(), [str(folder / "inside")])
inside, outside = folder / "inside/file", folder / "outside/file"
tries = (inside.read_text, outside.read_text, lambda: inside.write_text("x"))
print(json.dumps([*made.missing, *map(tried, tries)]))
""",
        str(tmp_path),
    )
    assert found in (
        ["inside", "Permission denied", "Permission denied"],
        ["landlock: Function not implemented", "inside", "outside", 1],
        ["landlock: Operation not supported", "inside", "outside", 1],
    )


def test_a_wall_that_the_kernel_lacks_is_named_and_the_others_stand() -> None:
    walls, missing, mode = run(
        WITHOUT
        + """
lacking(444)
made = sandbox.confine(Budget(), [])
print(json.dumps([made.walls, made.missing, tried(lambda: os.execv("/bin/true", ["true"]))]))
"""
    )
    assert walls == ["rlimits", "no-new-privileges", "capabilities", "seccomp"]
    assert missing == ["landlock: Function not implemented"]
    assert mode == "Operation not permitted"


def test_of_the_powers_of_root_only_reading_is_left_and_none_comes_back() -> None:
    effective, bounding, no_new, filtered = run(
        """
sandbox.confine(Budget(), ["/proc"])
print(json.dumps([status("CapEff:"), status("CapBnd:"), status("NoNewPrivs:"), status("Seccomp:")]))
"""
    )
    if os.geteuid() == 0:
        assert int(effective, 16) in (0, 1 << 2)
        assert int(bounding, 16) == 0
    else:
        assert int(effective, 16) == 0
    assert (no_new, filtered) == ("1", "2")


def test_the_budget_bounds_what_the_kernel_gives() -> None:
    limits = run(
        """
sandbox.confine(Budget(open_files=77, scratch_bytes=1 << 20, cpu_s=9), [])
kinds = (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU, resource.RLIMIT_CORE)
print(json.dumps([resource.getrlimit(kind)[0] for kind in kinds]))
"""
    )
    assert limits == [77, 1 << 20, 9, 0]


def test_memory_counts_on_top_of_what_a_process_was_born_with() -> None:
    below, above = run(
        """
sandbox.confine(Budget(address_space_bytes=256 << 20), [])
def taken(size):
    try:
        return len(bytearray(size))
    except MemoryError:
        return 0
print(json.dumps([taken(64 << 20), taken(512 << 20)]))
"""
    )
    assert (below, above) == (64 << 20, 0)


def test_a_process_ends_with_its_parent() -> None:
    program = """
reading, writing = os.pipe()
if os.fork() == 0:
    parent = os.getppid()
    sandbox.end_with_parent(parent)
    os.write(writing, b"x")
    while True:
        signal.pause()
os.read(reading, 1)
"""
    with subprocess.Popen([sys.executable, "-c", PREPARED + program], stdout=subprocess.PIPE) as parent:
        assert parent.communicate(timeout=30)[0] == b""  # the child holds it open too
    assert parent.returncode == 0


def test_a_process_whose_parent_is_gone_already_ends_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", PREPARED + "sandbox.end_with_parent(1 << 22)"], check=False)
    assert done.returncode == 1
