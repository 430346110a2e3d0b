"""Lays the readings of layers over each other: what is still there, and which layer brought it. Owners: `owners.py`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from rightshift.catalog.owners import OS_ECOSYSTEMS, Owners, place_of, root_of
from rightshift.catalog.walk import Reading
from rightshift.model.package import Distro, Package, State

_Key = tuple[str, str, str, str, str, str]
_STATES: tuple[State, ...] = ("installed", "linked", "locked", "claimed")

INSTALLED_BESIDE = {
    "npm": ("node_modules/",),
    "pypi": (".venv/", "venv/", "env/", "__pypackages__/"),
    "composer": ("vendor/",),
    "gem": ("vendor/bundle/", ".bundle/"),
}
"""Where an ecosystem installs beside its lock file: what lies there wins over what the lock file names."""

INSIDE_PACKAGES = ("node_modules/", "site-packages/", "dist-packages/")
"""A lock file or a manifest below these belongs to an installed package's own development: no package of this tree."""

Visible = Callable[[int, str], bool]


def merge(layers: Sequence[Iterable[Reading]], visible: Visible | None = None) -> tuple[list[Package], Distro | None]:
    """
    The packages that one sees at the top, in a stable order, and the distribution at the root.

    `layers` are base first; `visible(layer, path)` says whether what that layer brought at a path is still there. A
    package's `layer` is the first from which on its file has named it without a break. Without `visible` there is one
    tree and no layer.
    """
    readings = [list(layer) for layer in layers]
    seen = _Seen(readings)
    packages: list[tuple[Package, int | None]] = []
    distros: list[Distro] = []
    owners = Owners()
    for number, layer in enumerate(readings):
        for reading in layer:
            if not (reading.packages or reading.owned or reading.distros):
                continue
            here = visible is None or visible(number, reading.path)
            for package in reading.packages:
                if _foreign(package):
                    continue
                place = place_of(package)
                if visible is None:
                    packages.append((package, None))
                elif here if place == reading.path else visible(number, place):
                    packages.append((package, seen.since(number, package, place)))
            if here:
                distros += reading.distros
                for owned in reading.owned:
                    owners.add(owned, reading.path)
    by_root = {distro.root: distro for distro in distros}
    placed = [_placed(package, layer, by_root) for package, layer in packages]
    merged = _as_one(_beside_installed(owners.link(placed)))
    return merged, by_root.get("")


class _Seen:
    """Which layers have a file that names a package: for the one that brought it."""

    def __init__(self, layers: Sequence[Iterable[Reading]]) -> None:
        self._named: list[dict[str, set[tuple[str, str, str]]]] = []
        asked = {place_of(package) for layer in layers[1:] for reading in layer for package in reading.packages}
        for layer in layers[:-1]:
            at: dict[str, set[tuple[str, str, str]]] = {}
            for reading in layer:
                if reading.path in asked:
                    at.setdefault(reading.path, set())
                for package in reading.packages:
                    if (place := place_of(package)) in asked:
                        at.setdefault(place, set()).add((package.name, package.version, package.arch))
            self._named.append(at)

    def since(self, layer: int, package: Package, place: str) -> int:
        if not layer:
            return 0
        key = (package.name, package.version, package.arch)
        first = layer
        for number in range(layer - 1, -1, -1):
            named = self._named[number].get(place)
            if named is None:
                continue
            if key not in named:
                break
            first = number
        return first


def _foreign(package: Package) -> bool:
    if package.state != "locked":
        return False
    place = "/" + place_of(package)
    return any("/" + folder in place for folder in INSIDE_PACKAGES)


def _placed(package: Package, layer: int | None, distros: Mapping[str, Distro]) -> Package:
    """A database speaks for the root it lies in: a bare one inside a tree is of no distribution that is known."""
    if package.ecosystem in OS_ECOSYSTEMS and not package.distro:
        distro = distros.get(root_of(place_of(package)).rstrip("/"))
        return package.but(distro=distro, layer=layer) if distro or layer is not None else package
    return package.but(layer=layer) if layer is not None else package


def _beside_installed(packages: Sequence[Package]) -> Iterator[Package]:
    """Where an installed tree lies beside a lock file, what only the lock file names is marked so."""
    folders: dict[str, set[str]] = {}
    for package in packages:
        if package.state == "installed" and package.ecosystem in INSTALLED_BESIDE:
            place = "/" + place_of(package)
            for beside in INSTALLED_BESIDE[package.ecosystem]:
                at = place.find("/" + beside)
                while at >= 0:
                    folders.setdefault(package.ecosystem, set()).add(place[: at + 1])
                    at = place.find("/" + beside, at + 1)
    for package in packages:
        if package.state == "locked" and package.ecosystem in folders:
            folder = ("/" + place_of(package)).rpartition("/")[0] + "/"
            if folder in folders[package.ecosystem]:
                yield package.but(not_installed=True)
                continue
        yield package


def _key(package: Package) -> _Key:
    root = root_of(place_of(package)) if package.ecosystem in OS_ECOSYSTEMS else ""
    return package.ecosystem, package.name, package.version, package.arch, root, package.owner


def _as_one(packages: Iterable[Package]) -> list[Package]:
    """The same package at several places is one, unless an OS package owns some of them: it answers for those alone."""
    groups: dict[_Key, list[Package]] = {}
    for package in packages:
        groups.setdefault(_key(package), []).append(package)
    return [_joined(group) for _, group in sorted(groups.items())]


def _joined(group: list[Package]) -> Package:
    if len(group) == 1:
        return group[0]
    best = min(group, key=lambda package: (package.not_installed, _STATES.index(package.state), package.layer or 0))
    layers = [package.layer for package in group if package.state == best.state and package.layer is not None]
    return best.but(
        locations=tuple(dict.fromkeys(place for package in group for place in package.locations)),
        layer=min(layers, default=best.layer),
        dev=all(package.dev for package in group),
        optional=all(package.optional for package in group),
        not_installed=all(package.not_installed for package in group),
        licenses=tuple(dict.fromkeys(licence for package in group for licence in package.licenses)),
        source=next((package.source for package in (best, *group) if package.source), None),
        origin=next((package.origin for package in group if package.origin == "registry"), best.origin),
    )
