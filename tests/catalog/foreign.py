"""Documents with the right words in the wrong places, for the tests that no file makes a reader fail."""

import json
from collections.abc import Iterable, Iterator

from hypothesis import strategies as st

_LEAVES = st.none() | st.booleans() | st.integers(-2, 2) | st.text(max_size=4)


def values(*words: str) -> st.SearchStrategy[object]:
    """Nested lists and objects whose keys and texts are mostly the words that a format knows."""
    known = st.sampled_from(words)
    return st.recursive(
        known | _LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(known | st.text(max_size=2), inner, max_size=4),
        max_leaves=24,
    )


def documents(*words: str) -> st.SearchStrategy[bytes]:
    """Such values as JSON, which is YAML as well."""
    return values(*words).map(lambda value: json.dumps(value).encode())


def damaged(sample: object) -> st.SearchStrategy[bytes]:
    """A good document, as JSON, in which one value at any depth is another."""
    spots = list(_spots(sample))
    others: st.SearchStrategy[object] = (
        _LEAVES | st.just([]) | st.just({}) | st.just(["x"]) | st.just({"x": "y"}) | st.just([[]])
    )
    return st.tuples(st.sampled_from(spots), others).map(lambda pair: json.dumps(_with(sample, *pair)).encode())


def _spots(value: object, spot: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield spot
    inner: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, part in inner:
        yield from _spots(part, (*spot, key))


def _with(value: object, spot: tuple[str | int, ...], other: object) -> object:
    if not spot:
        return other
    key, *rest = spot
    if isinstance(value, dict):
        return {**value, key: _with(value[key], tuple(rest), other)}
    assert isinstance(value, list)
    return [_with(part, tuple(rest), other) if at == key else part for at, part in enumerate(value)]


def lines(*pieces: str) -> st.SearchStrategy[bytes]:
    """Text put together from pieces of a format and blanks, line ends and brackets."""
    parts = st.sampled_from((*pieces, " ", "  ", "    ", "\n", "\r\n", "(", ")", '"', "'", ",", ":", "=", "é", "\0"))
    return st.lists(parts, max_size=40).map(lambda found: "".join(found).encode())
