"""Versions of Go modules, and of Go itself (`go1.21rc2`), in one order. Plain semantic versions: `semver.py`."""

import re
from functools import lru_cache

from rightshift.versions.scheme import REMEMBERED, Key, Scheme, bounded
from rightshift.versions.semver import precedence, split

_TOOLCHAIN = re.compile(r"go(?P<release>[0-9]+(?:\.[0-9]+)*)(?P<pre>(?:rc|beta|alpha)[0-9]+)?(?P<rest>[ +-].*)?")
_WORD = re.compile(r"[a-z]+|[0-9]+")


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    Semantic precedence, with or without the `v`; `+incompatible` and other builds do not count.

    Releases of Go are read as the vulnerability database writes them: `go1.21rc2` is 1.21.0-rc.2. What follows a
    blank or hyphen there (`X:boringcrypto`, a vendor's mark) says how it was built, not which it is.

    Raises: Unparsable.
    Source: Go Modules Reference, "Versions" and "Pseudo-versions"; Go Toolchains, "Go versions".
    """
    if found := _TOOLCHAIN.fullmatch(bounded("golang", version)):
        return precedence(found["release"], ".".join(_WORD.findall(found["pre"] or "")))
    release, pre, _ = split("golang", version)
    return precedence(release, pre)


SCHEME = Scheme(name="golang", ecosystems=("golang", "go"), key=key)
