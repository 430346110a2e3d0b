"""How npm's tools write which package is meant and where it comes from. The files that hold it: beside this one."""

import re
from collections.abc import Iterable
from dataclasses import replace

from rightshift.model.package import Origin, Package

_GIT = re.compile(
    r"(?:git[+:@]|git\+|github:|gitlab:|bitbucket:|gist:)|(?:https?|ssh)://[^/?#]*/[^?#]*\.git(?:[?#]|\Z)"
    r"|https://(?:codeload\.github\.com/|gitlab\.com/|bitbucket\.org/|github\.com/[^/]*/[^/]*/(?:archive|tarball)/)"
    r"|[\w.-]+/[\w.-]+(?:#|\Z)"
)
_LOCAL = ("file:", "link:", "portal:", "workspace:", "root:", "./", "../", "/", "~/")
_FIRST_NUMBER = re.compile(
    r"(?:npm:)?[\s=v~^>]*(\d{1,16})(?:\.(\d{1,16}))?(?:\.(\d{1,16}))?(?:\.[xX*])*([-+][\w.+-]+)?"
)


def split(text: str) -> tuple[str, str]:
    """Name and rest of `name@rest`; the @ of a scope stays with the name. The rest is empty when there is none."""
    at = text.find("@", 1)
    return (text[:at], text[at + 1 :]) if at > 0 else (text, "")


def origin(address: str) -> Origin:
    """
    Where an address or a requirement leads. `unknown` is an archive on a host that may well be a registry's.

    Source: npm-package-arg, README; npm's registry tarballs lie at `/NAME/-/BASENAME-VERSION.tgz`.
    """
    if address.startswith(_LOCAL):
        return "local"
    if _GIT.match(address):
        return "git"
    if address.startswith(("https://", "http://")) and "/-/" not in address:
        return "unknown"
    return "registry"


def lowest(requirement: str) -> str:
    """The lowest version that a requirement of npm's may mean; empty for none and for tags."""
    match = _FIRST_NUMBER.match(requirement)
    return ".".join(part or "0" for part in match.groups()[:3]) + (match[4] or "") if match else ""


def distinct(packages: Iterable[Package]) -> list[Package]:
    """Each package once, in the order of first sight: `dev` and `optional` only when all of the same say so."""
    seen: dict[tuple[str, str, Origin], Package] = {}
    for package in packages:
        key = package.name, package.version, package.origin
        first = seen.setdefault(key, package)
        if (first.dev and not package.dev) or (first.optional and not package.optional):
            seen[key] = replace(first, dev=first.dev and package.dev, optional=first.optional and package.optional)
    return list(seen.values())
