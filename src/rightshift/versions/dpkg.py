"""Versions of Debian packages, and the order of text and numbers that opam takes from there (`opam.py`)."""

import re
from functools import lru_cache

from rightshift.versions.scheme import REMEMBERED, Key, Scheme, Unparsable, bounded

_SHAPE = re.compile(r"(?:([0-9]+):)?([0-9A-Za-z.+~:-]+?)(?:-([0-9A-Za-z.+~]+))?")
_PAIR = re.compile(r"([^0-9]*)([0-9]*)")
_END = "\x02"
_ORDER = {ord("~"): 1, **{ord(sign): ord(sign) + 256 for sign in "!#$%&'()*+,-./:;<=>?@[]^_`{|}"}}
"""Tilde before the end, the end before letters, letters before all other signs."""


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    Epoch, upstream version, revision. No epoch is 0, and so is no revision.

    Stricter than the tool in one point: a colon needs digits before it.

    Raises: Unparsable.
    Source: Debian Policy, section 5.6.12 "Version"; deb-version(7).
    """
    text = bounded("dpkg", version)
    found = _SHAPE.fullmatch(text)
    if found is None or text.endswith("-") or (found[1] is None and ":" in text):
        raise Unparsable("dpkg", version)
    epoch, upstream, revision = found.groups()
    return (int(epoch or 0), alternating(upstream), alternating(revision or "0"))


def alternating(text: str) -> tuple[Key, ...]:
    """A key of ASCII text and numbers in turn, text by the order of deb-version, a number missing at an end as 0."""
    key: list[Key] = []
    for word, number in _PAIR.findall(text.translate(_ORDER)):
        key += (word + _END, int(number or 0))
    return tuple(key)


SCHEME = Scheme(name="dpkg", ecosystems=("deb", "debian", "ubuntu", "dpkg", "echo", "opkg"), key=key)
