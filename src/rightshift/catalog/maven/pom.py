"""One `pom.xml` by itself: what it says and what its own properties resolve. Parents and imports: `pom_xml.py`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rightshift.catalog import text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PLACES = 20
"""Placeholders replaced in one value; each may bring others."""
VALUE_CHARS = 1_000

_PLACE = re.compile(r"\$\{([^${}]{1,200})\}")


@dataclass(frozen=True, slots=True)
class Dependency:
    """Fields as written, placeholders and all; empty where the file leaves them out."""

    group: str
    artifact: str
    version: str
    scope: str
    kind: str
    optional: str


@dataclass(frozen=True, slots=True)
class Pom:
    """A project's description. `parent` holds the coordinates of another one, `relativePath` with them."""

    fields: Mapping[str, str]
    parent: Mapping[str, str]
    properties: Mapping[str, str]
    dependencies: tuple[Dependency, ...]
    managed: tuple[Dependency, ...]
    profile_dependencies: tuple[Dependency, ...]
    """Of profiles that are not active by themselves."""

    def own(self, field: str) -> str:
        """`groupId`, `artifactId` or `version` of this project, its parent's where it has none; else empty."""
        value = self.fields.get(field) or (self.parent.get(field, "") if field != "artifactId" else "")
        return resolved(value, self.variables())

    def variables(self) -> dict[str, str]:
        """What placeholders in this file stand for, its parent's own properties not counted."""
        found = dict(self.properties)
        for field in ("groupId", "artifactId", "version"):
            value = self.fields.get(field) or (self.parent.get(field, "") if field != "artifactId" else "")
            for prefix in ("project.", "pom.", ""):
                found.setdefault(prefix + field, value)
            found.setdefault(f"project.parent.{field}", self.parent.get(field, ""))
        return found


def parse(content: bytes) -> Pom:
    """
    Raises: Malformed.
    Source: Maven, "POM Reference".
    """
    root = text.xml_root(content)
    profiles = root.findall("profiles/profile")
    active = [root, *(profile for profile in profiles if profile.findtext("activation/activeByDefault") == "true")]
    passive = [profile for profile in profiles if profile not in active]
    parent = root.find("parent")
    return Pom(
        fields=_texts(root),
        parent=_texts(parent) if parent is not None else {},
        properties={
            key: value
            for part in active
            for table in part.findall("properties")
            for key, value in _texts(table).items()
        },
        dependencies=_dependencies(active, "dependencies/dependency"),
        managed=_dependencies(active, "dependencyManagement/dependencies/dependency"),
        profile_dependencies=_dependencies(passive, "dependencies/dependency"),
    )


def _texts(element: "Element") -> dict[str, str]:
    return {child.tag: (child.text or "").strip() for child in element if len(child) == 0}


def _dependencies(parts: list["Element"], path: str) -> tuple[Dependency, ...]:
    found = []
    for part in parts:
        for element in part.findall(path):
            of = _texts(element)
            fields = ("groupId", "artifactId", "version", "scope", "type", "optional")
            found.append(Dependency(*(of.get(field, "") for field in fields)))
    return tuple(found)


def resolved(value: str, variables: Mapping[str, str]) -> str:
    """A value with its placeholders replaced; empty when one of them is not known, or leads in a circle."""
    if "${" not in value:
        return value
    for _ in range(PLACES):
        match = _PLACE.search(value)
        if not match or len(value) > VALUE_CHARS:
            break
        if match[1] not in variables:
            return ""
        value = value[: match.start()] + variables[match[1]] + value[match.end() :]
    return "" if "${" in value or len(value) > VALUE_CHARS else value.strip()
