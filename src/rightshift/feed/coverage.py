"""How much of a list of packages a feed can say anything about. What it says: `matches.py`."""

from collections.abc import Iterable
from dataclasses import dataclass

from rightshift.feed.candidates import DISTRIBUTIONS, NO_VERSION, candidates
from rightshift.feed.distributions import part
from rightshift.feed.lookup import Feed
from rightshift.model.package import Package


@dataclass(frozen=True, slots=True)
class Coverage:
    """
    `known` of `total` packages have a name that stands in the feed.

    `unknown_distributions` are those of which it has no advisory at all, so that silence says nothing there; each as
    `id version`. `unversioned` packages have a known name and no version to compare.
    """

    known: int
    total: int
    unknown_distributions: tuple[str, ...]
    unversioned: int

    def sentence(self, *, starter: bool) -> str:
        """One line for people."""
        return f"{'starter feed' if starter else 'feed'}: covers {self.known:,} of your {self.total:,} packages"


def coverage(packages: Iterable[Package], feed: Feed) -> Coverage:
    """Looks up each name once. Raises: FeedError when the feed is damaged."""
    names: dict[tuple[str, str], frozenset[str]] = {}
    ecosystems: dict[str, bool] = {}
    known = total = unversioned = 0
    without: set[str] = set()
    for package in packages:
        total += 1
        found = False
        for one in candidates(package):
            key = one.ecosystem, one.name
            if key not in names:
                names[key] = frozenset(statement.release for statement in feed.statements(*key))
            found = found or any(map(one.holds, names[key]))
        known += found
        unversioned += found and package.version.lower() in NO_VERSION
        if package.ecosystem in DISTRIBUTIONS and (where := _unknown(package, feed, ecosystems)):
            without.add(where)
    return Coverage(known, total, tuple(sorted(without)), unversioned)


def _unknown(package: Package, feed: Feed, ecosystems: dict[str, bool]) -> str:
    """The package's distribution if the feed has nothing of it."""
    distro = package.distro
    found = part(distro) if distro else None
    if found is not None:
        if found.ecosystem not in ecosystems:
            ecosystems[found.ecosystem] = feed.has(found.ecosystem)
        if ecosystems[found.ecosystem]:
            return ""
    return " ".join(filter(None, (distro.id, distro.version))) if distro else f"no distribution for {package.ecosystem}"
