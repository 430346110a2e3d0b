"""Streams as they are unpacked: whole ones equal, damaged and cut ones told, bombs ended."""

import gzip
import io
import struct
from contextlib import suppress

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from rightshift.tree import inflate
from rightshift.tree.inflate import CutOff, MalformedStream, TooLarge

NO_LIMIT = 1 << 60
SKIPPED = struct.pack("<II", 0x184D2A53, 5) + b"\x28\xb5\x2f\xfd!"


def packed_zstd(content: bytes, *, checksum: bool = True) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=checksum).compress(content)


def zeros_zstd(blocks: int) -> bytes:
    """A frame of zeros that takes four bytes for each 128 KiB."""
    block = struct.pack("<I", 1 << 20 | 2)[:3] + b"\0"
    last = struct.pack("<I", 1 << 20 | 3)[:3] + b"\0"
    return b"\x28\xb5\x2f\xfd\x00\x50" + block * (blocks - 1) + last


def unpacked(content: bytes, kind: inflate.Compression | None = None, step: int = 1 << 30) -> bytes:
    stream = io.BytesIO(content)
    found = inflate.chunks(
        lambda size: stream.read(min(size, step)), kind or inflate.compression(content[:4]), NO_LIMIT, NO_LIMIT
    )
    return b"".join(found)


BODY = b"".join(struct.pack(">I", i * i % 977) for i in range(100_000))


@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_several_gzip_members_and_padding(step: int) -> None:
    content = gzip.compress(b"one") + gzip.compress(b"") + gzip.compress(b"two" * 100) + bytes(3000)
    assert unpacked(content, step=step) == b"one" + b"two" * 100


@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_several_zstd_frames_and_skippable_ones(step: int) -> None:
    content = SKIPPED + packed_zstd(b"one") + SKIPPED + packed_zstd(b"") + packed_zstd(b"two" * 100) + SKIPPED
    assert unpacked(content, step=step) == b"one" + b"two" * 100


@given(st.binary(max_size=3000), st.integers(1, 4000))
def test_each_form_gives_what_was_packed(content: bytes, step: int) -> None:
    content = content * 50
    for packed in (gzip.compress(content, 1), packed_zstd(content), packed_zstd(content, checksum=False)):
        assert unpacked(packed, step=step) == content
    assert unpacked(content, "none", step) == content


@given(st.binary(max_size=300), st.sampled_from(["gzip", "zstd"]), st.integers(0, 1 << 20), st.integers(0, 255))
def test_no_bytes_raise_anything_else(noise: bytes, kind: inflate.Compression, place: int, value: int) -> None:
    good = bytearray(gzip.compress(BODY[:2000]) if kind == "gzip" else packed_zstd(BODY[:2000]))
    good[place % len(good)] = value
    magic = inflate.GZIP_MAGIC if kind == "gzip" else inflate.ZSTD_MAGIC
    for content in (noise, magic + noise, bytes(good), bytes(good[: place % len(good)])):
        with suppress(MalformedStream):
            unpacked(content, kind)


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_cut_stream_is_told_at_every_place(kind: inflate.Compression) -> None:
    content = gzip.compress(BODY) if kind == "gzip" else packed_zstd(BODY)
    for cut in (*range(1, 20), len(content) // 2, *range(len(content) - 12, len(content))):
        with pytest.raises(MalformedStream):
            unpacked(content[:cut], kind)


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_wrong_checksum_is_told(kind: inflate.Compression) -> None:
    content = bytearray(gzip.compress(BODY) if kind == "gzip" else packed_zstd(BODY))
    content[-5 if kind == "gzip" else -1] ^= 1
    with pytest.raises(MalformedStream):
        unpacked(bytes(content), kind)


def test_something_else_behind_the_data_is_told() -> None:
    for content in (gzip.compress(b"x") + b"more", packed_zstd(b"x") + b"more"):
        with pytest.raises(MalformedStream, match="something else"):
            unpacked(content)


def test_a_window_of_more_than_128_mib_is_refused() -> None:
    frame = b"\x28\xb5\x2f\xfd\x00" + bytes([21 << 3]) + struct.pack("<I", 5 << 3 | 1)[:3] + b"hello"
    with pytest.raises(MalformedStream):
        unpacked(frame)
    ordinary = b"\x28\xb5\x2f\xfd\x00" + bytes([17 << 3]) + struct.pack("<I", 5 << 3 | 1)[:3] + b"hello"
    assert unpacked(ordinary) == b"hello"


def test_chunks_stay_small_whatever_the_ratio() -> None:
    for content in (gzip.compress(bytes(20 << 20)), zeros_zstd(160)):
        stream = io.BytesIO(content)
        sizes = [len(c) for c in inflate.chunks(stream.read, inflate.compression(content[:4]), NO_LIMIT, NO_LIMIT)]
        assert sum(sizes) == 20 << 20
        assert max(sizes) <= inflate.CHUNK_BYTES


@pytest.mark.parametrize(("limit", "ratio"), [(5 << 20, NO_LIMIT), (NO_LIMIT, 5 << 20)])
def test_a_bomb_is_cut(limit: int, ratio: int) -> None:
    for content in (gzip.compress(bytes(20 << 20)), zeros_zstd(160)):
        stream, seen = io.BytesIO(content), 0
        chunks = inflate.chunks(stream.read, inflate.compression(content[:4]), limit, ratio)
        with pytest.raises(TooLarge):  # noqa: PT012
            for chunk in chunks:
                seen += len(chunk)
        assert seen <= 5 << 20


def test_the_slower_unpacker_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "isal", None)
    assert unpacked(gzip.compress(BODY) + gzip.compress(b"more") + bytes(9), step=1000) == BODY + b"more"
    with pytest.raises(CutOff):
        unpacked(gzip.compress(BODY)[:-1])
    with pytest.raises(MalformedStream):
        unpacked(gzip.compress(BODY)[:500] + bytes(200), "gzip")
