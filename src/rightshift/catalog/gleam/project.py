"""`gleam.toml` with `manifest.toml`: what a Gleam project asks for, and what it was locked to."""

from collections.abc import Iterator, Mapping

from rightshift.catalog.format import Format
from rightshift.catalog.text import toml_document
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Origin, Package

ORIGINS: dict[str, Origin] = {"hex": "registry", "git": "git", "local": "local"}

TABLES = (("dependencies", False), ("dev-dependencies", True), ("dev_dependencies", True))
"""Tables of `gleam.toml`, each with whether it is for development."""


class MalformedGleam(Malformed):
    """A table of packages that is none."""


def read_group(members: Mapping[str, bytes]) -> Iterator[Package | Gap]:
    """
    The locked packages where there is a manifest, else those asked for, with the constraint as their version.

    The project itself and what it takes from a folder are left out. A `manifest.toml` by itself is some other tool's.

    Raises: MalformedGleam.
    Source: The Gleam documentation, "gleam.toml"; gleam-lang/gleam, compiler-core/src/manifest.rs.
    """
    files = {path.rpartition("/")[2]: path for path in members}
    if "gleam.toml" not in files:
        return
    project = toml_document(members[files["gleam.toml"]])
    asked = {name: dev for table, dev in TABLES for name in _table(project, table)}
    if "manifest.toml" in files:
        yield from _locked(toml_document(members[files["manifest.toml"]]), asked, files["manifest.toml"])
        return
    for table, dev in TABLES:
        for name, value in _table(project, table).items():
            match value:
                case str(version) | {"version": str(version)}:
                    yield Package(ecosystem="hex", name=name, version=version, state="locked", dev=dev)
                case {"git": _}:
                    yield Package(ecosystem="hex", name=name, state="locked", origin="git", dev=dev)


def _table(project: Mapping[str, object], name: str) -> dict[str, object]:
    match project.get(name, {}):
        case dict(table):
            return table
    raise MalformedGleam(f"`{name}` is not a table")


def _locked(manifest: Mapping[str, object], asked: Mapping[str, bool], path: str) -> Iterator[Package | Gap]:
    packages = manifest.get("packages", [])
    if not isinstance(packages, list):
        raise MalformedGleam("`packages` of manifest.toml is not a list")
    bad = 0
    for entry in packages:
        match entry:
            case {"source": "local"}:
                continue
            case {"name": str(name), "version": str(version), **rest}:
                yield Package(
                    ecosystem="hex",
                    name=name,
                    version=version,
                    state="locked",
                    origin=ORIGINS.get(str(rest.get("source")), "unknown"),
                    dev=asked.get(name, False),
                    locations=(path,),
                )
            case _:
                bad += 1
    if bad:
        yield Gap(path, f"{bad} packages without name or version")


FORMAT = Format(
    name="gleam",
    ecosystem="hex",
    title="Gleam: gleam.toml with manifest.toml",
    patterns=("gleam.toml", "manifest.toml"),
    limit_bytes=8 << 20,
    read_group=read_group,
)
