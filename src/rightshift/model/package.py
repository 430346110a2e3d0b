"""A package: what it is called, which version, where it lies and how that was had. Its advisories: `advisory.py`."""

import re
from dataclasses import dataclass
from typing import Literal

State = Literal["installed", "linked", "locked", "claimed"]
"""installed on disk; linked into a binary; named by a lock file or manifest; an SBOM says so."""

Origin = Literal["registry", "git", "local", "url", "unknown"]
"""Where the package came from. Only `registry` and `unknown` can match an advisory by name."""

Evidence = Literal[
    "", "database", "metadata", "pom.properties", "pom.xml", "manifest", "file name", "build info", "classifier"
]
"""How the identity was had; the last ones are guesses. Empty where the file itself names the package."""


@dataclass(frozen=True, slots=True)
class Distro:
    """A distribution as `os-release` names it. `id` is lower case; `version` as given (`12`, `3.19.1`), or empty."""

    id: str
    version: str = ""
    like: tuple[str, ...] = ()
    codename: str = ""
    name: str = ""
    root: str = ""
    """Folder below which it holds, without slashes around it: empty for the whole tree."""


@dataclass(frozen=True, slots=True)
class SourcePackage:
    """What an OS package was built from: Debian's source, Alpine's origin, the name of a source rpm."""

    name: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """
    One package at one version, as a reader found it.

    `ecosystem` is the purl type. `name` is the whole name as the ecosystem writes it: `group:artifact` for Maven,
    `@scope/name` for npm, `github.com/x/y` for Go, `vendor/name` for Composer. `version` is the ecosystem's own
    spelling (an rpm's and a deb's with its epoch), empty when the file gives none. `locations` are paths below the
    root; a path inside an archive follows its archive after `!/`. `layer` counts from 0 at the base of an image.
    """

    ecosystem: str
    name: str
    version: str = ""
    state: State = "installed"
    origin: Origin = "registry"
    evidence: Evidence = ""
    namespace: str = ""
    """purl namespace where the name does not carry it: a vendor. A distribution's id comes from `distro`."""
    arch: str = ""
    source: SourcePackage | None = None
    distro: Distro | None = None
    modularity: str = ""
    """rpm: `name:stream:version:context` of the module that brought it."""
    dev: bool = False
    optional: bool = False
    not_installed: bool = False
    """A lock file names it, and the installed tree beside that file lacks it: listed, never matched."""
    licenses: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    layer: int | None = None
    owner: str = ""
    """purl of the OS package whose files these are; then the distribution's advisories hold, not the ecosystem's."""

    @property
    def purl(self) -> str:
        """
        The package URL with its qualifiers in alphabetical order.

        Source: purl-spec, "How to build purl string from its components" and PURL-TYPES.
        """
        return purl(self)

    def but(self, **changes: object) -> "Package":
        """The same package with other values; a fifth of what `dataclasses.replace` takes."""
        copy = object.__new__(Package)
        for name in Package.__slots__:
            object.__setattr__(copy, name, changes[name] if name in changes else getattr(self, name))
        return copy


_LOWER = frozenset(
    {"pypi", "github", "githubactions", "bitbucket", "composer", "hex", "luarocks", "deb", "apk", "alpm"}
)
_DISTRO_TYPES = frozenset({"deb", "apk", "rpm", "alpm", "opkg"})
_EPOCH_APART = frozenset({"rpm"})
_ESCAPED = re.compile(r"[^A-Za-z0-9_.~:-]").search


def purl(package: Package) -> str:
    """The package URL of a package; see `Package.purl`."""
    kind, name, version = package.ecosystem, package.name, package.version
    namespace, qualifiers, subpath = package.namespace, {}, ""
    if kind in _DISTRO_TYPES and package.distro:
        namespace = namespace or package.distro.id
        if package.distro.id:
            qualifiers["distro"] = "-".join(filter(None, (package.distro.id, package.distro.version)))
    if kind == "maven":
        group, _, name = name.rpartition(":")
        namespace = namespace or group
    elif kind == "cocoapods":
        name, _, subpath = name.partition("/")
    elif kind not in _DISTRO_TYPES and "/" in name:
        group, _, name = name.rpartition("/")
        namespace = "/".join(filter(None, (namespace, group)))
    if kind in _EPOCH_APART and ":" in version:
        epoch, _, version = version.partition(":")
        qualifiers["epoch"] = epoch
    if kind == "pypi":
        name = name.replace("_", "-")
    if kind in _LOWER:
        namespace, name = namespace.lower(), name.lower()
    if package.arch:
        qualifiers["arch"] = package.arch
    parts = [_quoted(part) for part in namespace.split("/") if part]
    text = "/".join(("pkg:" + kind, *parts, _quoted(name)))
    if version:
        text += "@" + _quoted(version)
    if qualifiers:
        text += "?" + "&".join(f"{key}={_quoted(value)}" for key, value in sorted(qualifiers.items()))
    if subpath:
        text += "#" + "/".join(_quoted(part) for part in subpath.split("/") if part)
    return text


def _quoted(text: str) -> str:
    """Percent-encoded where it has to be, which is rare. Source: purl-spec, "Character encoding"."""
    if not _ESCAPED(text):
        return text
    from urllib.parse import quote

    return quote(text, safe=":")


@dataclass(frozen=True, slots=True)
class Owned:
    """Files that an OS package brought: paths below the root without a leading slash."""

    package: str
    arch: str
    paths: tuple[str, ...]
