"""Semantic versions, as crates, Hex and Swift have them. npm's ranges: `npm.py`; where builds count: `pub.py`."""

import re
from functools import lru_cache

from rightshift.versions.scheme import REMEMBERED, Key, Scheme, Unparsable, bounded

_SHAPE = re.compile(
    r"[vV=]*([0-9]+(?:\.[0-9]+)*)"
    r"(?:-([0-9A-Za-z._~-]+)|([A-Za-z][0-9A-Za-z._~-]*))?"
    r"(?:\+([0-9A-Za-z._~+-]*))?"
)


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    Precedence; the build does not count. Taken as people write them: a `v` in front, fewer or more than three
    numbers (what is missing is 0), no hyphen before a pre-release that starts with a letter.

    Raises: Unparsable.
    Source: Semantic Versioning 2.0.0, section 11.
    """
    release, pre, _ = split("semver", version)
    return precedence(release, pre)


def split(scheme: str, version: str) -> tuple[str, str, str]:
    """Numbers, pre-release and build as written, the last two empty where there are none. Raises: Unparsable."""
    found = _SHAPE.fullmatch(bounded(scheme, version))
    if found is None:
        raise Unparsable(scheme, version)
    release, pre, loose, build = found.groups()
    return release, pre or loose or "", build or ""


def precedence(release: str, pre: str) -> tuple[Key, ...]:
    """A key of the numbers, then pre-releases before the release."""
    numbers = [int(part) for part in release.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return (tuple(numbers), not pre, identifiers(pre) if pre else ())


def identifiers(text: str) -> tuple[Key, ...]:
    """A key of identifiers between dots: numbers before words, fewer before more."""
    key: list[Key] = []
    for part in text.split("."):
        key += (0, int(part)) if part.isdigit() else (1, part)
    return tuple(key)


SCHEME = Scheme(
    name="semver",
    ecosystems=(
        "semver",
        "cargo",
        "crates.io",
        "hex",
        "swift",
        "swifturl",
        "bitnami",
        "githubactions",
        "github actions",
        "conan",
        "conancenter",
        "linux",
        "vscode",
        "kubernetes",
    ),
    key=key,
)
