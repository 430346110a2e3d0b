"""How Conan names a package, in all its files. The files: `lock.py`, `conanfile.py`, `conaninfo.py`."""

import re
from collections.abc import Iterator

from rightshift.model.package import Package, State

_REFERENCE = re.compile(
    r"(?P<name>[A-Za-z0-9_][\w+.-]{0,100})/(?P<version>\[[^\]\n]{1,200}\]|[A-Za-z0-9_][\w+.-]{0,200})"
    r"(?:@(?:(?P<user>[\w+.-]{1,100})(?:/[\w+.-]{1,100})?)?)?(?:[#:%][^\s]{0,2000})?\Z"
)

SECTION = re.compile(r"\s*\[([\w-]{1,60})\]")


def package(reference: str, state: State) -> Package | None:
    """
    The package that `name/version@user/channel#recipe:package` stands for; None where that is no reference.

    A user of its own makes it another package: it stands before the name.

    Source: Conan documentation, "Reference", "recipe reference"; purl-spec, type "conan".
    """
    found = _REFERENCE.match(reference.strip())
    if not found:
        return None
    user = found["user"] if found["user"] not in (None, "_") else ""
    name = f"{user}/{found['name']}" if user else found["name"]
    return Package(ecosystem="conan", name=name, version=found["version"], state=state)


def section_lines(text: str) -> Iterator[tuple[str, str]]:
    """Lines of a file of sections, each with the name of its section; comments and blanks left out."""
    section = ""
    for line in text.split("\n"):
        plain = line.strip()
        if head := SECTION.match(line):
            section = head[1]
        elif plain and not plain.startswith("#"):
            yield section, plain
