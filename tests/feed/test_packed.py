"""What lies in cells comes back as it was; cells of others are refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.errors import FeedError
from rightshift.feed import packed
from rightshift.feed.packed import Document, Documents, Statement

texts = st.text(max_size=8)
statements = st.builds(
    Statement,
    texts,
    texts,
    st.integers(0, 1),
    texts,
    st.lists(st.lists(texts.map(lambda text: "i" + text), max_size=3).map(tuple), max_size=3).map(tuple),
    st.lists(texts, max_size=3).map(tuple),
)
DOCUMENT = Document(("CVE-1",), (), (), "s", "d", (), "", (79,), (("WEB", "https://example.org"),), "", "", "", 0)


@given(st.lists(statements, max_size=5))
def test_rows_come_back_in_one_order(told: list[Statement]) -> None:
    cell = packed.pack_row(told)
    assert packed.pack_row(told[::-1]) == cell
    assert sorted(map(repr, packed.unpack_row(cell))) == sorted(map(repr, told))


def test_large_rows_are_compressed_and_alike() -> None:
    told = [Statement(f"T-{n}", "", 0, "", (("i0",),), ()) for n in range(2_000)]
    cell = packed.pack_row(told)
    assert len(cell) < 20_000
    assert packed.pack_row(packed.unpack_row(cell)) == cell


def test_documents_come_back_with_and_without_a_dictionary() -> None:
    learned = packed.dictionary(packed.encode(DOCUMENT) + str(n).encode() * 50 for n in range(400))
    for dictionary in (b"", learned):
        documents = Documents(dictionary)
        assert documents.read(documents.pack(packed.encode(DOCUMENT))) == DOCUMENT


def test_nothing_is_learned_from_a_few() -> None:
    assert packed.dictionary([b"one", b"two"]) == b""


def test_a_bomb_is_refused() -> None:
    import zstandard

    with pytest.raises(FeedError):
        packed.unpack_row(b"\1" + zstandard.ZstdCompressor().compress(b"\0" * (packed.ROW_BYTES + 1)))


@given(st.binary(max_size=100))
def test_no_bytes_raise_anything_else(cell: bytes) -> None:
    for read in (
        packed.unpack_row,
        packed.unpack_ids,
        packed.unpack_keys,
        packed.unpack_statement,
        Documents(b"").read,
    ):
        with suppress(FeedError):
            read(cell)
