"""Where links below a folder lead: never outside, never round for ever, and to no special file."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rightshift.tree import links


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "a/b").mkdir(parents=True)
    (root / "a/b/file").write_text("inside")
    (tmp_path / "file").write_text("outside")
    return root


@pytest.fixture
def root(tree: Path) -> Iterator[int]:
    fd = os.open(tree, os.O_RDONLY | os.O_DIRECTORY)
    before = len(os.listdir("/proc/self/fd"))
    yield fd
    assert len(os.listdir("/proc/self/fd")) == before
    os.close(fd)


def opened(root: int, path: str) -> tuple[str, bytes] | None:
    found = links.open_file(root, path)
    if found is None:
        return None
    content = os.read(found.fd, 100)
    os.close(found.fd)
    return found.path, content


@pytest.mark.parametrize("target", ["a/b/file", "/a/b/file", "./a/../a/b/file", "/../../a/b/file", "a//b/./file"])
def test_a_link_to_a_file_inside_gives_it_under_its_real_path(tree: Path, root: int, target: str) -> None:
    (tree / "link").symlink_to(target)
    assert opened(root, "link") == ("a/b/file", b"inside")


def test_a_link_out_of_the_root_ends_at_the_root(tree: Path, root: int) -> None:
    (tree / "out").symlink_to("../file")
    with pytest.raises(FileNotFoundError):
        opened(root, "out")
    (tree / "file").write_text("at the top")
    assert opened(root, "out") == ("file", b"at the top")


def test_links_that_go_round_end(tree: Path, root: int) -> None:
    (tree / "x").symlink_to("y")
    (tree / "y").symlink_to("x")
    (tree / "deeper").symlink_to("deeper/more")
    for path in ("x", "deeper"):
        with pytest.raises(OSError, match="Too many levels"):
            opened(root, path)


def test_what_is_no_regular_file_is_not_opened(tree: Path, root: int) -> None:
    os.mkfifo(tree / "pipe")
    (tree / "link").symlink_to("pipe")
    assert [opened(root, path) for path in ("pipe", "link", "a", "")] == [None] * 4
    with pytest.raises(NotADirectoryError):
        opened(root, "a/b/file/more")


def test_the_real_folder_behind_links(tree: Path, root: int) -> None:
    (tree / "short").symlink_to("/a")
    (tree / "a/up").symlink_to("..")
    assert links.real_folder(root, "short/b") == "a/b"
    assert links.real_folder(root, "a/up/a/b") == "a/b"
    assert links.real_folder(root, "a/up") == ""
    assert links.real_folder(root, "short/b/file") is None
    with pytest.raises(FileNotFoundError):
        links.real_folder(root, "short/none")


parts = st.sampled_from(["a", "b", "file", "..", ".", "", "x", "y", "z"])
paths = st.lists(parts, max_size=6).map("/".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(targets=st.lists(paths.filter(bool), min_size=3, max_size=3), path=paths)
def test_no_links_lead_outside(targets: list[str], path: str, tree: Path, root: int) -> None:
    for name, target in zip("xyz", targets, strict=True):
        (tree / name).unlink(missing_ok=True)
        (tree / name).symlink_to(target)
    try:
        found = opened(root, path)
    except OSError:
        return
    assert found in (None, ("a/b/file", b"inside"))
