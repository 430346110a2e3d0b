"""What a scheme of versions is, and the bound that all of them share. Which ecosystem has which: `schemes.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

LIMIT = 256
"""Characters of a version that is looked at; the longest in 79,000 real advisories has 97."""

REMEMBERED = 1 << 14
"""Keys that each scheme keeps: more than a large image and its advisories have, and at most some 10 MB."""


class Unparsable(ValueError):
    """The text is no version of the scheme. Whoever compares it knows nothing; that is never "safe"."""

    def __init__(self, scheme: str, version: str) -> None:
        super().__init__(f"no version as {scheme} has them: {version[:60]!r}")


class Key(Protocol):
    """Totally ordered and hashable. Only keys of one scheme may be compared; equal keys are the same version."""

    def __lt__(self, other: Any, /) -> bool: ...

    def __le__(self, other: Any, /) -> bool: ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True, eq=False)
class Scheme:
    """
    One order of versions. `ecosystems` are purl types and OSV's names in lower case, without a release.

    `key` raises `Unparsable`, and remembers what it was asked.
    """

    name: str
    ecosystems: tuple[str, ...]
    key: Callable[[str], Key]

    def orders(self, version: str) -> bool:
        """True where the text is a version of this scheme."""
        try:
            self.key(version)
        except Unparsable:
            return False
        return True


def bounded(scheme: str, version: str) -> str:
    """The text without blanks around it. Raises: Unparsable when it is empty or longer than `LIMIT`."""
    if len(version) > LIMIT:
        raise Unparsable(scheme, version)
    text = version.strip()
    if not text:
        raise Unparsable(scheme, version)
    return text
