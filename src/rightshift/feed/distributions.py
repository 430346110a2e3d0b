"""Which part of the feed speaks of which distribution, and whose names and versions it uses there."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from rightshift.model.package import Distro

Names = Literal["source", "binary"]
"""Whether advisories name what was built from, with its version, or what is installed."""

_CODENAMES = {
    "woody": "3.0",
    "sarge": "3.1",
    "etch": "4.0",
    "lenny": "5.0",
    "squeeze": "6.0",
    "wheezy": "7",
    "jessie": "8",
    "stretch": "9",
    "buster": "10",
    "bullseye": "11",
    "bookworm": "12",
    "trixie": "13",
    "forky": "14",
}
_DEBIAN_WITH_MINOR = 6
"""Up to this release Debian's advisories count `6.0`, from then on `7`."""
_NUMBER = re.compile(r"(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Part:
    """The part of the feed that holds for one distribution; `holds` says it of each release's name."""

    ecosystem: str
    names: Names
    holds: Callable[[str], bool]


def _numbers(version: str) -> tuple[str, str]:
    found = _NUMBER.match(version)
    return (found[1], found[2] or "") if found else ("", "")


def _debian(distro: Distro) -> Callable[[str], bool]:
    major, minor = _numbers(distro.version)
    if not major:
        release = _CODENAMES.get(distro.codename or distro.version.partition("/")[0], "none")
    else:
        release = major if int(major) > _DEBIAN_WITH_MINOR else f"{major}.{minor or 0}"
    return release.__eq__


def _ubuntu(distro: Distro) -> Callable[[str], bool]:
    version = ".".join(distro.version.split(".")[:2])
    return frozenset({version, version + ":LTS"}).__contains__


def _alpine(distro: Distro) -> Callable[[str], bool]:
    major, minor = _numbers(distro.version)
    edge = "_alpha" in distro.version or not minor
    return ("edge" if edge else f"v{major}.{minor}").__eq__


def _major(distro: Distro) -> Callable[[str], bool]:
    return _numbers(distro.version)[0].__eq__


def _dotted(distro: Distro) -> Callable[[str], bool]:
    return ".".join(filter(None, _numbers(distro.version))).__eq__


def _as_given(distro: Distro) -> Callable[[str], bool]:
    return distro.version.__eq__


def _rolling(_: Distro) -> Callable[[str], bool]:
    return "".__eq__


def _red_hat(distro: Distro) -> Callable[[str], bool]:
    name = "enterprise_linux:" + _numbers(distro.version)[0]
    return lambda release: release == name or release.startswith(name + "::")


def _suse(distro: Distro) -> Callable[[str], bool]:
    major, pack = _numbers(distro.version)
    ending = f" {major} SP{pack}" if pack not in ("", "0") else f" {major}"
    return lambda release: release.startswith("Linux Enterprise") and release.endswith(ending)


def _leap(distro: Distro) -> Callable[[str], bool]:
    return f"Leap {distro.version}".__eq__


def _tumbleweed(_: Distro) -> Callable[[str], bool]:
    return "Tumbleweed".__eq__


_Maker = Callable[[Distro], Callable[[str], bool]]

_PARTS: Mapping[str, tuple[str, Names, _Maker]] = MappingProxyType(
    {
        "debian": ("Debian", "source", _debian),
        "raspbian": ("Debian", "source", _debian),
        "ubuntu": ("Ubuntu", "source", _ubuntu),
        "alpine": ("Alpine", "source", _alpine),
        "alpaquita": ("Alpaquita", "source", _as_given),
        "bellsoft-hardened-containers": ("BellSoft Hardened Containers", "source", _as_given),
        "wolfi": ("Wolfi", "source", _rolling),
        "chainguard": ("Chainguard", "source", _rolling),
        "minimos": ("MinimOS", "source", _rolling),
        "echo": ("Echo", "source", _rolling),
        "almalinux": ("AlmaLinux", "binary", _major),
        "rocky": ("Rocky Linux", "binary", _major),
        "rhel": ("Red Hat", "binary", _red_hat),
        "centos": ("Red Hat", "binary", _red_hat),
        "sles": ("SUSE", "source", _suse),
        "sled": ("SUSE", "source", _suse),
        "sles_sap": ("SUSE", "source", _suse),
        "opensuse-leap": ("openSUSE", "source", _leap),
        "opensuse-tumbleweed": ("openSUSE", "source", _tumbleweed),
        "openeuler": ("openEuler", "source", _as_given),
        "mageia": ("Mageia", "source", _major),
        "photon": ("Photon OS", "binary", _dotted),
        "azurelinux": ("Azure Linux", "binary", _major),
        "mariner": ("Azure Linux", "binary", _major),
    }
)
"""`ID` of os-release to the part of the feed, whose names it uses, and how its releases are told."""

_OTHER_NAMES = {
    "redhat": "rhel",
    "rockylinux": "rocky",
    "rocky-linux": "rocky",
    "alma": "almalinux",
    "opensuse": "opensuse-leap",
}


@lru_cache(maxsize=256)
def part(distro: Distro) -> Part | None:
    """
    The part of the feed for a distribution; None where there is none (its packages are then not judged at all).

    A derivative is not taken for its parent: it builds and fixes on its own.
    """
    name = distro.id.lower()
    known = _PARTS.get(_OTHER_NAMES.get(name, name))
    return Part(known[0], known[1], known[2](distro)) if known else None
