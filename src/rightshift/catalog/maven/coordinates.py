"""Maven coordinates as `pom.properties` and a manifest write them. Coordinates that are guessed: `guess.py`."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

HEADERS = 2_000
"""Lines of a manifest's main section; a real one has some twenty, with long lists some hundred."""


class Coordinates(NamedTuple):
    """`group` and `version` are empty when they are not known."""

    group: str
    artifact: str
    version: str

    @property
    def name(self) -> str:
        """`group:artifact`; the artifact alone, which no advisory names, when the group is not known."""
        return f"{self.group}:{self.artifact}" if self.group else self.artifact


_PROPERTY = re.compile(rb"^[ \t]*(groupId|artifactId|version)[ \t]*[=:]([^\r\n]*+)$", re.MULTILINE)


def of_properties(content: bytes) -> Coordinates | None:
    """
    What Maven writes into an archive that it builds; None when it lacks a name. Placeholders are as nothing.

    Source: Maven Archiver Reference, "pom.properties content"; java.util.Properties, "load".
    """
    found = {key.decode(): _plain(value) for key, value in _PROPERTY.findall(content.replace(b"\r", b"\n"))}
    group, artifact = found.get("groupId", ""), found.get("artifactId", "")
    return Coordinates(group, artifact, found.get("version", "")) if group and artifact else None


def _plain(value: bytes) -> str:
    text = value.decode(errors="replace")
    return "" if "${" in text else text.replace("\\:", ":").replace("\\=", "=").strip()


def headers(content: bytes) -> Mapping[str, str]:
    """
    The main section of a manifest: header to value; of equal ones the last wins. Names in lower case.

    Source: JAR File Specification, "Manifest Specification": lines of 72 bytes, continued by a blank.
    """
    return {name.lower(): value.strip() for name, value in _lines(content)}


def _lines(content: bytes) -> Iterator[tuple[str, str]]:
    parts: list[bytes] = []
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines()):
        if line.startswith(b" ") and parts:
            parts.append(line[1:])
            continue
        yield from _header(parts)
        if not line or number > HEADERS:
            return
        parts = [line]
    yield from _header(parts)


def _header(parts: list[bytes]) -> Iterator[tuple[str, str]]:
    name, colon, value = b"".join(parts).partition(b":")
    if colon:
        yield name.decode(errors="replace").strip(), value.decode(errors="replace")
