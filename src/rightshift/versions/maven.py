"""Versions of Java artifacts."""

import re
from functools import lru_cache

from rightshift.versions.scheme import REMEMBERED, Key, Scheme, Unparsable, bounded

_SHAPE = re.compile(r"[0-9A-Za-z._+~@:#-]+")
_TOKEN = re.compile(r"([.-]?)(?:([^0-9.-]+)(?:(?=-?[0-9])())?|([0-9]+)|(?=[.-]))")
_EARLY = {"alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "cr": 3, "snapshot": 4}
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}
"""Only before a number: 1-a1 is an alpha, 1-a is a word."""
_RELEASE = frozenset({"ga", "final", "release"})
_BEFORE, _END, _PLAIN, _PACK, _WORD, _DASH_NUMBER, _DOT_NUMBER = range(7)
"""What is greater where two versions part. `_PLAIN` is a release word with more behind it."""


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    Tokens between dots, hyphens and changes between digit and letter. A word behind a dot counts as behind a hyphen.

    Zeros and release words that nothing but a word follows are dropped. Maven's own comparison is no order for odd
    texts (1.sp.1 < 1-alpha < 1 < 1.sp.1); this is one, and agrees wherever the versions of a real artifact go.

    Raises: Unparsable.
    Source: Maven POM reference, "Version Order Specification".
    """
    text = bounded("maven", version)
    if not _SHAPE.fullmatch(text):
        raise Unparsable("maven", version)
    kept: list[tuple[int, Key]] = []
    for rank, value in reversed(_tokens(text.lower())):
        nothing = rank == _PLAIN or (rank >= _DASH_NUMBER and value == 0)
        if nothing and (not kept or kept[-1][0] < _DASH_NUMBER):
            continue
        kept.append((rank, value))
    key: list[Key] = []
    for token in reversed(kept):
        key += token
    key.append(_END)
    return tuple(key)


def _tokens(text: str) -> list[tuple[int, Key]]:
    """(rank, value) of each token; two separators in a row have a 0 between them."""
    tokens: list[tuple[int, Key]] = []
    after_word = False
    for found in _TOKEN.finditer(text):
        separator, word, numbered, digits = found.groups()
        if word is not None:
            tokens.append(_word(word if numbered is None else _SHORT.get(word, word)))
        elif digits is not None or found.end() < len(text):
            dash = (after_word and not separator) or separator == "-"
            tokens.append((_DASH_NUMBER if dash else _DOT_NUMBER, int(digits or 0)))
        after_word = word is not None
    return tokens


def _word(word: str) -> tuple[int, Key]:
    if word in _EARLY:
        return (_BEFORE, _EARLY[word])
    if word in _RELEASE:
        return (_PLAIN, 0)
    return (_PACK, 0) if word == "sp" else (_WORD, word)


SCHEME = Scheme(name="maven", ecosystems=("maven",), key=key)
