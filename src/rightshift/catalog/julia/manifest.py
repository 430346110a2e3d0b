"""`Manifest.toml`: the packages that a Julia environment was resolved to."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import toml_document
from rightshift.errors import Malformed
from rightshift.model.package import Origin, Package


class MalformedManifest(Malformed):
    """A manifest whose packages are no table."""


def read(content: bytes) -> Iterator[Package]:
    """
    The packages in the file's order. Those without a version come with Julia itself and are left out.

    Format 1 has the packages at the top, format 2 under `deps`; a name stands for several when their ids differ.

    Raises: MalformedManifest.
    Source: Pkg.jl documentation, "Project.toml and Manifest.toml", "Manifest.toml".
    """
    document = toml_document(content)
    packages = document.get("deps", {}) if "manifest_format" in document else document
    if not isinstance(packages, dict):
        raise MalformedManifest("`deps` is not a table")
    for name, entries in packages.items():
        for entry in entries if isinstance(entries, list) else ():
            match entry:
                case {"uuid": str(), "version": str(version), **rest}:
                    yield Package(ecosystem="julia", name=name, version=version, state="locked", origin=_origin(rest))


def _origin(entry: dict[object, object]) -> Origin:
    return "git" if "repo-url" in entry else "local" if "path" in entry else "registry"


FORMAT = Format(
    name="julia-manifest",
    ecosystem="julia",
    title="Julia: Manifest.toml, JuliaManifest.toml",
    patterns=("Manifest.toml", "JuliaManifest.toml", "Manifest-v*.toml", "JuliaManifest-v*.toml"),
    limit_bytes=8 << 20,
    read=read,
)
