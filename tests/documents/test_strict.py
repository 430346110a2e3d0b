"""JSON that two readers could read in two ways is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.documents import strict


@pytest.mark.parametrize(
    "content",
    [
        b'{"a": 1, "a": 1}',
        b'[{"b": {"a": 1, "c": [], "\\u0061": 2}}]',
        b"[NaN]",
        b"[-Infinity]",
        b'{"a": 1} {}',
        b"",
        b"{'a': 1}",
    ],
)
def test_what_is_read_in_two_ways_is_refused(content: bytes) -> None:
    with pytest.raises(strict.NotStrict):
        strict.check(content)


def test_text_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        strict.check(b'["\xff"]')


def test_the_key_is_named_in_plain_words() -> None:
    with pytest.raises(strict.NotStrict, match="stands twice") as raised:
        strict.check(b'{"\\u001b[31m": 1, "\\u001b[31m": 1}')
    assert str(raised.value).isprintable()


@pytest.mark.parametrize("content", [b'{"a": {"a": 1}, "b": [{"a": 1}, {"a": 1}]}', b"[" + b"9" * 10_000 + b"]", b"0"])
def test_the_same_key_in_different_objects_and_long_numbers_are_fine(content: bytes) -> None:
    assert strict.check(content) is None  # type: ignore[func-returns-value]


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(strict.NotStrict, UnicodeDecodeError):
        strict.check(content)
