"""bbolt databases, read beside a writer that goes on."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightshift.source.daemons import bolt
from rightshift.source.daemons.bolt import Bucket, MalformedBolt
from tests.source.daemons import bolts

T = TypeVar("T")
MANY = {b"key-%04d" % i: b"value %d" % i for i in range(500)}
CONTENT: Mapping[bytes, bolts.Value] = {
    b"v1": {b"inline": {b"a": b"1", b"b": b""}, b"many": MANY, b"large": {b"x": b"y" * 20_000}, b"plain": b"value"},
    b"zz": b"end",
}


def look(content: bytes, path: Path, asked: Callable[[Bucket], T]) -> T:
    path.write_bytes(content)
    fd = os.open(path, os.O_RDONLY)
    try:
        return bolt.read(fd, asked)
    finally:
        os.close(fd)


@pytest.fixture(params=[2, 3, 50])
def database(request: pytest.FixtureRequest) -> bytes:
    return bolts.database(CONTENT, request.param)


def test_values_are_found_at_any_depth(tmp_path: Path, database: bytes) -> None:
    def asked(root: Bucket) -> list[bytes]:
        v1 = root.bucket(b"v1")
        inline, many, large = root.bucket(b"v1", b"inline"), root.bucket(b"v1", b"many"), root.bucket(b"v1", b"large")
        assert v1 and inline and many and large  # noqa: PT018 - for the type checker
        found = [many.value(key) for key in MANY]
        return [*found, inline.value(b"a"), large.value(b"x"), v1.value(b"plain"), root.value(b"zz")]

    assert look(database, tmp_path / "x", asked) == [*MANY.values(), b"1", b"y" * 20_000, b"value", b"end"]


def test_keys_come_in_order(tmp_path: Path, database: bytes) -> None:
    def asked(root: Bucket) -> list[bytes]:
        many = root.bucket(b"v1", b"many")
        assert many
        return list(many.keys())

    assert look(database, tmp_path / "x", asked) == sorted(MANY)


def test_what_is_missing_is_nothing(tmp_path: Path, database: bytes) -> None:
    def asked(root: Bucket) -> list[object]:
        many = root.bucket(b"v1", b"many")
        assert many
        return [
            root.bucket(b"v2"),
            root.bucket(b"v1", b"plain"),
            root.bucket(b"v1", b"many", b"key-0001"),
            *(many.value(key) for key in (b"", b"key-", b"key-0001x", b"zz")),
            root.value(b"v1"),
        ]

    assert look(database, tmp_path / "x", asked) == [None, None, None, b"", b"", b"", b"", b""]


def test_the_newer_of_two_sound_heads_counts(tmp_path: Path) -> None:
    def asked(root: Bucket) -> list[bytes]:
        return list(root.keys())

    content = bytearray(bolts.database(CONTENT))
    assert look(bytes(content), tmp_path / "x", asked) == [b"v1", b"zz"]
    content[40] ^= 1  # the newer head's sum is wrong now, as after a write that was cut off
    assert look(bytes(content), tmp_path / "x", asked) == []
    content[bolts.PAGE_BYTES + 40] ^= 1
    with pytest.raises(MalformedBolt, match="no bbolt database"):
        look(bytes(content), tmp_path / "x", asked)


def test_a_look_is_taken_again_when_a_transaction_ended_meanwhile(tmp_path: Path) -> None:
    path, looks = tmp_path / "x", []

    def asked(root: Bucket) -> bytes:
        value = root.value(b"a")
        looks.append(value)
        if len(looks) == 1:
            path.write_bytes(bolts.database({b"a": b"new"}, transaction=9))
        return value

    assert look(bolts.database({b"a": b"old"}), path, asked) == b"new"
    assert looks == [b"old", b"new"]


def test_a_database_that_never_rests_is_given_up(tmp_path: Path) -> None:
    path, count = tmp_path / "x", iter(range(8, 1000))

    def asked(root: Bucket) -> None:
        path.write_bytes(bolts.database({}, transaction=next(count)))

    with pytest.raises(MalformedBolt, match="changed during every look"):
        look(bolts.database({}), path, asked)


def test_pages_that_lie_in_a_circle_end(tmp_path: Path) -> None:
    content = bytearray(bolts.database({b"a": b"1", b"b": b"2", b"c": b"3"}, 2))
    root = int.from_bytes(content[32:40], "little")
    at = root * bolts.PAGE_BYTES + 16
    content[at + 8 : at + 16] = content[at + 24 : at + 32] = root.to_bytes(8, "little")

    def keys(found: Bucket) -> list[bytes]:
        return list(found.keys())

    with pytest.raises(MalformedBolt, match="too deep"):
        look(bytes(content), tmp_path / "x", lambda found: found.value(b"a"))
    with pytest.raises(MalformedBolt):
        look(bytes(content), tmp_path / "x", keys)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bolt") / "x"


def _everything(bucket: Bucket) -> int:
    count = 0
    for key in bucket.keys():  # noqa: SIM118 - a bucket is no mapping
        inner = bucket.bucket(key)
        bucket.value(key)
        count += 1 + (len(list(inner.keys())) if inner else 0)
    return count


@settings(max_examples=200)
@given(st.integers(0, 40_000), st.binary(min_size=1, max_size=40))
def test_no_bytes_raise_anything_else(place: Path, at: int, noise: bytes) -> None:
    good = bolts.database({b"v1": {b"a": b"1"}, b"many": dict(list(MANY.items())[:40])})
    for content in (noise, good[: at % len(good)], good[:at] + noise + good[at + len(noise) :]):
        try:
            look(content, place, _everything)
        except MalformedBolt:
            continue
