"""Versions of Alpine packages and of the distributions that use its tools."""

import re
from functools import lru_cache

from rightshift.versions.scheme import REMEMBERED, Key, Scheme, Unparsable, bounded

_SUFFIX = r"_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*"
_SHAPE = re.compile(
    r"(?P<first>[0-9]+)(?P<more>(?:\.[0-9]+)*)(?P<letter>[a-z]?)"
    rf"(?P<suffixes>(?:{_SUFFIX})*)(?:~(?P<hash>[0-9a-f]+))?(?:-r(?P<revision>[0-9]+))?"
    r"(?P<unread>[!-~]*)"
)
_SUFFIX_PART = re.compile(r"_([a-z]+)([0-9]*)")
_BEFORE = {"alpha": 0, "beta": 1, "pre": 2, "rc": 3}
_AFTER = {"cvs": 0, "svn": 1, "git": 2, "hg": 3, "p": 4}
_EARLY, _UNREAD, _END, _REVISION, _HASH, _SUFFIX_NUMBER, _LATE, _LETTER, _DIGITS = range(9)
"""What stands first where two versions part decides: the later in this list, the newer."""


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    Numbers, a letter, suffixes, a commit, a revision. A number after a dot that begins with 0 is a fraction: it is
    ordered as text and below those that don't.

    Text behind what can be read (`1.0bc`) makes a version older than without it, as the tool has it.

    Raises: Unparsable when not even the first number is there.
    Source: apk-package(5), "Package version"; Gentoo PMS, "Version comparison", for the fractions.
    """
    found = _SHAPE.fullmatch(bounded("apk", version))
    if found is None:
        raise Unparsable("apk", version)
    key: list[Key] = [int(found["first"])]
    for part in found["more"].split(".")[1:]:
        key += (_DIGITS, 0, part) if part[0] == "0" else (_DIGITS, 1, int(part))
    if found["letter"]:
        key += (_LETTER, found["letter"])
    for name, number in _SUFFIX_PART.findall(found["suffixes"]):
        key += (_EARLY, _BEFORE[name]) if name in _BEFORE else (_LATE, _AFTER[name])
        if number:
            key += (_SUFFIX_NUMBER, int(number))
    if found["hash"]:
        key += (_HASH, found["hash"])
    if found["revision"]:
        key += (_REVISION, int(found["revision"]))
    key += (_UNREAD, found["unread"]) if found["unread"] else (_END,)
    return tuple(key)


SCHEME = Scheme(
    name="apk",
    ecosystems=(
        "apk",
        "alpine",
        "alpaquita",
        "bellsoft hardened containers",
        "wolfi",
        "chainguard",
        "minimos",
        "postmarketos",
    ),
    key=key,
)
