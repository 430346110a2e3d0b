"""`environment.yml`: what a Conda environment asks for, with what pip adds. What is installed: `meta.py`."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import yaml_documents
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Origin, Package

_CONDA = re.compile(
    r"(?:[^\s:]{1,200}::)?(?P<name>[A-Za-z0-9_][\w.-]{0,200})(?:\[[^\]]{0,400}\])?"
    r"(?:\s{0,8}={1,2}\s{0,8}(?P<version>[\w.+!-]{1,200})(?:=[^\s=]{1,200})?\s{0,8}\Z|(?P<other>.{0,400})\Z)"
)
_PIP = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]{0,200})\s{0,8}(?:\[[^\]]{0,400}\])?\s{0,8}"
    r"(?:===?\s{0,8}(?P<version>[\w.+!-]{1,200})\s{0,8}(?:[;#].{0,400})?\Z|(?P<address>@)|.{0,400}\Z)"
)


class MalformedEnvironment(Malformed):
    """A list of dependencies that is none."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The packages in order, those that pip installs in their own ecosystem. The version is empty unless it is fixed.

    A file of this name without `dependencies` belongs to some other tool and says nothing. Options of pip, and what it
    shall take from an address without giving a name, name no package.

    Raises: MalformedEnvironment.
    Source: Conda documentation, "Managing environments", "Package match specifications"; pip, "Requirements
    File Format".
    """
    match yaml_documents(content):
        case [{"dependencies": list(dependencies)}]:
            pass
        case [{"dependencies": str() | dict() | bool()}, *_]:
            raise MalformedEnvironment("`dependencies` is not a list")
        case _:
            return
    bad = 0
    for entry in dependencies:
        match entry:
            case str(text) if found := _CONDA.match(text.strip()):
                yield Package(ecosystem="conda", name=found["name"], version=found["version"] or "", state="locked")
            case {"pip": list(lines)}:
                yield from (package for line in lines if (package := _pip(line)))
            case {"pip": None}:
                continue
            case _:
                bad += 1
    if bad:
        yield Gap("", f"{bad} dependencies that name no package")


def _pip(line: object) -> Package | None:
    found = _PIP.match(line.strip()) if isinstance(line, str) else None
    if not found or not isinstance(line, str) or ("://" in line and not found["address"]):
        return None
    origin: Origin = "url" if found["address"] else "registry"
    return Package(ecosystem="pypi", name=found["name"], version=found["version"] or "", state="locked", origin=origin)


FORMAT = Format(
    name="conda-environment",
    ecosystem="conda",
    title="Conda: environment.yml, environment.yaml",
    patterns=("environment.yml", "environment.yaml"),
    limit_bytes=4 << 20,
    read=read,
)
