"""Versions of rpm packages: epoch, version, release. Arch's relative: `pacman.py`."""

import re
from functools import lru_cache

from rightshift.versions.scheme import REMEMBERED, Key, Scheme, Unparsable, bounded

_SHAPE = re.compile(r"(?:([0-9]*):)?([^:\s]*)")
_PART = re.compile(r"[0-9]+|[A-Za-z]+|[~^]")
_TILDE, _END, _CARET, _WORD, _NUMBER = range(5)


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    Epoch, version, release; no epoch is 0 and no release is older than any.

    Only letters, digits, tilde and caret count, in ASCII; all other signs do nothing but separate.

    Raises: Unparsable.
    Source: rpm-version(7); rpm, "Dependencies", "Versioning".
    """
    found = _SHAPE.fullmatch(bounded("rpm", version))
    if found is None or not found[2]:
        raise Unparsable("rpm", version)
    upstream, dash, release = found[2].rpartition("-")
    if not dash:
        upstream, release = release, ""
    return (int(found[1] or 0), _parts(upstream), _parts(release))


def _parts(text: str) -> tuple[Key, ...]:
    key: list[Key] = []
    for part in _PART.findall(text):
        if part[0].isdigit():
            key += (_NUMBER, int(part))
        elif part == "~":
            key.append(_TILDE)
        elif part == "^":
            key.append(_CARET)
        else:
            key += (_WORD, part)
    key.append(_END)
    return tuple(key)


SCHEME = Scheme(
    name="rpm",
    ecosystems=(
        "rpm",
        "almalinux",
        "rocky linux",
        "red hat",
        "centos",
        "fedora",
        "suse",
        "opensuse",
        "openeuler",
        "mageia",
        "photon os",
        "oracle linux",
        "amazon linux",
        "azure linux",
        "mariner",
    ),
    key=key,
)
