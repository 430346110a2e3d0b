"""Versions of .NET packages."""

import re
from functools import lru_cache

from rightshift.versions.scheme import REMEMBERED, Key, Scheme, Unparsable, bounded
from rightshift.versions.semver import precedence

_SHAPE = re.compile(r"([0-9]+(?:\.[0-9]+){0,3})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]*)?")


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    One to four numbers, missing ones 0; pre-releases without regard to case; what follows `+` does not count.

    Raises: Unparsable.
    Source: NuGet documentation, "Package versioning", "Version basics" and "Normalized version numbers".
    """
    found = _SHAPE.fullmatch(bounded("nuget", version))
    if found is None:
        raise Unparsable("nuget", version)
    return precedence(found[1], (found[2] or "").lower())


SCHEME = Scheme(name="nuget", ecosystems=("nuget",), key=key)
