"""What holds for every scheme: a total order that agrees with equality and hash, whatever parses, and quick refusal."""

import time
from collections.abc import Callable
from dataclasses import replace
from inspect import unwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.versions import Scheme, Unparsable
from rightshift.versions.scheme import LIMIT, Key
from rightshift.versions.schemes import all_schemes

SCHEMES = {scheme.name: scheme for scheme in all_schemes()}

WORDS = """a b m x p r rc cr ga sp alpha beta pre post dev final release snapshot git x86 RC el9 go v go1 patch
incompatible ~ ^"""
words = st.sampled_from(WORDS.split())
numbers = st.integers(0, 12).map(str) | st.sampled_from(["0", "00", "01", "010", "20240101", "9" * 25])
separators = st.sampled_from([".", "-", "_", "", "~", "+", "^", ":", "!", "..", "-r", "_p", ".0", "*"])
likely = st.tuples(numbers, st.lists(st.tuples(separators, numbers | words), max_size=4)).map(
    lambda parts: parts[0] + "".join(separator + part for separator, part in parts[1])
)
garbage = st.text(alphabet="01a.-_~+^:!*rcßv ½١", max_size=8)
versions = likely | garbage | words


def parsed(scheme: Scheme, texts: list[str]) -> list[Key]:
    keys = []
    for text in texts:
        try:
            keys.append(scheme.key(text))
        except Unparsable:
            assert not scheme.orders(text)
    return keys


@pytest.mark.parametrize("name", SCHEMES)
@given(texts=st.lists(versions, min_size=3, max_size=5))
def test_it_is_a_total_order(name: str, texts: list[str]) -> None:
    keys = parsed(SCHEMES[name], texts)
    for a in keys:
        assert a == a
        assert not a < a
        for b in keys:
            assert (a < b) + (b < a) + (a == b) == 1
            assert (a <= b) == (a < b or a == b)
            if a == b:
                assert hash(a) == hash(b)
            for c in keys:
                if a < b and b < c:
                    assert a < c
                if a == b and b < c:
                    assert a < c


@pytest.mark.parametrize("name", SCHEMES)
@given(text=st.text(max_size=40) | st.text(max_size=400))
def test_no_text_raises_anything_else(name: str, text: str) -> None:
    parsed(SCHEMES[name], [text])


@pytest.mark.parametrize("name", SCHEMES)
@given(texts=st.lists(versions, max_size=6))
def test_blanks_around_a_version_do_not_count(name: str, texts: list[str]) -> None:
    scheme = SCHEMES[name]
    assert parsed(scheme, texts) == parsed(scheme, [f" {text}\n" for text in texts])


HOSTILE: dict[str, Callable[[int], str]] = {
    "digits": lambda size: "1" * size,
    "zeros": lambda size: "0" * size,
    "parts": lambda size: "1." * (size // 2) + "1",
    "zero parts": lambda size: "0." * (size // 2) + "1",
    "letters": lambda size: "a" * (size - 1) + "!",
    "numbered letters": lambda size: "1" + "a" * (size - 2) + "!",
    "hyphens": lambda size: "1" + "-" * (size - 1),
    "words": lambda size: "1" + "-a1" * (size // 3),
    "suffixes": lambda size: "1" + "_p1" * (size // 3) + "!",
    "tildes": lambda size: "1" + "~" * (size - 1),
    "blanks": lambda size: " " * size,
    "blanks inside": lambda size: "1" + " " * (size - 2) + "1",
    "colons": lambda size: "1:" * (size // 2),
    "local": lambda size: "1+" + "a." * (size // 2),
}


@pytest.mark.parametrize("shape", HOSTILE)
@pytest.mark.parametrize("name", SCHEMES)
def test_the_hostile_take_no_time(name: str, shape: str) -> None:
    texts = [HOSTILE[shape](size) for size in (LIMIT - 1, LIMIT, LIMIT + 1, 100_000)]
    assert min(_taken_s(SCHEMES[name], texts) for _ in range(3)) < 0.1


def _taken_s(scheme: Scheme, texts: list[str]) -> float:
    """CPU time; the least of a few counts, since a pass of the garbage collector may fall into any of them."""
    scheme = replace(scheme, key=unwrap(scheme.key))  # remembers nothing of an earlier count
    start = time.process_time()
    parsed(scheme, texts)
    return time.process_time() - start


@pytest.mark.parametrize("name", SCHEMES)
def test_too_long_is_refused(name: str) -> None:
    assert not SCHEMES[name].orders("1" * (LIMIT + 1))
    assert not SCHEMES[name].orders("")
    assert SCHEMES[name].orders("1" * LIMIT)
