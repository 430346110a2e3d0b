"""Dart's and Julia's versions: semantic ones whose builds count too. Without builds: `semver.py`."""

from functools import lru_cache

from rightshift.versions.scheme import REMEMBERED, Key, Scheme
from rightshift.versions.semver import identifiers, precedence, split


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    Semantic precedence, then the build: none before any. Julia's binary packages carry their fixes there (`+1`).

    Raises: Unparsable.
    Source: pub_semver, "Semantics" (differences from Semantic Versioning); Julia manual, "Version Number Literals".
    """
    release, pre, build = split("pub", version)
    return (*precedence(release, pre), identifiers(build) if build else ())


SCHEME = Scheme(name="pub", ecosystems=("pub", "julia"), key=key)
