"""Versions of OCaml packages: Debian's order over the whole text, without epoch and revision."""

import re
from functools import lru_cache

from rightshift.versions.dpkg import alternating
from rightshift.versions.scheme import REMEMBERED, Key, Scheme, Unparsable, bounded

_SHAPE = re.compile(r"[0-9A-Za-z_+.~-]+")


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    Text and numbers in turn; a tilde comes before the end.

    Raises: Unparsable.
    Source: opam manual, "Version ordering".
    """
    text = bounded("opam", version)
    if not _SHAPE.fullmatch(text):
        raise Unparsable("opam", version)
    return alternating(text)


SCHEME = Scheme(name="opam", ecosystems=("opam",), key=key)
