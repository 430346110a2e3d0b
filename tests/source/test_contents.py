"""The table of an archive: what lies where, links inside it, archives that lie. What it means: `test_archive.py`."""

import gzip
import io
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rightshift.errors import SourceError
from rightshift.source import contents
from rightshift.source.contents import Contents, Member

LARGE = bytes(range(256)) * 8_000
PACKERS: dict[str, Callable[[bytes], bytes]] = {"plain": bytes, "gzip": gzip.compress, "zstd": zstandard.compress}
packed = pytest.mark.parametrize("packer", PACKERS)


def tar(*members: tuple[str, bytes | str], kind: bytes = tarfile.SYMTYPE) -> bytes:
    """Files with content, and links (of `kind`) with a text as their target."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            if isinstance(content, str):
                member.type, member.linkname = kind, content
                archive.addfile(member)
            else:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


@contextmanager
def opened(place: Path, content: bytes) -> Iterator[Contents]:
    file = place / "archive"
    file.write_bytes(content)
    fd = os.open(file, os.O_RDONLY)
    try:
        yield Contents(fd)
    finally:
        os.close(fd)


def whole(table: Contents, path: str) -> bytes:
    member = table.find(path)
    assert member
    return table.read(member)


def streamed(table: Contents, path: str) -> bytes:
    member = table.find(path)
    assert member
    stream = table.open(member)
    chunks = []
    while chunk := stream.read(70_000):
        chunks.append(chunk)
    stream.close()
    return b"".join(chunks)


@packed
def test_files_are_found_and_read_in_any_order(packer: str, tmp_path: Path) -> None:
    files = [("a", b"first"), ("dir/large", LARGE), ("b", b""), ("z", LARGE[::-1])]
    with opened(tmp_path, PACKERS[packer](tar(*files))) as table:
        assert table.packed is (packer != "plain")
        for name, content in (*files[::-1], *files):
            assert isinstance(content, bytes)
            assert whole(table, name) == streamed(table, name) == content
            member = table.find(name)
            assert member
            assert table.head(member)[: len(content)] == content[:8]
        assert table.find("none") is None
        assert table.find("dir") is None


@packed
def test_two_members_can_be_read_at_once(packer: str, tmp_path: Path) -> None:
    with opened(tmp_path, PACKERS[packer](tar(("a", LARGE), ("b", LARGE[::-1])))) as table:
        first, second = table.find("a"), table.find("b")
        assert first
        assert second
        one, other = table.open(first), table.open(second)
        got = [(one.read(1000), other.read(1000)) for _ in range(10)]
        assert b"".join(pair[0] for pair in got) == LARGE[:10_000]
        assert b"".join(pair[1] for pair in got) == LARGE[::-1][:10_000]
        one.close()
        other.close()


@packed
def test_of_files_with_one_name_the_last_counts_also_when_it_is_a_link(packer: str, tmp_path: Path) -> None:
    content = tar(("a", b"old"), ("a", b"new"), ("b", b"old"), ("c", b"target"), ("b", "c"))
    with opened(tmp_path, PACKERS[packer](content)) as table:
        assert whole(table, "a") == b"new"
        assert whole(table, "b") == b"target"


def test_links_lead_from_where_they_stand_and_hard_links_from_the_root(tmp_path: Path) -> None:
    with opened(tmp_path, tar(("x/layer.tar", b"1"), ("y/layer.tar", "../x/layer.tar"))) as table:
        assert whole(table, "y/layer.tar") == b"1"
    with opened(tmp_path, tar(("x/layer.tar", b"1"), ("y/layer.tar", "x/layer.tar"), kind=tarfile.LNKTYPE)) as table:
        assert whole(table, "y/layer.tar") == b"1"


def test_links_that_go_round_or_out_lead_nowhere(tmp_path: Path) -> None:
    long = [(f"l{at}", f"l{at + 1}") for at in range(20)]
    with opened(
        tmp_path, tar(("a", "b"), ("b", "a"), ("out", "/etc/passwd"), ("up", "../../etc/passwd"), *long)
    ) as table:
        assert [table.find(name) for name in ("a", "out", "up", "l0")] == [None] * 4


@packed
def test_an_archive_that_is_cut_off_says_so(packer: str, tmp_path: Path) -> None:
    content = PACKERS[packer](tar(("a", os.urandom(50_000)), ("b", os.urandom(50_000))))
    with pytest.raises(SourceError), opened(tmp_path, content[:60_000]):
        pass


def test_more_members_than_allowed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MEMBERS", 3)
    with (
        pytest.raises(SourceError, match="more than 3 members"),
        opened(tmp_path, tar(*((str(n), b"") for n in range(4)))),
    ):
        pass


def test_an_archive_that_unpacks_to_more_than_allowed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "UNPACKED_BYTES", 100_000)
    with (
        pytest.raises(SourceError, match="can't be read"),
        opened(tmp_path, gzip.compress(tar(("a", bytes(1_000_000))))),
    ):
        pass


def test_names_come_as_they_are_met(tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(tar(("b", b"1"), ("a", b"2"), ("b", b"3")))
    fd = os.open(tmp_path / "archive", os.O_RDONLY)
    assert list(Contents.names(fd)) == ["b", "a", "b"]
    os.close(fd)


SOUND = tar(("manifest.json", b"[]"), ("dir/layer.tar", b"x" * 700), ("link", "dir/layer.tar"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    at=st.integers(0, len(SOUND)),
    put=st.binary(max_size=12),
    taken=st.integers(0, 12),
    packer=st.sampled_from(list(PACKERS)),
)
def test_no_bytes_raise_anything_else(at: int, put: bytes, taken: int, packer: str, tmp_path: Path) -> None:
    with suppress(SourceError), opened(tmp_path, PACKERS[packer](SOUND[:at] + put + SOUND[at + taken :])) as table:
        member = table.find("dir/layer.tar")
        assert member is None or len(table.read(member)) == member.size_bytes
        assert table.find("link") in (None, member) or isinstance(table.find("link"), Member)
