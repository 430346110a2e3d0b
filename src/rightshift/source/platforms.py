"""Platforms of images: which one is asked for, and which of several is it."""

from collections.abc import Sequence
from dataclasses import dataclass

from rightshift.errors import UsageError

_MACHINES = {
    "x86_64": ("amd64", ""),
    "aarch64": ("arm64", ""),
    "armv8l": ("arm", "v7"),
    "armv7l": ("arm", "v7"),
    "armv6l": ("arm", "v6"),
    "i386": ("386", ""),
    "i686": ("386", ""),
}
_IMPLIED = {"arm64": "v8", "arm": "v7", "amd64": "v1"}
_SPOKEN = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386", "armhf": "arm", "armel": "arm/v6"}


@dataclass(frozen=True, slots=True)
class Platform:
    """As the image specification writes it: Go's names of system and architecture, and a variant such as `v7`."""

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, (self.os, self.architecture, self.variant)))


def here() -> Platform:
    """Linux on the architecture of this machine."""
    import platform

    machine = platform.machine().lower()
    architecture, variant = _MACHINES.get(machine, (machine, ""))
    return Platform("linux", architecture, variant)


def parse(text: str) -> Platform:
    """
    `linux/arm64`, `linux/arm/v7` or an architecture alone.

    Raises:
        UsageError: it is none of these.
    """
    parts = text.strip().lower().split("/")
    if len(parts) == 1:
        parts = ["linux", *_SPOKEN.get(parts[0], parts[0]).split("/")]
    if not 2 <= len(parts) <= 3 or not all(part.replace(".", "").replace("-", "").isalnum() for part in parts):
        raise UsageError(f"“{text[:60]}” is no platform", do="Write it as linux/amd64 or linux/arm/v7")
    os, architecture, variant = [*parts, ""][:3]
    return Platform(os, _SPOKEN.get(architecture, architecture), variant)


def suits(wanted: Platform, offered: Platform) -> int:
    """How well an image for one platform serves another: 0 not at all. A variant that is not named is the usual one."""
    if (wanted.os, wanted.architecture) != (offered.os, offered.architecture):
        return 0
    ours, theirs = _variant(wanted), _variant(offered)
    if ours == theirs:
        return 100
    if wanted.variant and wanted.architecture != "arm":
        return 0
    return 1 + min(_number(theirs), 50) if _number(theirs) < _number(ours) else 0


def best(wanted: Platform, offered: Sequence[Platform]) -> int | None:
    """The place of the first among the platforms that suit best; None when none does."""
    ranked = [(suits(wanted, platform), -place) for place, platform in enumerate(offered)]
    score, place = max(ranked, default=(0, 0))
    return -place if score else None


def _variant(platform: Platform) -> str:
    return platform.variant or _IMPLIED.get(platform.architecture, "")


def _number(variant: str) -> int:
    digits = variant.removeprefix("v")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 4 else 0
