"""How names are compared, per ecosystem. Which names a package is looked for under: `candidates.py`."""

import re

_RUN = re.compile(r"[-_.]+")
_LOWER = frozenset({"NuGet", "Packagist", "Hex", "Pub", "GitHub Actions", "VSCode"})


def split(ecosystem: str) -> tuple[str, str]:
    """OSV's ecosystem in two: `Debian:12` is ("Debian", "12"), `PyPI` ("PyPI", "")."""
    base, _, release = ecosystem.partition(":")
    return base, release


def normal(base: str, name: str) -> str:
    """
    The name as it is compared in an ecosystem (without release).

    Source: PEP 503, "Normalized Names"; NuGet, Composer, Hex and Pub hold no two names that differ in case alone.
    """
    if base == "PyPI":
        return _RUN.sub("-", name).lower()
    return name.lower() if base in _LOWER else name
