"""A reader that was taken over can do nothing, and one that never ends or falls over costs one file."""

import mmap
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from rightshift.catalog.index import Index
from rightshift.scan import parts
from rightshift.scan.budget import Budget
from rightshift.scan.channel import Job
from rightshift.scan.crew import Crew
from rightshift.tree.material import TreeMaterial
from tests.scan import planted

QUICK = Budget(file_s=0.5, silence_s=1.5, total_s=60)


def put(tree: TreeMaterial, **files: str) -> None:
    for name, content in files.items():
        Path(f"/proc/self/fd/{tree.fd}/{name}").write_text(content)


def read(tree: TreeMaterial, index: Index, budget: Budget = QUICK) -> parts.Read:
    with Crew(lambda: index) as crew:
        return parts.read(crew, tree, budget, [Job(0)])


def versions(done: parts.Read) -> dict[str, str]:
    return {p.name: p.version for reading in done.results[0].readings for p in reading.packages}


def test_it_has_no_network_no_program_no_other_user_and_nothing_to_write(tree: TreeMaterial, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("secret")
    index = planted.index(
        connects=planted.connects,
        runs=planted.runs,
        traces=planted.traces,
        writes=planted.writes,
        reads=planted.reads,
        becomes_another=planted.becomes_another,
    )
    put(tree, connects="", runs="", traces="", becomes_another="", writes=str(tmp_path / "made"), reads=str(outside))
    done = read(tree, index)
    assert versions(done) == {
        "connects": "EPERM",
        "runs": "EPERM",
        "traces": "EPERM",
        "becomes_another": "EPERM",
        "writes": "EACCES",
        "reads": "EACCES",
    }
    assert not (tmp_path / "made").exists()


def test_the_walls_that_stand_are_named(tree: TreeMaterial) -> None:
    done = read(tree, planted.index(good=planted.good))
    assert set(done.walls) >= {"rlimits", "no-new-privileges", "seccomp"}
    assert {wall.partition(":")[0] for wall in done.missing_walls} | set(done.walls) >= {"landlock", "capabilities"}


@pytest.mark.parametrize(
    ("reader", "reason"),
    [
        (planted.spins, "took longer than"),
        (planted.spins_deaf, "took longer than"),
        (planted.crashes, "SIGSEGV"),
        (planted.leaves, "ended by itself"),
        (planted.eats, "MemoryError"),
        (planted.lies, "can't be understood"),
    ],
)
def test_what_one_file_does_costs_that_file(tree: TreeMaterial, reader: object, reason: str) -> None:
    put(tree, a="first", bad="", z="last")
    done = read(tree, planted.index(a=planted.good, bad=reader, z=planted.good))  # type: ignore[arg-type]
    assert versions(done) == {"a": "first", "z": "last"}
    (gap,) = done.results[0].gaps
    assert gap.path == "bad"
    assert reason in gap.reason


FRESH = """
import os, sys
from rightshift.model.inventory import Subject
from rightshift.scan.crew import Crew
from tests.scan import planted
with Crew(lambda: planted.index(a=planted.loads_all_readers)) as crew:
    from rightshift.scan import parts
    from rightshift.scan.budget import Budget
    from rightshift.scan.channel import Job
    from rightshift.tree.material import TreeMaterial
    fd = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECTORY)
    tree = TreeMaterial(subject=Subject(kind="directory", name="tree"), fd=fd)
    done = parts.read(crew, tree, Budget(), [Job(0)])
print(done.results[0])
"""


def test_every_reader_can_be_loaded_behind_the_walls(tree: TreeMaterial, tmp_path: Path) -> None:
    put(tree, a="")
    fresh = subprocess.run(  # this process has loaded too much already
        [sys.executable, "-c", FRESH, str(tmp_path / "tree")],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert "version='loaded'" in fresh.stdout, fresh.stderr + fresh.stdout


def test_when_the_time_is_used_up_nothing_is_claimed(tree: TreeMaterial) -> None:
    put(tree, bad="")
    done = read(tree, planted.index(bad=planted.spins), Budget(file_s=60, silence_s=60, total_s=0.2))
    assert not done.results
    assert "time" in done.refused[0]


def test_a_large_program_may_fork_it(tree: TreeMaterial) -> None:
    large = mmap.mmap(-1, 4 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)  # reserved, never touched
    put(tree, a="first", bad="")
    done = read(tree, planted.index(a=planted.starts_a_thread, bad=planted.eats))
    large.close()
    assert versions(done) == {"a": "ended"}
    assert [gap.path for gap in done.results[0].gaps] == ["bad"]


def children() -> set[str]:
    """Of this process, whichever test or thread started them."""
    found: set[str] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            found |= set((task / "children").read_text().split())
    return found


def test_no_child_is_left(tree: TreeMaterial) -> None:
    put(tree, a="first")
    before = children()
    read(tree, planted.index(a=planted.good))
    assert children() == before
