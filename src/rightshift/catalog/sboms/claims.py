"""What both kinds of bill have in common: claims that could be read, and those that could not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from rightshift.catalog.purl import OS_TYPES, distribution, package
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Distro, Package

Claim = Package | Distro | Gap

LIMIT_BYTES = 128 << 20
"""Bytes of a whole bill; that of an image with files of 100,000 packages has some 60 MB."""


@dataclass(slots=True)
class Losses:
    """Counts what could not be read, so that a thousand of a kind are one gap."""

    nameless: int = 0
    bad: list[str] = field(default_factory=list)

    def package(self, purl: object) -> Package | None:
        """The package that a package URL names; None, and counted, where it names none."""
        if not isinstance(purl, str) or not purl:
            self.nameless += 1
            return None
        try:
            return package(purl)
        except Malformed as error:
            self.bad.append(f"{purl[:80]} ({error})")
            return None

    def gaps(self) -> Iterator[Gap]:
        """At most two."""
        if self.nameless:
            yield Gap("", f"{self.nameless} components without a package URL")
        if self.bad:
            yield Gap("", f"{len(self.bad)} package URLs that could not be read, the first: {self.bad[0]}")


def in_distro(claimed: Package, distro: Distro | None) -> Package:
    """An OS package of the distribution that the bill is about, unless it says that it is of another one."""
    if not distro or claimed.ecosystem not in OS_TYPES or claimed.distro:
        return claimed
    if claimed.namespace and distribution(claimed.namespace).id != distro.id:
        return claimed
    return replace(claimed, distro=distro, namespace="" if claimed.namespace == distro.id else claimed.namespace)


def inside(claims: Iterable[Claim]) -> Iterator[Package | Gap]:
    """
    The claims of a bill that lies in a tree: there its packages lie where the bill lies, and the tree's distribution is
    not for a bill to say.
    """
    for claim in claims:
        if isinstance(claim, Package):
            yield replace(claim, locations=())
        elif isinstance(claim, Gap):
            yield claim


def places(paths: Sequence[object]) -> tuple[str, ...]:
    """Paths below the root, each once, without their leading slash."""
    return tuple(dict.fromkeys(path.lstrip("/") for path in paths if isinstance(path, str) and path.strip("/")))
