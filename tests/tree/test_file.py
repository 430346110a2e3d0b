"""Files that can be read at any place: each kind gives the same bytes, and none beyond its end."""

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rightshift.tree.file import DescriptorFile, File, MemoryFile, Within, read_whole

CONTENT = bytes(range(200))


def kinds(folder: Path) -> list[File]:
    (folder / "f").write_bytes(b"xx" + CONTENT + b"yy")
    fd = os.open(folder / "f", os.O_RDONLY)
    return [
        MemoryFile("f", CONTENT),
        DescriptorFile("f", fd, len(CONTENT), 2),
        Within("f", MemoryFile("", b"xx" + CONTENT + b"yy"), 2, len(CONTENT)),
    ]


def test_each_kind_gives_the_same(tmp_path_factory: object, tmp_path: Path) -> None:
    files = kinds(tmp_path)

    @given(st.integers(-10, 300), st.integers(-10, 300))
    def same(offset: int, length: int) -> None:
        expected = CONTENT[offset : offset + max(length, 0)] if offset >= 0 else b""
        assert [file.pread(offset, length) for file in files] == [expected] * 3

    same()
    assert all(isinstance(file, File) and read_whole(file, 1 << 20) == CONTENT for file in files)
    assert all(read_whole(file, 10) == CONTENT[:10] for file in files)


def test_a_window_ends_with_what_it_looks_at() -> None:
    assert read_whole(Within("f", MemoryFile("", b"abc"), 1, 1 << 40), 1 << 40) == b"bc"
    assert read_whole(Within("f", MemoryFile("", b"abc"), 9, 5), 1 << 40) == b""
