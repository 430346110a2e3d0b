"""Whether a package URL that a person wrote means a package that was found. Making one: `model/package`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote

LONGEST = 4_096
_REMEMBERED = 1 << 13
_CASELESS = frozenset({"pypi", "github", "githubactions", "bitbucket", "composer", "hex", "deb", "apk", "alpm"}) | {
    "golang",
    "nuget",
    "oci",
}
_DASHES = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True)
class Purl:
    """The parts of a package URL, decoded, names in the form in which they are compared."""

    type: str
    name: str
    """With its namespace, between slashes."""
    version: str = ""
    qualifiers: Mapping[str, str] = field(default_factory=dict)

    def covers(self, found: "Purl") -> bool:
        """
        True where `found` is one of those that this one means: without a version all versions, without qualifiers
        all of them. Those that are given must be there.
        """
        if (self.type, self.name) != (found.type, found.name) or (self.version and self.version != found.version):
            return False
        return all(found.qualifiers.get(key) == value for key, value in self.qualifiers.items())


@lru_cache(maxsize=_REMEMBERED)
def parse(text: str) -> Purl | None:
    """
    The parts of a package URL, or None where the text is none. A subpath says where in the package, and is dropped.

    Source: purl-spec, "How to parse a purl string in its components"; for names without regard to case PURL-TYPES.
    """
    if len(text) > LONGEST or text[:4].lower() != "pkg:":
        return None
    rest = text[4:].lstrip("/").partition("#")[0]
    rest, _, query = rest.partition("?")
    path, version = rest, ""
    at = rest.rfind("@")
    if at > rest.rfind("/"):
        path, version = rest[:at], unquote(rest[at + 1 :])
    kind, _, name = path.strip("/").partition("/")
    kind, name = kind.lower(), "/".join(unquote(part) for part in name.split("/") if part)
    if not kind or not name:
        return None
    if kind in _CASELESS:
        name = name.lower()
    if kind == "pypi":
        name = _DASHES.sub("-", name)
    qualifiers = {}
    for pair in query.split("&"):
        key, equals, value = pair.partition("=")
        if equals and value:
            qualifiers[key.lower()] = unquote(value)
    return Purl(kind, name, version, qualifiers)


def covers(pattern: str, found: str) -> bool:
    """True where both are package URLs and the pattern means the one found."""
    wanted, given = parse(pattern), parse(found)
    return wanted is not None and given is not None and wanted.covers(given)
