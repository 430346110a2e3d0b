"""A body is unpacked within bounds, however it is made."""

import gzip
import resource
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from rightshift.console.ingest import bodies
from rightshift.console.ingest.bodies import MIB, BodyError, Limits, Room

LIMITS = Limits(sent=1 * MIB, unpacked=64 * MIB)


async def pieces(content: bytes, size: int = 10_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def read(content: bytes, encoding: str, limits: Limits = LIMITS, *, size: int = 10_000) -> bytes:
    with Room(1 << 30).share() as share:
        return await bodies.read(pieces(content, size), encoding, limits, share)


async def refused(content: bytes, encoding: str, limits: Limits = LIMITS) -> int:
    with pytest.raises(BodyError) as raised:
        await read(content, encoding, limits)
    return raised.value.status


def zeros(count: int) -> bytes:
    packing = zstandard.ZstdCompressor(level=3).compressobj()
    return b"".join(packing.compress(bytes(MIB)) for _ in range(count // MIB)) + packing.flush()


@pytest.mark.parametrize("encoding", ["", "identity", "gzip", "GZIP", "x-gzip", "zstd", " zstd "])
async def test_each_way_of_packing(encoding: str) -> None:
    content = b"a document " * 1_000
    match encoding.strip().lower():
        case "zstd":
            packed = zstandard.compress(content)
        case "gzip" | "x-gzip":
            packed = gzip.compress(content)
        case _:
            packed = content
    for size in (1, 7, 10_000):
        assert await read(packed, encoding, size=size) == content


@pytest.mark.check("L02")
@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd,gzip", "gzip;q=1", "\u00e9"])
async def test_other_ways_are_refused(encoding: str) -> None:
    assert await refused(b"x", encoding) == 415


async def test_what_is_sent_is_bounded() -> None:
    assert await refused(bytes(2 * MIB), "") == 413
    assert await refused(bytes(65), "", Limits(sent=100, unpacked=64)) == 413


@pytest.mark.check("L02")
@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_a_gibibyte_of_zeros_is_refused_in_bounded_memory(encoding: str) -> None:
    bomb = zeros(1 << 30) if encoding == "zstd" else gzip.compress(bytes(256 * MIB), 1)[: 1 * MIB]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert await refused(bomb, encoding, Limits(sent=64 * MIB, unpacked=64 * MIB)) == 413
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


async def test_what_fills_memory_is_refused_within_few_bytes_of_it() -> None:
    bomb = zeros(1 << 30)
    room = Room(1 << 30)
    with room.share() as share, pytest.raises(BodyError):
        await bodies.read(pieces(bomb), "zstd", Limits(sent=1 << 30, unpacked=1 << 30), share)
    assert share.taken <= bodies.RATIO_FROM
    assert room.taken == 0


async def test_all_bodies_share_one_room() -> None:
    room = Room(10_000)
    with room.share() as one, room.share() as other:
        assert await bodies.read(pieces(bytes(8_000)), "", LIMITS, one)
        with pytest.raises(BodyError) as raised:
            await bodies.read(pieces(bytes(8_000)), "", LIMITS, other)
        assert raised.value.status == 429
    with room.share() as one:
        assert await bodies.read(pieces(bytes(8_000)), "", LIMITS, one)


@pytest.mark.check("L02")
async def test_a_window_that_takes_much_memory_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, compression_level=1)
    packing = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    assert await refused(packing.compress(bytes(100)) + packing.flush(), "zstd") == 400


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_cut_off_and_more_behind_the_end(encoding: str) -> None:
    packed = gzip.compress(b"x" * 5_000) if encoding == "gzip" else zstandard.compress(b"x" * 5_000)
    assert await refused(packed[:-1], encoding) == 400
    assert await refused(b"", encoding) == 400
    assert await refused(packed + b"x", encoding) == 400
    assert await refused(packed + packed, encoding) == 400


@given(st.binary(max_size=300), st.sampled_from(["gzip", "zstd"]))
async def test_no_bytes_raise_anything_else(content: bytes, encoding: str) -> None:
    with suppress(BodyError):
        assert isinstance(await read(content, encoding), bytes)
