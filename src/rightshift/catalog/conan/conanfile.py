"""`conanfile.txt`: what a C or C++ project asks Conan for. What it was locked to: `lock.py`."""

from collections.abc import Iterator

from rightshift.catalog.conan.reference import package, section_lines
from rightshift.catalog.format import Format
from rightshift.catalog.text import decoded
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


class MalformedConanfile(Malformed):
    """Text without sections."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The entries of `[requires]`, in order. A range of versions is kept as it is written: `[>=1.2 <2]`.

    Raises: MalformedConanfile.
    Source: Conan documentation, "conanfile.txt".
    """
    bad = 0
    sectioned = True
    for section, line in section_lines(decoded(content)):
        sectioned &= bool(section)
        if section == "requires":
            if found := package(line.partition(" #")[0], "locked"):
                yield found
            else:
                bad += 1
    if not sectioned:
        raise MalformedConanfile("lines outside of any section")
    if bad:
        yield Gap("", f"{bad} requirements that are no reference")


FORMAT = Format(
    name="conanfile-txt",
    ecosystem="conan",
    title="Conan: conanfile.txt",
    patterns=("conanfile.txt",),
    limit_bytes=4 << 20,
    read=read,
)
