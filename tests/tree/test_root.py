"""What a walk gives of a directory, what it leaves out and says, and that nothing leads it outside."""

import errno
import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from rightshift.model.inventory import Gap
from rightshift.tree import root
from rightshift.tree.entry import Body, Limits
from tests.tree.wanted import ELF, Ends, bodies, sorted_out

LOCK = Ends("a.lock")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder to walk, beside one that nothing of may be read."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.lock").write_text("secret")
    (tmp_path / "outside" / "status").write_text("secret")
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


def put(tree: Path, path: str, content: bytes = b"x", mode: int = 0o644) -> Path:
    file = tree / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    file.chmod(mode)
    return file


def test_wanted_files_come_in_the_order_of_their_names_and_before_those_of_folders(tree: Path) -> None:
    for path in ("b/a.lock", "a/a.lock", "a/b/a.lock", "a.lock", "c/other", "Z/a.lock"):
        put(tree, path, path.encode())
    found = bodies(root.walk(str(tree), LOCK))
    assert list(found) == ["a.lock", "Z/a.lock", "a/a.lock", "a/b/a.lock", "b/a.lock"]
    assert all(content == path.encode() for path, content in found.items())


def test_a_descriptor_serves_as_well_and_stays_open(tree: Path) -> None:
    put(tree, "x/a.lock")
    fd = os.open(tree, os.O_RDONLY)
    try:
        assert bodies(root.walk(fd, LOCK)) == bodies(root.walk(fd, LOCK)) == {"x/a.lock": b"x"}
        os.fstat(fd)
    finally:
        os.close(fd)


def test_no_descriptor_is_left_open_when_the_reader_stops_early(tree: Path) -> None:
    for i in range(5):
        put(tree, f"{i}/a.lock")
    before = len(os.listdir("/proc/self/fd"))
    walk = root.walk(str(tree), LOCK)
    next(walk)
    walk.close()  # type: ignore[attr-defined]
    assert len(os.listdir("/proc/self/fd")) == before


def test_permission_bits_come_along(tree: Path) -> None:
    put(tree, "a.lock", mode=0o750)
    (body,) = root.walk(str(tree), LOCK)
    assert isinstance(body, Body)
    assert body.mode == 0o750


def test_a_name_that_is_no_utf_8_is_shown_escaped_and_read(tree: Path) -> None:
    (tree / os.fsdecode(b"\xff\xc3\xa9")).mkdir()
    Path(os.fsdecode(os.fsencode(tree) + b"/\xff\xc3\xa9/a.lock")).write_text("ok")
    assert bodies(root.walk(str(tree), LOCK)) == {"\\xffé/a.lock": b"ok"}


def test_executables_by_their_first_bytes(tree: Path) -> None:
    put(tree, "bin/program", ELF, 0o755)
    put(tree, "lib/libx.so.1.2", ELF)
    put(tree, "lib/x.dll", b"MZ" + bytes(5000))
    put(tree, "mac", b"\xcf\xfa\xed\xfe" + bytes(5000), 0o755)
    put(tree, "fat", b"\xca\xfe\xba\xbe\0\0\0\2" + bytes(5000), 0o755)
    put(tree, "java", b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(5000), 0o755)
    put(tree, "script", b"#!/bin/sh\n" + b" " * 5000, 0o755)
    put(tree, "tiny", ELF[:60], 0o755)
    put(tree, "data.json", ELF, 0o755)
    wants = Ends(executables=True)
    assert set(bodies(root.walk(str(tree), wants))) == {"bin/program", "lib/libx.so.1.2", "lib/x.dll", "mac", "fat"}
    assert not bodies(root.walk(str(tree), Ends()))


def test_a_link_to_a_folder_is_not_entered(tree: Path) -> None:
    put(tree, "real/a.lock")
    (tree / "link").symlink_to("real")
    (tree / "self").symlink_to(".")
    (tree / "out").symlink_to("../outside")
    assert sorted_out(root.walk(str(tree), LOCK)) == ({"real/a.lock": b"x"}, {}, {})


def test_a_wanted_link_gives_a_file_that_is_not_given_by_its_own_path(tree: Path) -> None:
    put(tree, "store/1234", b"kept elsewhere")
    put(tree, "store/a.lock", b"own")
    for name, target in (("one", "../store/1234"), ("abs", "/store/1234"), ("two", "../store/a.lock")):
        (tree / name).mkdir()
        (tree / name / "a.lock").symlink_to(target)
    assert bodies(root.walk(str(tree), LOCK)) == {
        "one/a.lock": b"kept elsewhere",
        "abs/a.lock": b"kept elsewhere",
        "store/a.lock": b"own",
    }


@pytest.mark.parametrize(
    "target",
    ["../outside/a.lock", "/outside/a.lock", "../../outside/a.lock", "nothing", "a.lock", "/proc/self/environ"],
)
def test_a_wanted_link_that_leads_to_nothing_inside_is_a_gap(tree: Path, target: str) -> None:
    (tree / "a.lock").symlink_to(target)
    found, gaps, _ = sorted_out(root.walk(str(tree), LOCK))
    assert (found, list(gaps)) == ({}, ["a.lock"])


def test_links_in_a_circle_and_through_folders_end(tree: Path) -> None:
    (tree / "x").symlink_to("y/b")
    (tree / "y").symlink_to("x/c")
    (tree / "a.lock").symlink_to("x/y/z")
    _, gaps, _ = sorted_out(root.walk(str(tree), LOCK))
    assert gaps == {"a.lock": f"a link that leads to nothing inside: {os.strerror(errno.ELOOP)}"}


def test_what_is_no_regular_file_is_never_opened(tree: Path) -> None:
    os.mkfifo(tree / "a.lock")
    (tree / "x").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tree / "x" / "a.lock"))
    (tree / "y").mkdir()
    (tree / "y" / "a.lock").symlink_to("../a.lock")
    found, gaps, _ = sorted_out(root.walk(str(tree), LOCK))
    assert (found, sorted(gaps)) == ({}, ["a.lock", "x/a.lock"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_device_is_never_opened(tree: Path) -> None:
    os.mknod(tree / "a.lock", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    os.mknod(tree / "program", stat.S_IFCHR | 0o777, os.makedev(1, 5))
    found, gaps, _ = sorted_out(root.walk(str(tree), Ends("a.lock", executables=True)))
    assert (found, list(gaps)) == ({}, ["a.lock"])


def test_a_folder_where_a_database_belongs_is_a_loss_and_one_of_a_common_name_is_not(tree: Path) -> None:
    put(tree, "var/lib/dpkg/status/x")
    (tree / "release").mkdir()
    (tree / "x.jar").mkdir()
    _, gaps, _ = sorted_out(root.walk(str(tree), Ends("lib/dpkg/status", "release", "*.jar")))
    assert list(gaps) == ["var/lib/dpkg/status"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told_by_name(tree: Path) -> None:
    put(tree, "a.lock", mode=0)
    put(tree, "closed/a.lock").parent.chmod(0)
    put(tree, "open/a.lock")
    try:
        found, gaps, _ = sorted_out(root.walk(str(tree), LOCK))
    finally:
        (tree / "closed").chmod(0o700)
    assert (set(found), set(gaps)) == ({"open/a.lock"}, {"a.lock", "closed"})


def test_folders_are_left_out_by_name_and_told_with_the_reason(tree: Path) -> None:
    put(tree, "var/lib/docker/a.lock")
    put(tree, "var/lib/other/a.lock")
    (tree / "a.lock").symlink_to("var/lib/docker/file")
    put(tree, "var/lib/docker/file")
    found, gaps, skipped = sorted_out(root.walk(str(tree), LOCK, skip={"var/lib/docker": "the store of Docker"}))
    assert (set(found), gaps, skipped) == ({"var/lib/other/a.lock"}, {}, {"var/lib/docker": "the store of Docker"})


def test_another_file_system_is_left_out_when_told() -> None:
    skipped = sorted_out(root.walk("/", Nothing(), skip=AllBut("proc"), one_file_system=True))[2]
    assert skipped["proc"] == "another file system"


class Nothing:
    executables = False

    def __call__(self, path: str) -> int:
        del path
        return 0

    def sieve(self, folder: str) -> Callable[[str], bool]:
        del folder
        return lambda _name: False


class AllBut(dict[str, str]):
    """Skips every folder of the root but one, so that the test doesn't read a whole machine."""

    def __init__(self, name: str) -> None:
        super().__init__({entry: "not for this test" for entry in os.listdir("/") if entry != name})


def test_more_entries_than_allowed_end_the_walk_with_a_gap(tree: Path) -> None:
    for i in range(20):
        put(tree, f"{i:02}/a.lock")
    found, gaps, _ = sorted_out(root.walk(str(tree), LOCK, limits=Limits(entries=25)))
    assert 0 < len(found) < 20
    assert gaps == {"": "more than 25 files and folders: the rest was not read"}


def test_a_folder_that_is_too_deep_costs_only_itself(tree: Path) -> None:
    put(tree, "1/2/3/4/5/a.lock")
    put(tree, "9/a.lock")
    found, gaps, _ = sorted_out(root.walk(str(tree), LOCK, limits=Limits(depth=3)))
    assert (set(found), list(gaps)) == ({"9/a.lock"}, ["1/2/3/4"])


def test_thousands_of_losses_are_counted_and_not_listed(tree: Path) -> None:
    for i in range(1100):
        (tree / str(i)).mkdir()
        (tree / str(i) / "a.lock").symlink_to("nothing")
    items = list(root.walk(str(tree), LOCK))
    assert len(items) == 1001
    assert items[-1] == Gap("", "100 more parts could not be read")


@pytest.fixture
def deep(tree: Path) -> Iterator[Path]:
    """3,000 folders in each other, each with a second one: longer than any path the kernel takes."""
    fd = os.open(tree, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d" * 20, dir_fd=fd)
        os.mkdir("z", dir_fd=fd)
        below = os.open("d" * 20, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
    os.close(os.open("a.lock", os.O_CREAT | os.O_WRONLY, dir_fd=fd))
    os.close(fd)
    yield tree
    _remove(tree)


def _remove(tree: Path) -> None:
    """Pulls the inner folders up again and again: nothing else removes a path of this length within the limits."""
    for step in range(4000):
        child = tree / ("d" * 20)
        if not child.exists():
            return
        (tree / "z").rmdir()
        moved = tree.with_name(f"moved{step}")
        child.rename(moved)
        tree.rmdir()
        moved.rename(tree)


def test_3000_folders_in_each_other_are_walked_with_few_descriptors(deep: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    (body,) = root.walk(str(deep), LOCK)
    assert isinstance(body, Body)
    assert body.path == "/".join(["d" * 20] * 3000 + ["a.lock"])
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_file_that_grows_while_it_is_read_ends(tree: Path) -> None:
    file = put(tree, "a.lock", b"x" * 100)
    for body in root.walk(str(tree), LOCK):
        assert isinstance(body, Body)
        with file.open("ab") as more:
            more.write(b"y" * 1000)
        assert bodies([body]) == {"a.lock": b"x" * 100}


def test_a_hole_at_the_end_of_a_file_that_is_too_large_is_left_out(tree: Path) -> None:
    file = put(tree, "a.lock", b"Package: x\n\n")
    os.truncate(file, 1 << 40)
    found, gaps, _ = sorted_out(root.walk(str(tree), LOCK))
    assert found == {"a.lock": b"Package: x\n\n"}
    assert "hole" in gaps["a.lock"]


def test_a_folder_that_changes_places_with_a_link_never_leads_outside(tree: Path) -> None:
    put(tree, "lib/dpkg/status", b"good")
    stop = Event()

    def swap() -> None:
        folder, aside = tree / "lib" / "dpkg", tree / "aside"
        while not stop.is_set():
            folder.rename(aside)
            folder.symlink_to("../../outside")
            folder.unlink()
            aside.rename(folder)

    thread = Thread(target=swap)
    thread.start()
    try:
        seen = [bodies(root.walk(str(tree), Ends("status"))) for _ in range(500)]
    finally:
        stop.set()
        thread.join()
    assert {content for found in seen for content in found.values()} <= {b"good"}


def test_a_file_that_changes_places_with_a_link_or_a_fifo_never_leads_outside_or_waits(tree: Path) -> None:
    file, other = put(tree, "a.lock", b"good"), tree / "other"
    stop = Event()

    def swap() -> None:
        while not stop.is_set():
            other.symlink_to("../outside/a.lock")
            other.replace(file)
            os.mkfifo(other)
            other.replace(file)
            other.write_bytes(b"good")
            other.replace(file)

    thread = Thread(target=swap)
    thread.start()
    try:
        seen = [bodies(root.walk(str(tree), LOCK)) for _ in range(500)]
    finally:
        stop.set()
        thread.join()
    assert {content for found in seen for content in found.values()} <= {b"good"}


def test_a_root_that_is_not_there_is_an_error(tree: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(root.walk(str(tree / "nothing"), LOCK))
