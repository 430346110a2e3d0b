"""Versions of PHP packages."""

import re
from functools import lru_cache

from rightshift.versions.scheme import REMEMBERED, Key, Scheme, Unparsable, bounded

_STABILITY = r"(?:[._-]?(?P<word>stable|beta|b|rc|alpha|a|patch|pl|p)(?P<count>(?:[.-]?[0-9]+)*))?(?P<dev>[.-]?dev)?"
_CLASSIC = re.compile(rf"v?(?P<numbers>[0-9]{{1,5}}(?:\.[0-9]+){{0,3}}){_STABILITY}")
_DATED = re.compile(rf"v?(?P<numbers>[0-9]{{4}}(?:[.:-]?[0-9]{{2}}){{1,6}}(?:[.:-]?[0-9]{{1,3}}){{0,2}}){_STABILITY}")
_BRANCH = re.compile(r"v?(?P<numbers>[0-9]+(?:\.[0-9]+){0,2}(?:\.[x*]){1,3})[.-]?dev")
_ODD = re.compile(r"v?[0-9][0-9a-z._-]*")
_NUMBER_PART = re.compile(r"[0-9]+")
_PART = re.compile(r"[0-9]+|[a-z]+")
_DEV, _ALPHA, _BETA, _RC, _END, _NUMBER, _PATCH = range(7)
_WORD = {"alpha": _ALPHA, "a": _ALPHA, "beta": _BETA, "b": _BETA, "rc": _RC, "patch": _PATCH, "pl": _PATCH, "p": _PATCH}
_ANY = 9999999
"""What Composer writes for `x` in the name of a branch, so that `2.x-dev` comes after every 2."""

_WIDTH = 4


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    Up to four numbers, missing ones 0, or a date; then dev, alpha, beta, RC, nothing, patch. A build does not count.

    A branch without a number (`dev-main`) has no place in the order. What Composer would refuse but PHP can order
    (five numbers, a word in the middle) is ordered as PHP does.

    Raises: Unparsable.
    Source: Composer documentation, "Versions and constraints", "Stability constraints"; PHP manual, version_compare.
    """
    text, plus, _ = bounded("composer", version).lower().partition("+")
    text = text.partition("@")[0] if not plus else text
    if found := _CLASSIC.fullmatch(text):
        numbers = [int(part) for part in found["numbers"].split(".")]
        return _key(numbers + [0] * (_WIDTH - len(numbers)), found)
    if found := _DATED.fullmatch(text):
        return _key([int(part) for part in _NUMBER_PART.findall(found["numbers"])], found)
    if found := _BRANCH.fullmatch(text):
        numbers = [int(part) if part.isdigit() else _ANY for part in found["numbers"].split(".")]
        return _key(numbers + [_ANY] * (_WIDTH - len(numbers)), None)
    if _ODD.fullmatch(text):
        return _odd(version, _PART.findall(text.removeprefix("v")))
    raise Unparsable("composer", version)


def _key(numbers: list[int], found: re.Match[str] | None) -> tuple[Key, ...]:
    """`found` holds word, count and dev; without it the version is a branch."""
    key: list[Key] = []
    for number in numbers:
        key += (_NUMBER, number)
    if found is not None and found["word"] in _WORD:
        key.append(_WORD[found["word"]])
        for number in _NUMBER_PART.findall(found["count"] or ""):
            key += (_NUMBER, int(number))
    if found is None or found["dev"]:
        key.append(_DEV)
    key.append(_END)
    return tuple(key)


def _odd(version: str, parts: list[str]) -> tuple[Key, ...]:
    key: list[Key] = []
    for part in parts:
        if part.isdigit():
            key += (_NUMBER, int(part))
        elif part == "dev":
            key.append(_DEV)
        elif part in _WORD:
            key.append(_WORD[part])
        else:
            raise Unparsable("composer", version)
    key.append(_END)
    return tuple(key)


SCHEME = Scheme(name="composer", ecosystems=("composer", "packagist"), key=key)
