"""`.tool-versions`: the tools that asdf, mise and kin install for a project."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import decoded
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    Each tool at each of its versions, in order. What is on the system already, built from a ref or taken from a path
    has no version here.

    Raises: Malformed.
    Source: asdf documentation, "Configuration", ".tool-versions".
    """
    bad = 0
    for line in decoded(content).split("\n"):
        match line.partition("#")[0].split():
            case [] | [_, "system"]:
                continue
            case [name, *versions] if versions:
                for version in versions:
                    if version != "system" and not version.startswith(("ref:", "path:")):
                        yield Package(ecosystem="asdf", name=name, version=version, state="locked")
            case _:
                bad += 1
    if bad:
        yield Gap("", f"{bad} lines without a version")


FORMAT = Format(
    name="tool-versions",
    ecosystem="asdf",
    title="asdf, mise: .tool-versions",
    patterns=(".tool-versions",),
    limit_bytes=256 << 10,
    read=read,
)
