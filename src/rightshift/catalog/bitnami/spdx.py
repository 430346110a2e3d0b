"""The SPDX document that Bitnami puts beside each of its components. SPDX documents in general: `sboms/`."""

from collections.abc import Iterator
from urllib.parse import unquote

from rightshift.catalog import text
from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package

_NONE = frozenset({"", "NONE", "NOASSERTION"})


class MalformedBitnamiSpdx(Malformed):
    """Not an SPDX document with a list of packages."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The packages that carry a package URL of type `bitnami`; what they were built from is left to other formats.

    Raises: Malformed.
    Source: SPDX 2.3, chapter 7; PURL-TYPES, "bitnami".
    """
    document = text.json_document(content)
    packages = document.get("packages") if isinstance(document, dict) else None
    if not isinstance(packages, list):
        raise MalformedBitnamiSpdx("no list of packages")
    for entry in packages:
        match entry:
            case {"name": str(), "externalRefs": list(references)}:
                licence = entry.get("licenseDeclared")
                licenses = (licence,) if isinstance(licence, str) and licence not in _NONE else ()
                yield from filter(None, (_package(reference, licenses) for reference in references))
            case {"name": str()}:
                continue
            case _:
                yield Gap("", "a package without a name")


def _package(reference: object, licenses: tuple[str, ...]) -> Package | None:
    match reference:
        case {"referenceType": "purl", "referenceLocator": str(purl)} if purl.startswith("pkg:bitnami/"):
            identity, _, rest = purl.removeprefix("pkg:bitnami/").partition("?")
            name, _, version = identity.partition("@")
            arch = next((word[5:] for word in rest.partition("#")[0].split("&") if word.startswith("arch=")), "")
            return Package(
                ecosystem="bitnami",
                name=unquote(name),
                version=unquote(version),
                state="claimed",
                evidence="metadata",
                arch=arch,
                licenses=licenses,
            )
        case _:
            return None


FORMAT = Format(
    name="bitnami-spdx",
    ecosystem="bitnami",
    title="Bitnami: opt/bitnami/*/.spdx-*.spdx",
    patterns=("bitnami/*/.spdx-*.spdx", "bitnami/.spdx-*.spdx"),
    limit_bytes=16 << 20,
    read=read,
)
