"""Versions of Haskell packages and of GHC: numbers between dots, and nothing else."""

import re
from functools import lru_cache

from rightshift.versions.scheme import REMEMBERED, Key, Scheme, Unparsable, bounded

_SHAPE = re.compile(r"[0-9]+(?:\.[0-9]+)*")


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    Number by number; of two that begin alike the shorter is older (1.0 < 1.0.0).

    Raises: Unparsable.
    Source: Haskell Package Versioning Policy, section 4; Data.Version.
    """
    text = bounded("hackage", version)
    if not _SHAPE.fullmatch(text):
        raise Unparsable("hackage", version)
    return tuple(int(part) for part in text.split("."))


SCHEME = Scheme(name="hackage", ecosystems=("hackage", "ghc"), key=key)
