"""Nothing below a folder leads out of it, and nothing special is opened."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from rightshift.errors import SourceError
from rightshift.source import below


@pytest.fixture
def root(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/file").write_bytes(b"12345")
    (tmp_path.parent / "outside").write_bytes(b"outside")
    fd = below.open_root(tmp_path)
    yield fd
    os.close(fd)


def test_a_file_is_read_whole(root: int) -> None:
    assert below.read(root, "folder/file", 5) == b"12345"


def test_a_file_over_its_limit_is_refused(root: int) -> None:
    with pytest.raises(SourceError, match="larger than the 4 bytes"):
        below.read(root, "folder/file", 4)


def test_a_missing_file_is_told_apart_from_a_refused_one(root: int) -> None:
    with pytest.raises(FileNotFoundError):
        below.read(root, "folder/none", 5)
    with pytest.raises(FileNotFoundError):
        below.read(root, "none/file", 5)


@pytest.mark.parametrize("path", ["../outside", "folder/../../outside", "..", "folder/./file"])
def test_dots_do_not_lead_out(root: int, path: str) -> None:
    with pytest.raises(SourceError):
        below.read(root, path, 100)


def test_links_are_refused_at_the_end_and_on_the_way(root: int, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("folder/file")
    (tmp_path / "way").symlink_to("folder")
    with pytest.raises(SourceError, match="is a link"):
        below.read(root, "link", 100)
    with pytest.raises(SourceError, match="a link"):
        below.read(root, "way/file", 100)


def test_pipes_and_sockets_are_refused_without_waiting(
    root: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        with pytest.raises(SourceError, match="no regular file"):
            below.open_file(root, "socket")
    with pytest.raises(SourceError, match="no regular file"):
        below.open_file(root, "pipe")


def test_no_descriptor_is_left_open(root: int, tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    (tmp_path / "link").symlink_to("folder/file")
    for path in ("link", "none", "folder/none", "folder/file/x", "../x"):
        with pytest.raises((SourceError, FileNotFoundError)):
            below.open_file(root, path)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_root_that_is_no_folder_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SourceError, match="not a directory"):
        below.open_root(tmp_path / "file")
