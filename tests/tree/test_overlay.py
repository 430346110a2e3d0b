"""An unpacked layer gives the same as its archive; overlayfs' marks become changes, what can't be told a gap."""

import os
import stat
import tarfile
from pathlib import Path

import pytest

from rightshift.tree.changes import key
from rightshift.tree.file import MemoryFile
from rightshift.tree.layers import LayerReader, Outcome
from rightshift.tree.overlay import DiffReader
from rightshift.tree.whiteouts import Stack
from tests.tree.wanted import ELF, Ends, sorted_out

WANTS = Ends("a.lock", "dpkg/status", executables=True)


@pytest.fixture
def diff(tmp_path: Path) -> Path:
    folder = tmp_path / "diff"
    folder.mkdir()
    (folder / "usr").mkdir()
    return folder


def read(diff: Path, **options: object) -> tuple[dict[str, bytes], dict[str, str], Outcome]:
    fd = os.open(diff, os.O_RDONLY)
    try:
        reader = DiffReader(fd, WANTS, **options)  # type: ignore[arg-type]
        found, gaps, _ = sorted_out(reader)
        return found, gaps, reader.outcome
    finally:
        os.close(fd)


def marked(folder: Path, name: str, value: bytes) -> None:
    try:
        os.setxattr(folder, name, value)
    except OSError as error:
        pytest.skip(f"no such attributes here: {error}")


def test_it_gives_what_the_archive_of_the_same_folder_gives(diff: Path, tmp_path: Path) -> None:
    (diff / "usr/bin").mkdir()
    (diff / "usr/bin/x").write_bytes(ELF)
    (diff / "usr/bin/x").chmod(0o755)
    (diff / "usr/a.lock").write_bytes(b"lock")
    (diff / "a.lock").symlink_to("usr/other")
    (diff / "usr/other").write_bytes(b"no")
    (diff / "lib").symlink_to("/usr/lib")
    (diff / os.fsdecode(b"\xff")).write_bytes(b"")
    with tarfile.open(tmp_path / "layer.tar", "w") as archive:
        for child in sorted(diff.iterdir()):
            archive.add(child, child.name)
    as_archive = LayerReader(MemoryFile("", (tmp_path / "layer.tar").read_bytes()), WANTS)
    expected, _, _ = sorted_out(as_archive)
    found, gaps, outcome = read(diff)
    assert (found, gaps) == (expected, {})
    there, here = as_archive.outcome.changes, outcome.changes
    assert (here.files, here.folders, here.links, here.wanted) == (
        there.files,
        there.folders,
        there.links,
        there.wanted,
    )
    assert (outcome.digest, outcome.diff_id) == ("", "")
    assert Stack([here]).resolve("a.lock") == (0, "usr/other")


def test_exact_paths_are_given_besides_what_is_wanted(diff: Path) -> None:
    (diff / "usr/other").write_bytes(b"target")
    assert read(diff, also={"usr/other": 100})[0] == {"usr/other": b"target"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_device_0_0_is_a_whiteout_and_another_device_a_file(diff: Path) -> None:
    os.mknod(diff / "usr/gone", stat.S_IFCHR, os.makedev(0, 0))
    os.mknod(diff / "a.lock", stat.S_IFCHR, os.makedev(1, 5))
    found, gaps, outcome = read(diff)
    assert (found, list(gaps)) == ({}, ["a.lock"])
    assert list(outcome.changes.removed) == [key("usr/gone")]
    assert list(outcome.changes.files) == [key("a.lock")]


def test_whiteouts_by_name_are_read_as_in_an_archive(diff: Path) -> None:
    for name in (".wh.x", ".wh..wh..opq", ".wh.."):
        (diff / "usr" / name).write_bytes(b"")
    _, gaps, outcome = read(diff)
    assert list(outcome.changes.removed) == [key("usr/x")]
    assert list(outcome.changes.opaque) == [key("usr")]
    assert list(gaps) == ["usr/.wh.."]


@pytest.mark.parametrize("name", ["user.overlay.opaque", "user.fuseoverlayfs.opaque", "trusted.overlay.opaque"])
def test_an_opaque_folder_by_its_attribute(diff: Path, name: str) -> None:
    marked(diff / "usr", name, b"y")
    assert list(read(diff)[2].changes.opaque) == [key("usr")]


def test_a_renamed_folder_and_a_file_without_its_content_are_gaps(diff: Path) -> None:
    marked(diff / "usr", "user.overlay.redirect", b"/old")
    (diff / "usr/a.lock").write_bytes(bytes(100))
    marked(diff / "usr/a.lock", "user.overlay.metacopy", b"")
    found, gaps, _ = read(diff)
    assert (found, set(gaps)) == ({}, {"usr", "usr/a.lock"})


def test_a_folder_and_a_fifo_where_a_file_belongs_are_gaps(diff: Path) -> None:
    (diff / "dpkg/status").mkdir(parents=True)
    os.mkfifo(diff / "usr/a.lock")
    assert set(read(diff)[1]) == {"dpkg/status", "usr/a.lock"}


def test_the_outcome_is_only_there_at_the_end(diff: Path) -> None:
    fd = os.open(diff, os.O_RDONLY)
    try:
        with pytest.raises(ValueError, match="not read to its end"):
            _ = DiffReader(fd, WANTS).outcome
    finally:
        os.close(fd)
