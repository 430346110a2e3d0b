"""apk's database of what is installed, with the files that each package brought."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Owned, Package, SourcePackage


class MalformedApkDatabase(Malformed):
    """Not a single record with a name and a version."""


def read(content: bytes) -> Iterator[Package | Owned | Gap]:
    """
    The packages in the file's order, each followed by its files. `source` is the origin that advisories name.

    Raises: MalformedApkDatabase.
    Source: apk-tools, "Apk spec" (installed database V2): a record's lines are a letter, a colon, a value.
    """
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    broken: list[str] = []
    good = 0
    for record in text.split("\n\n"):
        lines = record.strip("\n").split("\n")
        if lines == [""]:
            continue
        fields = {line[0]: line[2:] for line in reversed(lines) if line[1:2] == ":"}
        name, version = fields.get("P", ""), fields.get("V", "")
        if not name or not version or "\0" in name + version or " " in name:
            broken.append(record)
            continue
        good += 1
        yield Package(
            ecosystem="apk",
            name=name,
            version=version,
            evidence="database",
            arch=fields.get("A", ""),
            source=SourcePackage(fields.get("o") or name, version),
            licenses=(fields["L"],) if fields.get("L") else (),
        )
        if paths := tuple(_files(lines)):
            yield Owned(name, fields.get("A", ""), paths)
    if broken and not good:
        raise MalformedApkDatabase("no record with a name and a version")
    if broken:
        yield Gap("", f"{len(broken)} of {good + len(broken)} records have no name or version: {broken[0][:80]!r}")


def _files(lines: list[str]) -> Iterator[str]:
    folder = ""
    for line in lines:
        if line.startswith("F:"):
            folder = line[2:] + "/" if len(line) > 2 else ""
        elif line.startswith("R:"):
            yield folder + line[2:]


FORMAT = Format(
    name="apk-installed",
    ecosystem="apk",
    title="Alpine, Wolfi: lib/apk/db/installed",
    patterns=("lib/apk/db/installed",),
    limit_bytes=64 << 20,
    partly=True,
    read=read,
)
