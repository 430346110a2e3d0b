"""The header of a distribution's description (`METADATA`, `PKG-INFO`). Where it lies: `installed.py`, `archive.py`."""

from dataclasses import dataclass

from rightshift.errors import Malformed
from rightshift.model.package import Origin, Package

LICENSE_CHARS = 100
"""A longer `License` field is the text of the licence, not its name."""


class MalformedMetadata(Malformed):
    """A header without a name or a version."""


@dataclass(slots=True)
class _Header:
    name: str = ""
    version: str = ""
    expression: str = ""
    license: str = ""
    classifiers: tuple[str, ...] = ()


def package(content: bytes, origin: Origin = "registry") -> Package:
    """
    The package that a description names. Only what stands before the first empty line counts: the rest is prose.

    Raises: MalformedMetadata.
    Source: Python Packaging User Guide, "Core metadata specifications".
    """
    header = _header(content)
    if not header.name or not header.version:
        raise MalformedMetadata("no name" if not header.name else f"no version of {header.name[:200]!r}")
    named = header.expression or (header.license if len(header.license) <= LICENSE_CHARS else "")
    licenses = (named,) if named and named != "UNKNOWN" else header.classifiers
    return Package(
        ecosystem="pypi",
        name=header.name,
        version=header.version,
        evidence="metadata",
        origin=origin,
        licenses=licenses,
    )


def _header(content: bytes) -> _Header:
    header = _Header()
    for line in content.removeprefix(b"\xef\xbb\xbf").splitlines():
        if not line.strip():
            break
        key, colon, rest = line.partition(b":")
        field = _FIELDS.get(key.lower())
        if not colon or field is None:
            continue
        value = rest.strip().decode(errors="replace")
        if field == "classifiers":
            if value.startswith("License :: "):
                header.classifiers += (value.rpartition(" :: ")[2],)
        elif not getattr(header, field):
            setattr(header, field, value)
    return header


_FIELDS = {
    b"name": "name",
    b"version": "version",
    b"license-expression": "expression",
    b"license": "license",
    b"classifier": "classifiers",
}
