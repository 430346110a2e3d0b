"""Versions of Python packages."""

import re
from functools import lru_cache

from rightshift.versions.scheme import REMEMBERED, Key, Scheme, Unparsable, bounded

_SHAPE = re.compile(
    r"v?(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)"
    r"(?:[._-]?(alpha|a|beta|b|preview|pre|rc|c)[._-]?([0-9]*))?"
    r"(?:-([0-9]+)|[._-]?(post|rev|r)[._-]?([0-9]*))?"
    r"(?:[._-]?(dev)[._-]?([0-9]*))?"
    r"(?:\+([a-z0-9]+(?:[._-][a-z0-9]+)*))?"
)
_LOCAL = re.compile(r"[._-]")
_PHASE = {"a": 1, "alpha": 1, "b": 2, "beta": 2, "c": 3, "rc": 3, "pre": 3, "preview": 3}
_DEV_ONLY, _FINAL = 0, 4
"""A development release of a final one comes before its pre-releases, the final one after."""
_NO_POST = -1


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    All spellings that normalise to the same version are equal; a local version comes after the one it is based on.

    Raises: Unparsable.
    Source: PyPA specifications, "Version specifiers", Appendix B (spellings) and "Summary of permitted suffixes and
    relative ordering".
    """
    found = _SHAPE.fullmatch(bounded("pep440", version).lower())
    if found is None:
        raise Unparsable("pep440", version)
    epoch, release, phase, pre, implicit, post_word, post, dev_word, dev, local = found.groups()
    numbers = [int(part) for part in release.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    after = int(implicit) if implicit else int(post or 0) if post_word else _NO_POST
    stage = _PHASE[phase] if phase else _DEV_ONLY if dev_word and after == _NO_POST else _FINAL
    return (
        int(epoch or 0),
        tuple(numbers),
        stage,
        int(pre or 0),
        after,
        not dev_word,
        int(dev or 0),
        _local(local) if local else (),
    )


def _local(text: str) -> tuple[Key, ...]:
    key: list[Key] = []
    for part in _LOCAL.split(text):
        key += (1, int(part)) if part.isdigit() else (0, part)
    return tuple(key)


SCHEME = Scheme(name="pep440", ecosystems=("pypi", "pep440"), key=key)
