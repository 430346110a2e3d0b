"""A folder that a child reads, empty to begin with."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rightshift.model.inventory import Subject
from rightshift.tree.material import TreeMaterial


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[TreeMaterial]:
    """It is `tree` in the test's own folder."""
    (tmp_path / "tree").mkdir()
    fd = os.open(tmp_path / "tree", os.O_RDONLY | os.O_DIRECTORY)
    yield TreeMaterial(subject=Subject(kind="directory", name="tree"), fd=fd)
    os.close(fd)
