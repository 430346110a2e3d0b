"""Installed distributions: `*.dist-info/METADATA`, `*.egg-info/PKG-INFO` and kin. Eggs and wheels: `archive.py`."""

from collections.abc import Iterator, Mapping

from rightshift.catalog import text
from rightshift.catalog.format import Format, directory
from rightshift.catalog.pypi import metadata, places
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Origin, Package


def group(path: str) -> str:
    """A folder of one distribution, or a file that is all there is of it."""
    return path if path.endswith(".egg-info") else directory(path)


def read_group(members: Mapping[str, bytes]) -> Iterator[Package | Gap]:
    """
    The distribution of one folder, with where it was installed from.

    A folder that begins with `~` is what pip has moved aside before removing it, and no package; nor is test data.

    Source: Python Packaging User Guide, "Recording installed projects" and "Recording the Direct URL Origin of
    installed distributions"; setuptools documentation, "The Internal Structure of Python Eggs".
    """
    if places.is_test_data(next(iter(members), "")):
        return
    origin: Origin = "registry"
    for path, content in members.items():
        if path.endswith("/direct_url.json"):
            try:
                origin = _origin(content)
            except Malformed as error:
                yield Gap(path, str(error))
    for path, content in members.items():
        if path.endswith("direct_url.json") or group(path).rpartition("/")[2].startswith("~"):
            continue
        try:
            found = metadata.package(content, origin)
        except Malformed as error:
            yield Gap(path, str(error))
        else:
            yield Package(
                ecosystem=found.ecosystem,
                name=found.name,
                version=found.version,
                evidence=found.evidence,
                origin=found.origin,
                licenses=found.licenses,
                locations=(path,),
            )


def _origin(content: bytes) -> Origin:
    match text.json_document(content):
        case {"vcs_info": dict()}:
            return "git"
        case {"dir_info": dict()}:
            return "local"
        case {"url": str(address)}:
            return "local" if address.startswith("file:") else "url"
        case _:
            raise Malformed("an address without its kind")


FORMAT = Format(
    name="python-installed",
    ecosystem="pypi",
    title="Python: *.dist-info/METADATA, *.egg-info/PKG-INFO, *.egg-info, EGG-INFO/PKG-INFO (with direct_url.json)",
    patterns=(
        "*dist-info/METADATA",
        "*dist-info/direct_url.json",
        "DIST-INFO/METADATA",
        "*egg-info/PKG-INFO",
        "EGG-INFO/PKG-INFO",
        "*.egg-info",
    ),
    limit_bytes=8 << 20,
    read_group=read_group,
    group=group,
)
