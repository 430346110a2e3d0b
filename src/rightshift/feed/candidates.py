"""Under which names a package is looked for, and which version is compared. What is found there: `matches.py`."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rightshift.feed import sources
from rightshift.feed.distributions import part
from rightshift.feed.names import normal, split
from rightshift.model.ecosystem import OSV
from rightshift.model.package import Package

NO_VERSION = frozenset({"", "(devel)", "unknown", "latest", "none", "null", "0.0.0-unspecified"})
"""Texts, in lower case, that say that there is no version to compare."""

DISTRIBUTIONS = frozenset({"deb", "apk", "rpm", "alpm", "opkg", "ebuild"})
_BITNAMI_REVISION = re.compile(r"-\d+$")
_SIGNED = re.compile(r"linux-signed(?:-(?:amd64|arm64|i386|armhf))?(?P<rest>.*)")
_REPOSITORY = "https://"
"""OSV writes Drupal's own repository, for modules and themes, as the release of Packagist."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row of the feed that may speak of a package: `holds` says for which releases' statements that is so."""

    ecosystem: str
    """Without release."""
    name: str
    """As compared."""
    version: str
    holds: Callable[[str], bool]


def candidates(package: Package) -> Iterator[Candidate]:
    """
    Where to look for a package; nothing where its name proves nothing.

    Files that an OS package brought are the distribution's matter. What came from git, a folder or an address only
    shares its name with what the registry has. What a lock file names and the tree beside it lacks is not there. A jar
    whose group is not known could be anybody's.
    """
    if not is_named(package.owner, package.origin, not_installed=package.not_installed):
        return
    if package.ecosystem in DISTRIBUTIONS:
        yield from _of_distribution(package)
    elif package.ecosystem in OSV:
        yield from _of_registry(package)


def is_named(owner: str, origin: str, *, not_installed: bool) -> bool:
    """Whether a package's name proves anything: see `candidates`."""
    return not owner and not not_installed and origin in ("registry", "unknown")


def spoken(ecosystem: str, name: str, version: str) -> Iterator[Candidate]:
    """
    Where to look for what somebody wrote in OSV's words, `Debian:12` and a source package's name.

    Where a distribution's name is that of a well-known binary package, its source is looked for as well.
    """
    base, release = split(ecosystem)
    base = OSV.get(base, base)
    holds = release.__eq__ if release else _either
    yield Candidate(base, normal(base, name), version, holds)
    for source in sources.known(base, name):
        yield Candidate(base, source, version, holds)


def _of_distribution(package: Package) -> Iterator[Candidate]:
    found = part(package.distro) if package.distro else None
    if found is None:
        return
    if found.names == "binary":
        yield Candidate(found.ecosystem, package.name, package.version, found.holds)
        return
    source = package.source
    if source is None:
        for name in (package.name, *sources.known(found.ecosystem, package.name)):
            yield Candidate(found.ecosystem, name, package.version, found.holds)
    elif package.ecosystem == "deb" and (signed := _SIGNED.fullmatch(source.name)):
        # The signed kernel is a source of its own, versioned otherwise; its binaries carry the kernel's version.
        yield Candidate(found.ecosystem, "linux" + signed["rest"], package.version, found.holds)
    else:
        yield Candidate(found.ecosystem, source.name, source.version or package.version, found.holds)


def _of_registry(package: Package) -> Iterator[Candidate]:
    base, name, version = OSV[package.ecosystem], package.name, package.version
    holds: Callable[[str], bool] = _none
    match package.ecosystem:
        case "maven" if ":" not in name:
            return
        case "bitnami":
            version = _BITNAMI_REVISION.sub("", version)
        case "composer" if name.lower().startswith("drupal/"):
            holds = _none_or_repository
        case "swift":
            name = name.removeprefix("https://").removesuffix(".git")
    yield Candidate(base, normal(base, name), version, holds)


def _none(release: str) -> bool:
    return not release


def _none_or_repository(release: str) -> bool:
    return not release or release.startswith(_REPOSITORY)


def _either(release: str) -> bool:
    """For a distribution that is named without release: any. Registries have none."""
    return isinstance(release, str)
