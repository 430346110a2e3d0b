"""Which OS package owns the files of another package: then its distribution answers for it, not the other ecosystem."""

from collections.abc import Sequence

from rightshift.model.package import Owned, Package

_MERGED = ("bin/", "sbin/", "lib/", "lib64/", "lib32/", "libx32/")
"""Folders that many systems have only as links into `usr/`: a database may write either."""

_DATABASES = (
    "var/lib/dpkg/",
    "usr/lib/dpkg/",
    "usr/lib/apk/",
    "lib/apk/",
    "var/lib/rpm/",
    "var/lib/rpmmanifest/",
    "usr/lib/sysimage/rpm/",
    "usr/share/rpm/",
    "var/lib/pacman/",
    "var/db/pkg/",
    "usr/lib/opkg/",
)

OS_ECOSYSTEMS = frozenset({"deb", "apk", "rpm", "alpm", "opkg", "ebuild"})
"""Those of a distribution, whose database speaks for the root it lies in."""
_NEVER_OWNED = OS_ECOSYSTEMS | {"snap", "flatpak"}


class Owners:
    """Gathers the files that OS packages own, then links what lies in them."""

    def __init__(self) -> None:
        self._by_path: dict[str, tuple[str, str, str]] = {}
        self._roots: set[str] = set()

    def add(self, owned: Owned, database: str) -> None:
        """`database` is the path of the file that says so: owners are looked for among the packages of its tree."""
        root = root_of(database)
        for path in owned.paths:
            self._by_path[root + _canonical(path)] = (root, owned.package, owned.arch)
        self._roots.add(root)

    def link(self, packages: Sequence[Package]) -> Sequence[Package]:
        """The same packages; those that lie wholly in an OS package's files name it in `owner`."""
        if not self._by_path:
            return list(packages)
        os_packages: dict[tuple[str, str], list[Package]] = {}
        for package in packages:
            if package.ecosystem in _NEVER_OWNED:
                root = root_of(place_of(package))
                os_packages.setdefault((root, package.name), []).append(package)
        roots = sorted(self._roots, key=len, reverse=True)
        return [self._linked(package, os_packages, roots) for package in packages]

    def _linked(
        self, package: Package, os_packages: dict[tuple[str, str], list[Package]], roots: Sequence[str]
    ) -> Package:
        if package.ecosystem in _NEVER_OWNED or package.state == "locked":
            return package
        found = self._by_path.get(_canonical_below(place_of(package), roots))
        if not found:
            return package
        root, name, arch = found
        candidates = os_packages.get((root, name), ())
        owner = next((p for p in candidates if not arch or p.arch == arch), candidates[0] if candidates else None)
        return package.but(owner=owner.purl) if owner else package


def place_of(package: Package) -> str:
    """The file on disk that a package lies in: the archive, where it lies inside one."""
    return package.locations[0].partition("!/")[0]


def root_of(database: str) -> str:
    """The folder, with a slash at its end unless empty, whose packages a database lists; empty where none is known."""
    for mark in _DATABASES:
        if database.startswith(mark):
            return ""
        at = database.find("/" + mark)
        if at >= 0:
            return database[: at + 1]
    return ""


def _canonical(path: str) -> str:
    return "usr/" + path if path.startswith(_MERGED) else path


def _canonical_below(place: str, roots: Sequence[str]) -> str:
    root = next((root for root in roots if place.startswith(root)), "")
    return root + _canonical(place[len(root) :])
