"""Versions of Arch packages. The order it grew from: `rpm.py`; here separators count by their length."""

import re
from functools import lru_cache

from rightshift.versions.scheme import REMEMBERED, Key, Scheme, Unparsable, bounded

_SHAPE = re.compile(r"(?:([0-9]+):)?([^:\s/]+)")
_PART = re.compile(r"([^0-9A-Za-z]*)([0-9]+|[A-Za-z]+|$)")
_WORD, _END, _NUMBER = range(3)


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    Epoch, version, release. A word right behind a number is older than nothing, behind a separator newer.

    A missing release counts as 1, the first that a package can have: pacman leaves the release out of the comparison
    then, which orders nothing when three versions meet.

    Raises: Unparsable.
    Source: vercmp(8); PKGBUILD(5), `pkgver`, `pkgrel`, `epoch`.
    """
    found = _SHAPE.fullmatch(bounded("pacman", version))
    if found is None:
        raise Unparsable("pacman", version)
    upstream, dash, release = found[2].rpartition("-")
    if not dash:
        upstream, release = release, "1"
    return (int(found[1] or 0), _parts(upstream), _parts(release))


def _parts(text: str) -> tuple[Key, ...]:
    key: list[Key] = []
    for separator, part in _PART.findall(text):
        if not part:
            key += (len(separator), _END)
        elif part[0].isdigit():
            key += (len(separator), _NUMBER, int(part))
        else:
            key += (len(separator), _WORD, part)
    return tuple(key)


SCHEME = Scheme(name="pacman", ecosystems=("alpm", "arch", "archlinux", "arch linux", "pacman"), key=key)
