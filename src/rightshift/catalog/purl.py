"""A package URL, read. Writing one: `model/package.purl`, of which this is the inverse."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from rightshift.errors import Malformed
from rightshift.model.package import Distro, Package, SourcePackage

CHARS = 4096
"""Longer ones are refused; the longest in real documents have some 500."""

OS_TYPES = frozenset({"deb", "apk", "rpm", "alpm", "opkg"})
"""Types whose namespace is a vendor and not a part of the name."""

DISTROS = {
    "redhat": "rhel",
    "alma": "almalinux",
    "oracle": "ol",
    "amazon": "amzn",
    "suse": "sles",
    "cbl-mariner": "mariner",
}
"""What scanners call a distribution to its id in `os-release`."""

_TYPE = re.compile(r"[a-z][a-z0-9.+-]{0,63}\Z")
_KEY = re.compile(r"[a-z][a-z0-9._-]{0,63}\Z")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LOWER = frozenset(
    {"pypi", "github", "githubactions", "bitbucket", "composer", "hex", "luarocks", "deb", "apk", "alpm"}
)
_SOURCE_RPM = re.compile(r"(.{1,400})-([^-]{1,200}-[^-]{1,200})\.(?:no)?src\.rpm\Z")


class MalformedPurl(Malformed):
    """Not a package URL."""


@dataclass(frozen=True, slots=True)
class Purl:
    """The parts of a package URL, decoded. Keys of qualifiers are in lower case, values as given and never empty."""

    type: str
    namespace: str
    name: str
    version: str = ""
    qualifiers: Mapping[str, str] = field(default_factory=dict)
    subpath: str = ""


def parsed(text: str) -> Purl:
    """
    The parts of a package URL. An `@` in front of an npm scope that nobody escaped is not taken for a version.

    Raises: MalformedPurl.
    Source: purl-spec, "How to parse a purl string in its components".
    """
    if len(text) > CHARS:
        raise MalformedPurl(f"a package URL of more than {CHARS} characters")
    rest, _, subpath = text.strip().partition("#")
    rest, _, qualifiers = rest.partition("?")
    scheme, colon, rest = rest.partition(":")
    if scheme.lower() != "pkg" or not colon:
        raise MalformedPurl("does not begin with `pkg:`")
    kind, _, rest = rest.strip("/").partition("/")
    if not _TYPE.match(kind.lower()):
        raise MalformedPurl("no type")
    path, at, version = rest.rpartition("@")
    if not at or not path or path.endswith("/"):
        path, version = rest, ""
    namespace, _, name = path.strip("/").rpartition("/")
    if not name:
        raise MalformedPurl("no name")
    return Purl(
        kind.lower(),
        "/".join(_decoded(part) for part in namespace.split("/") if part),
        _decoded(name),
        _decoded(version),
        _qualifiers(qualifiers),
        "/".join(_decoded(part) for part in subpath.split("/") if part not in ("", ".", "..")),
    )


def package(text: str) -> Package:
    """
    The package that a package URL names, as somebody claims it (`claimed`); where it came from is unknown.

    Of the qualifiers count `arch`, `distro`, `epoch` (goes in front of the version), `upstream` (the source package,
    as syft writes it) and `rpmmod`. A namespace that is just the id of the distribution is not repeated.

    Raises: MalformedPurl.
    Source: purl-spec, PURL-TYPES; anchore/syft, syft/pkg/url.go, for `upstream` and `distro`.
    """
    url = parsed(text)
    namespace, name, version = url.namespace, url.name, url.version
    if url.type in _LOWER:
        namespace, name = namespace.lower(), name.lower()
    if url.type == "pypi":
        name = name.replace("_", "-")
    if url.type not in OS_TYPES:
        return Package(
            ecosystem=url.type,
            name=_whole_name(url.type, namespace, name, url.subpath),
            version=version,
            state="claimed",
            origin="unknown",
            arch=url.qualifiers.get("arch", ""),
        )
    epoch = url.qualifiers.get("epoch", "")
    distro = _distro(url.qualifiers.get("distro", ""), namespace)
    return Package(
        ecosystem=url.type,
        name=name,
        version=f"{epoch}:{version}" if epoch and ":" not in version else version,
        state="claimed",
        origin="unknown",
        namespace="" if distro and distro.id == namespace else namespace,
        arch=url.qualifiers.get("arch", ""),
        source=_source(url.qualifiers.get("upstream", "")),
        distro=distro,
        modularity=url.qualifiers.get("rpmmod", ""),
    )


def distribution(word: str, version: str = "", codename: str = "") -> Distro:
    """A distribution by its id or by what scanners call it."""
    plain = word.strip().lower()
    return Distro(id=DISTROS.get(plain, plain), version=version.strip(), codename=codename)


def _whole_name(kind: str, namespace: str, name: str, subpath: str) -> str:
    if kind == "maven":
        return f"{namespace}:{name}" if namespace else name
    if kind == "cocoapods" and subpath:
        return f"{name}/{subpath}"
    return f"{namespace}/{name}" if namespace else name


def _distro(value: str, namespace: str) -> Distro | None:
    """`debian-12`, `opensuse-leap-15.5`, `12.5` and `bookworm` (both of the namespace's distribution)."""
    word, dash, version = value.rpartition("-")
    if dash and version[:1].isdigit():
        return distribution(word, version)
    if not value:
        return None
    if value[0].isdigit():
        return distribution(namespace, value)
    if namespace and distribution(value).id != distribution(namespace).id and not dash:
        return distribution(namespace, codename=value.lower())
    return distribution(value)


def _source(value: str) -> SourcePackage | None:
    if found := _SOURCE_RPM.match(value):
        return SourcePackage(found[1], found[2])
    name, _, version = value.partition("@")
    return SourcePackage(name, version) if name else None


def _qualifiers(text: str) -> dict[str, str]:
    found = {}
    for pair in text.split("&") if text else ():
        key, _, value = pair.partition("=")
        if not _KEY.match(key.lower()):
            raise MalformedPurl("a qualifier without a proper key")
        if decoded := _decoded(value):
            found[key.lower()] = decoded
    return found


def _decoded(text: str) -> str:
    if _BAD_ESCAPE.search(text):
        raise MalformedPurl("a percent sign that escapes nothing")
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise MalformedPurl("escaped bytes that are not UTF-8") from error
