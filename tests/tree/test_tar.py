"""Members as they are read from headers: archives that Python writes, and headers that lie."""

import io
import os
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.model.inventory import Gap
from rightshift.tree.entry import Limits
from rightshift.tree.tar import MalformedTar, Member, Seekable, Stream, members

LIMITS = Limits()
FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
parts = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=30).filter(
    lambda part: part not in (".", "..")
)
paths = st.lists(parts, min_size=1, max_size=12).map("/".join)


def info(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, target, size
    return member


def written(files: Iterable[tuple[tarfile.TarInfo, bytes]], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for member, content in files:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def header(name: bytes, size: bytes = b"00000000000\0", flag: bytes = b"0", magic: bytes = b"ustar\x0000") -> bytes:
    """A header whose checksum is right, whatever it claims."""
    block = bytearray(512)
    block[: len(name)] = name
    block[100:108], block[124 : 124 + len(size)], block[156:157] = b"0000644\0", size, flag
    block[257 : 257 + len(magic)] = magic
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def record(key: bytes, value: bytes) -> bytes:
    length = len(key) + len(value) + 4
    while len(b"%d %s=%s\n" % (length, key, value)) != length:
        length += 1
    return b"%d %s=%s\n" % (length, key, value)


def extended(records: bytes, flag: bytes = b"x") -> bytes:
    return header(b"PaxHeaders/x", b"%011o\0" % len(records), flag) + records + bytes(-len(records) % 512)


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[i : i + size] for i in range(0, len(content), size))


def both(content: bytes, chunk: int = 700, limits: Limits = LIMITS) -> list[Member | Gap]:
    """The members, which are the same from a stream and from a file."""
    streamed = list(members(Stream(pieces(content, chunk)), limits))
    seeked = list(members(Seekable(len(content), lambda at, length: content[at : at + length]), limits))
    assert streamed == seeked
    return seeked


def found(content: bytes) -> list[Member]:
    return [member for member in both(content) if isinstance(member, Member)]


@given(st.dictionaries(paths, st.binary(max_size=1200), max_size=8), st.sampled_from(FORMATS[1:]), st.integers(1, 2000))
def test_what_python_writes_is_read_equal(files: dict[str, bytes], form: int, chunk: int) -> None:
    content = written(((info(path), body) for path, body in files.items()), form)
    assert [m.path for m in both(content, chunk) if isinstance(m, Member)] == list(files)
    stream = Stream(pieces(content, chunk))
    assert {m.path: stream.take(m.size) for m in members(stream, LIMITS) if isinstance(m, Member)} == files


@given(st.binary(max_size=2000), st.integers(0, 5000), st.integers(0, 255))
def test_no_bytes_raise_anything_else(noise: bytes, place: int, value: int) -> None:
    changed = bytearray(written([(info("a/" * 60 + "b"), b"x" * 900), (info("l", tarfile.SYMTYPE, "t" * 120), b"")]))
    changed[place % len(changed)] = value
    for content in (noise, header(b"a") + noise, extended(noise) + header(b"a"), bytes(changed)):
        with suppress(MalformedTar):
            list(members(Stream(pieces(content, 512)), LIMITS))


@pytest.mark.parametrize("form", FORMATS)
def test_kinds_modes_and_targets(form: int) -> None:
    file = info("bin/x")
    file.mode = 0o4755
    content = written(
        [
            (info("bin", tarfile.DIRTYPE), b""),
            (file, b"abc"),
            (info("bin/y", tarfile.LNKTYPE, "bin/x"), b""),
            (info("z", tarfile.SYMTYPE, "/bin/x"), b""),
            (info("null", tarfile.CHRTYPE), b""),
            (info("pipe", tarfile.FIFOTYPE), b""),
        ],
        form,
    )
    assert [(m.path, m.kind, m.size, m.target) for m in found(content)] == [
        ("bin", "dir", 0, ""),
        ("bin/x", "file", 3, ""),
        ("bin/y", "hardlink", 0, "bin/x"),
        ("z", "symlink", 0, "/bin/x"),
        ("null", "device", 0, ""),
        ("pipe", "device", 0, ""),
    ]
    assert found(content)[1].mode == 0o4755
    assert content[found(content)[1].at :].startswith(b"abc")


@pytest.mark.parametrize(
    ("name", "path"),
    [("./a/b", "a/b"), ("/a//b/", "a/b"), ("a/./b", "a/b"), ("a/../b", "b"), (".hidden/.x", ".hidden/.x"), ("./", "")],
)
def test_names_become_paths_below_the_root(name: str, path: str) -> None:
    assert [m.path for m in found(written([(info(name, tarfile.DIRTYPE), b"")]))] == [path]


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/../x", "a/b/../../../etc/passwd"])
def test_a_name_that_leads_out_of_the_root_is_a_gap(name: str) -> None:
    content = written([(info(name), b"x"), (info("good"), b"x")])
    gap, good = both(content)
    assert isinstance(gap, Gap)
    assert isinstance(good, Member)
    assert (gap.path, good.path) == (name, "good")


def test_numbers_of_base_256_and_the_size_of_an_extended_header() -> None:
    wide = b"\x80" + (700).to_bytes(11, "big")
    content = header(b"a", wide) + bytes(1024) + extended(record(b"size", b"600")) + header(b"b") + bytes(1024)
    assert [(m.path, m.size) for m in found(content + header(b"c"))] == [("a", 700), ("b", 600), ("c", 0)]


def test_headers_of_the_seventh_edition_have_no_magic() -> None:
    assert [m.kind for m in found(header(b"a", magic=b"", flag=b"\0") + header(b"d/", magic=b"", flag=b"\0"))] == [
        "file",
        "dir",
    ]


def test_checksums_of_signed_bytes_are_right_too() -> None:
    block = bytearray(header(b"\xff\xfe"))
    signed = sum(block[:148] + b" " * 8 + block[156:]) - 512
    block[148:156] = b"%06o\0 " % signed
    assert [m.path for m in found(bytes(block))] == ["\\xff\\xfe"]


def test_one_zero_block_is_not_the_end_and_two_are() -> None:
    content = header(b"a") + bytes(512) + header(b"b") + bytes(1024) + header(b"c")
    assert [m.path for m in found(content)] == ["a", "b"]


@pytest.mark.parametrize(
    "content",
    [
        header(b"a", b"\xff" * 12),
        header(b"a", b"\x80" + b"\x7f" * 11),
        header(b"a", b"letters\0"),
        header(b"a", b"-7\0"),
        header(b"a")[:148] + b"000001\0 " + header(b"a")[156:],
        header(b"a")[:300],
        header(b"a", b"00000001000\0") + b"x",
        header(b"L", b"10000000000\0", b"L"),
        header(b"L", b"00000001000\0", b"L") + b"cut",
        extended(record(b"size", b"-1")) + header(b"a"),
        extended(record(b"size", b"9" * 30)) + header(b"a"),
    ],
    ids=[
        *("negative", "2^88", "letters", "a sign", "wrong checksum", "cut in a header", "cut in a body"),
        *("1 GiB of a name", "cut in a name", "negative in an extended header", "too long in an extended header"),
    ],
)
def test_what_can_not_be_read_on_is_malformed_and_keeps_what_stands_before(content: bytes) -> None:
    before: list[object] = []
    with pytest.raises(MalformedTar):
        before.extend(members(Stream(pieces(header(b"good") + content, 999)), LIMITS))
    seen = []
    with suppress(MalformedTar):
        seen = [next(members(Stream(pieces(header(b"good") + content, 999)), LIMITS))]
    assert [m.path for m in seen] == ["good"]


@pytest.mark.parametrize(
    "records",
    [
        b"a=\n",
        b"13 path=abc\n",
        b"999999 path=x\n",
        b"path=x\n",
        b"-5 path=x\n",
        record(b"path", b"a\0b"),
        b"7 nope\n",
        b"\xff",
    ],
)
def test_a_damaged_extended_header_costs_its_member_and_no_other(records: bytes) -> None:
    gap, good = both(extended(records) + header(b"bad") + header(b"good"))
    assert isinstance(gap, Gap)
    assert isinstance(good, Member)
    assert good.path == "good"


def test_a_global_header_renames_nothing_and_is_told() -> None:
    gap, member = both(extended(record(b"path", b"evil"), b"g") + header(b"good"))
    assert isinstance(gap, Gap)
    assert isinstance(member, Member)
    assert member.path == "good"
    assert [m.path for m in both(extended(record(b"comment", b"1234"), b"g") + header(b"good"))] == ["good"]


def test_100_000_records_are_read_in_a_breath() -> None:
    records = b"".join(record(b"comment.%d" % i, b"x") for i in range(100_000)) + record(b"path", b"name")
    assert [m.path for m in found(extended(records) + header(b"other"))] == ["name"]


def test_links_with_and_without_the_data_they_claim() -> None:
    claims = header(b"l", b"%011o\0" % 600, b"2")
    without = both(claims + header(b"a"))
    with_data = both(claims + b"x" * 600 + bytes(424) + header(b"a"))
    assert [m.path for m in without if isinstance(m, Member)] == ["l", "a"]
    assert [m.path for m in with_data if isinstance(m, Member)] == ["l", "a"]


def test_sparse_files_are_named_and_their_maps_stepped_over() -> None:
    old = bytearray(header(b"old", b"%011o\0" % 512, b"S"))
    old[482] = 1
    old[148:156] = b" " * 8
    old[148:156] = b"%06o\0 " % sum(old)
    more = bytearray(512)
    more[504] = 1
    pax = extended(record(b"GNU.sparse.major", b"1") + record(b"GNU.sparse.name", b"new"))
    content = bytes(old) + bytes(more) + bytes(512) + b"d" * 512 + pax + header(b"GNUSparse/x") + header(b"a")
    assert [(m.path, m.sparse) for m in found(content)] == [("old", True), ("new", True), ("a", False)]


def test_members_of_unknown_types_and_too_deep_ones_are_gaps() -> None:
    deep = written([(info("a/" * 5000 + "b"), b""), (info("good"), b"")])
    items = both(header(b"odd", flag=b"Q") + deep)
    assert [isinstance(item, Gap) for item in items] == [True, True, False]


def test_a_body_can_be_taken_in_pieces_or_left() -> None:
    body = os.urandom(5000)
    content = written([(info("a"), body), (info("b"), body)])
    stream = Stream(pieces(content, 777))
    taken = {}
    for member in members(stream, LIMITS):
        assert isinstance(member, Member)
        assert stream.peek(8) == body[:8]
        if member.path == "b":
            taken[member.path] = b"".join(stream.pieces(member.size))
        else:
            assert stream.take(10) == body[:10]
    assert taken == {"b": body}
