"""pacman's description of one installed package. The files it brought: `owned.py`."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.model.package import Package, SourcePackage


def read(content: bytes) -> Iterator[Package]:
    """
    The package, if the file names one and its version.

    Source: libalpm's be_local.c (local database, "desc"): `%KEY%`, lines of values, a blank line.
    """
    values: dict[str, list[str]] = {}
    into: list[str] = []
    for line in content.decode("utf-8", "replace").splitlines():
        if len(line) > 2 and line[0] == line[-1] == "%":
            into = values.setdefault(line[1:-1], [])
        elif line:
            into.append(line)
    name, version = _first(values, "NAME"), _first(values, "VERSION")
    if name and version:
        yield Package(
            ecosystem="alpm",
            name=name,
            version=version,
            evidence="database",
            arch=_first(values, "ARCH"),
            source=SourcePackage(_first(values, "BASE") or name, version),
            licenses=tuple(values.get("LICENSE", ())),
        )


def _first(values: dict[str, list[str]], key: str) -> str:
    return next(iter(values.get(key, ())), "").strip()


FORMAT = Format(
    name="pacman-desc",
    ecosystem="alpm",
    title="Arch: var/lib/pacman/local/*/desc",
    patterns=("pacman/local/*/desc",),
    limit_bytes=4 << 20,
    read=read,
)
