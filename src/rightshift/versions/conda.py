"""Versions of Conda packages."""

import math
import re
from functools import lru_cache

from rightshift.versions.padding import endless
from rightshift.versions.scheme import REMEMBERED, Key, Scheme, Unparsable, bounded

_SHAPE = re.compile(r"(?:([0-9]+)!)?([0-9a-z_.*]+)(?:\+([0-9a-z_.*]+))?")
_PART = re.compile(r"[0-9]+|[a-z]+|\*+|_+")
_NOTHING = endless(())


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    Components between dots, in each numbers and words in turn; what is missing counts as 0 in both.

    A word is less than 0, `dev` the least, `post` more than any number; a `_` at the end comes before a letter there.

    Raises: Unparsable.
    Source: conda documentation, "Package specification", "Version ordering".
    """
    text = bounded("conda", version).lower()
    found = _SHAPE.fullmatch(text if "_" in text else text.replace("-", "_"))
    if found is None:
        raise Unparsable("conda", version)
    epoch, release, local = found.groups()
    return (int(epoch or 0), _components("conda", release), _components("conda", local) if local else _NOTHING)


def _components(scheme: str, text: str) -> tuple[Key, ...]:
    ends_low = text.endswith("_")
    parts = text.rstrip("_").replace("_", ".").split(".")
    if ends_low:
        parts[-1] += "_"
    if not all(parts):
        raise Unparsable(scheme, text)
    return endless([_component(part) for part in parts])


def _component(text: str) -> tuple[int, Key]:
    parts = _PART.findall(text)
    if not parts[0].isdigit():
        parts.insert(0, "0")
    value = endless([_signed(part) for part in parts])
    return ((value > _NOTHING) - (value < _NOTHING), value)


def _signed(part: str) -> tuple[int, Key]:
    if part.isdigit():
        number = int(part)
        return (number > 0, number)
    if part == "post":
        return (1, math.inf)
    return (-1, "DEV" if part == "dev" else part)


SCHEME = Scheme(name="conda", ecosystems=("conda",), key=key)
