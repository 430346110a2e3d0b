"""Digests: which texts are one, and that hashing beside the reading gives what hashing gives."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.tree.digest import Hashing, HashingFile, MalformedDigest, parse

GOOD = "sha256:" + "0123456789abcdef" * 4


def test_sha256_and_sha512_are_digests() -> None:
    assert parse(GOOD) == ("sha256", "0123456789abcdef" * 4)
    assert parse("sha512:" + "a" * 128) == ("sha512", "a" * 128)


@pytest.mark.parametrize(
    "text",
    ["", "sha256", "sha256:", GOOD[:-1], GOOD + "0", GOOD.upper(), "md5:" + "a" * 32, "sha256:" + "../" * 21 + "x"],
)
def test_all_else_is_refused(text: str) -> None:
    with pytest.raises(MalformedDigest):
        parse(text)


@given(st.lists(st.tuples(st.integers(0, 1), st.binary(max_size=100)), max_size=40))
def test_two_streams_are_hashed_apart(chunks: list[tuple[int, bytes]]) -> None:
    with Hashing(("sha256", "sha512")) as hashing:
        for number, chunk in chunks:
            hashing.add(number, chunk)
    for number, name in enumerate(("sha256", "sha512")):
        whole = b"".join(chunk for one, chunk in chunks if one == number)
        assert hashing.digest(number) == f"{name}:{hashlib.new(name, whole).hexdigest()}"


def test_a_file_that_became_shorter_is_an_error() -> None:
    hashing = HashingFile({"sha256"}, 100, lambda at, size: bytes(size)[:60] if at == 0 else b"")
    with pytest.raises(OSError, match="shorter"):
        hashing.digest("sha256")
