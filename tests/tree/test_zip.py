"""What is read of zip archives: those that Python writes, those that lie, and that no bytes raise anything else."""

import io
import struct
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.errors import Malformed
from rightshift.tree.budget import Budget, OverBudget
from rightshift.tree.file import MemoryFile, read_whole
from rightshift.tree.zip import Entry, MalformedZip, Zip

names = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=20)
methods = st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
LIMIT = 1 << 20


def written(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.comment = comment
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def opened(content: bytes, budget: Budget | None = None) -> Zip:
    return Zip(MemoryFile("a.jar", content), budget)


def entry(archive: Zip, name: str) -> Entry:
    return next(archive.entries(name.__eq__))


@given(st.dictionaries(names, st.binary(max_size=200)), methods, st.binary(max_size=50), st.binary(max_size=50))
def test_what_python_writes_is_read_equal(
    members: dict[str, bytes], method: int, comment: bytes, before: bytes
) -> None:
    archive = opened(before + written(members, method, comment))
    found = {one.name: archive.read(one, LIMIT) for one in archive.entries()}
    assert (found, archive.flaw) == (members, "")


@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 255))
def test_no_bytes_raise_anything_else(content: bytes, place: int, value: int) -> None:
    changed = bytearray(written({"a/pom.properties": content, "b.jar": content}))
    changed[place % len(changed)] = value
    for archive in (content, bytes(changed), bytes(changed[: place % len(changed)])):
        with suppress(Malformed):
            looked_into = opened(archive)
            for one in looked_into.entries():
                with suppress(Malformed):
                    looked_into.read(one, LIMIT)
                with suppress(Malformed):
                    read_whole(looked_into.open(one, LIMIT), LIMIT)


def test_only_wanted_entries_are_given() -> None:
    archive = opened(written({f"{i}.class": b"" for i in range(100)} | {"META-INF/MANIFEST.MF": b"x"}))
    assert [one.name for one in archive.entries(lambda name: name.startswith("META-INF/"))] == ["META-INF/MANIFEST.MF"]


def test_more_than_65535_entries() -> None:
    archive = opened(written({f"{i}": b"" for i in range(70_000)}, zipfile.ZIP_STORED))
    assert sum(1 for _ in archive.entries()) == 70_000
    assert archive.flaw == ""


def test_sizes_in_the_wide_field() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("a", "w", force_zip64=True) as member:
        member.write(b"hello")
    content = bytearray(out.getvalue())
    at = content.index(b"PK\x01\x02")
    wide = struct.pack("<HHQQ", 1, 16, 5, 5)
    content[at + 20 : at + 28] = b"\xff" * 8
    content[at + 30 : at + 32] = struct.pack("<H", len(wide))
    content[at + 47 : at + 47] = wide
    end = content.rindex(b"PK\x05\x06")
    content[end + 12 : end + 16] = struct.pack("<I", struct.unpack_from("<I", content, end + 12)[0] + len(wide))
    looked_into = opened(bytes(content))
    assert looked_into.read(entry(looked_into, "a"), LIMIT) == b"hello"


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"x" * 100_000, written({"a": b"b"})[:-30], b"PK\x05\x06" + b"\xff" * 18],
    ids=["empty", "short", "something else", "cut off", "a directory larger than the file"],
)
def test_what_has_no_directory_is_malformed(content: bytes) -> None:
    with pytest.raises(MalformedZip):
        opened(content)


def test_a_directory_that_holds_less_than_it_says_is_a_flaw_and_gives_what_it_has() -> None:
    content = bytearray(written({"a": b"1", "b": b"2"}))
    end = content.rindex(b"PK\x05\x06")
    content[end + 8 : end + 12] = struct.pack("<HH", 60_000, 60_000)
    archive = opened(bytes(content))
    assert [archive.read(one, LIMIT) for one in archive.entries()] == [b"1", b"2"]
    assert archive.flaw == "the directory says 60000 entries and holds 2"


def test_entries_over_the_budget_are_a_flaw() -> None:
    archive = opened(written({str(i): b"" for i in range(10)}), Budget(entries=4))
    assert len(list(archive.entries())) == 4
    assert "more than 4 entries" in archive.flaw


def changed_central(content: bytes, offset: int, value: bytes) -> Zip:
    """The archive with other bytes in the directory's first line."""
    changed = bytearray(content)
    at = changed.index(b"PK\x01\x02") + offset
    changed[at : at + len(value)] = value
    return opened(bytes(changed))


@pytest.mark.parametrize(
    ("offset", "value", "reason"),
    [
        (10, b"\x63\0", "compression method 99"),
        (8, b"\1\0", "encrypted"),
        (16, b"\1\2\3\4", "CRC"),
        (42, b"\xf0\xff\xff\0", "not where the directory says"),
        (20, b"\2\0\0\0", "cut off"),
    ],
    ids=["unknown method", "encrypted", "wrong CRC", "beyond the end", "packed size too small"],
)
def test_an_entry_that_is_not_what_the_directory_says_is_malformed(offset: int, value: bytes, reason: str) -> None:
    archive = changed_central(written({"a": b"hello" * 100}), offset, value)
    with pytest.raises(MalformedZip, match=reason):
        archive.read(next(archive.entries()), LIMIT)


def test_a_claimed_size_neither_costs_memory_nor_refuses_what_is_small() -> None:
    archive = changed_central(written({"a": b"hello"}), 24, struct.pack("<I", 0xFFFFFFF0))
    assert archive.read(next(archive.entries()), LIMIT) == b"hello"


def test_a_bomb_is_cut_at_the_limit_and_counts_against_the_budget() -> None:
    budget = Budget(unpacked_bytes=3 << 20)
    archive = opened(written({"a": bytes(50 << 20)}), budget)
    for _ in range(2):
        with pytest.raises(OverBudget):
            archive.read(entry(archive, "a"), 1 << 20)
    assert 0 < budget.bytes_left < 1 << 20
    with pytest.raises(OverBudget):
        archive.read(entry(archive, "a"), 1 << 30)
    assert budget.bytes_left == 0


def test_a_stored_archive_in_an_archive_is_a_window_and_a_packed_one_is_unpacked() -> None:
    inner = written({"x": b"deep"})
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        outer = opened(written({"lib/in.jar": inner}, method))
        nested = outer.nested(entry(outer, "lib/in.jar"), LIMIT)
        assert nested.file.path == "a.jar!/lib/in.jar"
        assert nested.read(entry(nested, "x"), LIMIT) == b"deep"


def test_archives_in_archives_end_at_a_depth() -> None:
    content = b"seed"
    for _ in range(20):
        content = written({"x.jar": content}, zipfile.ZIP_STORED)
    archive = opened(content)
    for _ in range(Budget().depth):
        archive = archive.nested(entry(archive, "x.jar"), LIMIT)
    with pytest.raises(OverBudget):
        archive.nested(entry(archive, "x.jar"), LIMIT)


def test_an_entry_that_spans_the_whole_archive_ends_at_the_same_depth() -> None:
    name = b"self.jar"
    local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0) + name
    length = len(local) + 46 + len(name) + 22
    central = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, length, length, 8, 0, 0, 0, 0, 0, 0
    )
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(central) + len(name), len(local), 0)
    archive = opened(local + central + name + end)
    with pytest.raises((OverBudget, MalformedZip)):  # noqa: PT012
        for _ in range(Budget().depth + 1):
            archive = archive.nested(entry(archive, "self.jar"), LIMIT)


def test_duplicate_and_odd_names_come_as_they_are_written() -> None:
    content = written({"a": b"1", "b": b"2", "../../etc/passwd": b"3"})
    content = content.replace(b"b", b"a").replace(b"etc", b"\xff\xfe\xfd")
    looked_into = opened(content)
    found = [(one.name, looked_into.read(one, LIMIT)) for one in looked_into.entries()]
    assert found == [("a", b"1"), ("a", b"2"), ("../../\\xff\\xfe\\xfd/passwd", b"3")]
