"""Portage's record of one installed package: its folder's name, the files it brought, its licence."""

import re
from collections.abc import Iterator, Mapping

from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.package import Owned, Package

_NAME_VERSION = re.compile(r"(.{1,200}?)-([0-9][^-]{0,100}(?:-r[0-9]{1,10})?)\Z")


class MalformedPortageEntry(Malformed):
    """The folder is not called like a package and its version."""


def read_group(members: Mapping[str, bytes]) -> Iterator[Package | Owned]:
    """
    The package of one folder and its files.

    Raises: MalformedPortageEntry.
    Source: Package Manager Specification, "Version Specifications"; portage(5), "/var/db/pkg".
    """
    contents = {path.rpartition("/")[2]: content for path, content in members.items()}
    if "CONTENTS" not in contents:
        return
    *_, category, folder, _ = ("", "", *next(iter(members)).split("/"))
    found = _NAME_VERSION.match(folder)
    if not found or not category:
        raise MalformedPortageEntry(f"no name and version in {folder[:80]!r}")
    name = f"{category}/{found[1]}"
    yield Package(
        ecosystem="ebuild",
        name=name,
        version=found[2],
        evidence="database",
        licenses=tuple(contents.get("LICENSE", b"").decode("utf-8", "replace").split()[:100]),
        locations=tuple(sorted(members)),
    )
    if paths := tuple(_files(contents["CONTENTS"].decode("utf-8", "replace"))):
        yield Owned(name, "", paths)


def _files(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if line.startswith("obj "):
            yield line[4:].rsplit(" ", 2)[0].lstrip("/")
        elif line.startswith("sym "):
            yield line[4:].partition(" -> ")[0].lstrip("/")


FORMAT = Format(
    name="portage",
    ecosystem="ebuild",
    title="Gentoo: var/db/pkg/*/*/CONTENTS, LICENSE, SIZE",
    patterns=("db/pkg/*/*/CONTENTS", "db/pkg/*/*/LICENSE", "db/pkg/*/*/SIZE"),
    limit_bytes=32 << 20,
    read_group=read_group,
)
