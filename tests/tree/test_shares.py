"""All shares of a tree together are the tree, each part of it once."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.tree import root
from rightshift.tree.shares import LEAST_FOLDERS, WIDE, Share, shares
from tests.tree.wanted import Ends, sorted_out

LOCK = Ends("a.lock")
NAMES = st.sampled_from(["a", "b", "c", "d"])
TREES = st.dictionaries(st.lists(NAMES, max_size=5).map(tuple), st.binary(max_size=3), max_size=12)


@contextmanager
def opened(folder: Path) -> Iterator[int]:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    yield fd
    os.close(fd)


@given(TREES, st.integers(1, 4), st.integers(1, 4), st.sampled_from([{}, {"a": "x"}, {"b/c": "y", "d/a": "z"}]))
def test_all_shares_together_give_what_the_whole_walk_gives(
    tmp_path_factory: pytest.TempPathFactory,
    tree: dict[tuple[str, ...], bytes],
    count: int,
    depth: int,
    skip: dict[str, str],
) -> None:
    top = tmp_path_factory.mktemp("tree")
    for folder, content in tree.items():
        (top / "/".join(folder)).mkdir(parents=True, exist_ok=True)
        (top / "/".join(folder) / "a.lock").write_bytes(content)
    if tree:
        (top / "/".join(next(iter(tree))) / "x").mkdir()
        (top / "/".join(next(iter(tree))) / "x" / "a.lock").symlink_to("nowhere")
    whole = [*root.walk(str(top), LOCK, skip=skip)]
    found = [[*root.walk(str(top), LOCK, skip=skip, share=Share(number, count, depth))] for number in range(count)]
    assert sum(map(len, found)) == len(whole)
    names = [{(type(item).__name__, item.path) for item in items} for items in (whole, *found)]
    assert set.union(*names[1:]) == names[0]


def test_files_that_are_found_are_read_again_by_their_paths(tmp_path: Path) -> None:
    (tmp_path / "a.lock").write_bytes(b"one")
    (tmp_path / "link").symlink_to("a.lock")
    (tmp_path / "folder").mkdir()
    with opened(tmp_path) as fd:
        found, gaps, _ = sorted_out(root.files(fd, ["a.lock", "link", "folder", "gone"], LOCK))
    assert found["a.lock"] == b"one"
    assert gaps.keys() == {"folder", "gone"}


def test_a_small_tree_and_a_single_reader_have_no_shares(tmp_path: Path) -> None:
    with opened(tmp_path) as fd:
        assert shares(fd, 2) == ()
        for number in range(LEAST_FOLDERS):
            (tmp_path / str(number)).mkdir()
        assert shares(fd, 1) == ()
        assert {share.depth for share in shares(fd, 2)} == {3}


def test_a_wide_tree_is_shared_out_further_up(tmp_path: Path) -> None:
    for number in range(WIDE):
        (tmp_path / "node_modules" / str(number)).mkdir(parents=True)
    with opened(tmp_path) as fd:
        out = shares(fd, 2)
    assert [share.number for share in out] == [*range(out[0].count)]
    assert {share.depth for share in out} == {2}


def test_links_and_folders_that_may_not_be_opened_are_no_folders_to_share(tmp_path: Path) -> None:
    (tmp_path / "around").symlink_to(".")
    (tmp_path / "file").touch()
    with opened(tmp_path) as fd:
        assert shares(fd, 2) == ()
