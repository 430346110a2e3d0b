"""`conaninfo.txt`: a package in Conan's store, and all that it was built with."""

from collections.abc import Iterator

from rightshift.catalog.conan.reference import package, section_lines
from rightshift.catalog.format import Format
from rightshift.catalog.text import decoded
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from rightshift.tree.file import File, read_whole

LIMIT_BYTES = 4 << 20


class MalformedConanInfo(Malformed):
    """Text without sections."""


def read_file(file: File) -> Iterator[Package | Gap]:
    """
    The package itself where its path names it (Conan 1: `NAME/VERSION/USER/CHANNEL/package/ID/`), then what it needs.

    Raises: MalformedConanInfo.
    Source: Conan 1 documentation, "How settings and options of a recipe influence its package ID"; `conans/paths`.
    """
    lines = list(section_lines(decoded(read_whole(file, LIMIT_BYTES))))
    if any(not section for section, _ in lines):
        raise MalformedConanInfo("lines outside of any section")
    match file.path.split("/")[-7:]:
        case [name, version, user, channel, "package", _, _] if own := package(
            f"{name}/{version}@{user}/{channel}", "installed"
        ):
            yield own
    sections = {section for section, _ in lines}
    wanted = "full_requires" if "full_requires" in sections else "requires"
    needed = [package(line, "installed") for section, line in lines if section == wanted]
    yield from dict.fromkeys(found for found in needed if found)
    if bad := needed.count(None):
        yield Gap("", f"{bad} requirements that are no reference")


FORMAT = Format(
    name="conaninfo",
    ecosystem="conan",
    title="Conan: conaninfo.txt",
    patterns=("conaninfo.txt",),
    limit_bytes=LIMIT_BYTES,
    read_file=read_file,
)
