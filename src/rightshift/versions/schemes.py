"""Which ecosystem orders its versions by which scheme; the schemes are found by being in this folder."""

import importlib
import pkgutil
from functools import cache, lru_cache

from rightshift.versions.scheme import Scheme

_KNOWN_ECOSYSTEMS = 512
"""Answers kept: more than OSV has names with releases in use; a hostile feed can't make it grow."""


@lru_cache(maxsize=_KNOWN_ECOSYSTEMS)
def scheme(ecosystem: str) -> Scheme | None:
    """
    The scheme of a purl type or of an OSV ecosystem with or without its release (`Debian:12`), whatever the case.

    None where versions have no order that is known: commits, or an ecosystem that nobody has taught us.
    """
    return _table().get(ecosystem.partition(":")[0].strip().lower())


def all_schemes() -> tuple[Scheme, ...]:
    """Every scheme, by name."""
    return tuple(sorted(set(_table().values()), key=lambda scheme: scheme.name))


@cache
def _table() -> dict[str, Scheme]:
    package = importlib.import_module(__package__ or "rightshift.versions")
    table: dict[str, Scheme] = {}
    for info in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if info.name == __name__:
            continue
        found = getattr(importlib.import_module(info.name), "SCHEME", None)
        if isinstance(found, Scheme):
            table.update(dict.fromkeys(found.ecosystems, found))
    return table
