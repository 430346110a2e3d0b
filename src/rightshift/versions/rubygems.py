"""Versions of Ruby gems, without the platform that a lock file may write behind them."""

import re
from functools import lru_cache

from rightshift.versions.padding import endless
from rightshift.versions.scheme import REMEMBERED, Key, Scheme, Unparsable, bounded

_SHAPE = re.compile(r"[0-9][0-9A-Za-z]*(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?")
_PART = re.compile(r"[0-9]+|[A-Za-z]+")


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    Numbers and words in turn. A word makes a pre-release: it is less than any number, and less than nothing.

    Zeros before the first word do not count (1.0.a is 1.a), and a hyphen stands for `.pre.`.

    Raises: Unparsable.
    Source: RubyGems, Gem::Version, "How Software Changes" and its order.
    """
    text = bounded("rubygems", version)
    if not _SHAPE.fullmatch(text):
        raise Unparsable("rubygems", version)
    parts = _PART.findall(text.replace("-", ".pre."))
    first_word = next((at for at, part in enumerate(parts) if not part.isdigit()), len(parts))
    numbers = parts[:first_word]
    while numbers and not int(numbers[-1]):
        numbers.pop()
    return endless([_signed(part) for part in numbers + parts[first_word:]])


def _signed(part: str) -> tuple[int, Key]:
    if part.isdigit():
        number = int(part)
        return (number > 0, number)
    return (-1, part)


SCHEME = Scheme(name="rubygems", ecosystems=("gem", "rubygems"), key=key)
