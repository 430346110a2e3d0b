"""Eggs and wheels: distributions that lie there as one zip file. Unpacked ones: `installed.py`."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.pypi import metadata, places
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from rightshift.tree.file import File
from rightshift.tree.zip import Zip

METADATA_BYTES = 8 << 20


def read_file(file: File) -> Iterator[Package | Gap]:
    """
    The distribution that an archive describes; nothing when it describes none, or is test data.

    Raises: MalformedZip, MalformedMetadata, OverBudget, OSError.
    Source: Python Packaging User Guide, "Binary distribution format"; setuptools documentation, "Zipfile Eggs".
    """
    if places.is_test_data(file.path):
        return
    archive = Zip(file)
    for entry in list(archive.entries(_described)):
        yield metadata.package(archive.read(entry, METADATA_BYTES))
    if archive.flaw:
        yield Gap("", archive.flaw)


def _described(name: str) -> bool:
    """Only at the top: what lies deeper belongs to a distribution that is carried along."""
    folder, _, rest = name.partition("/")
    return (rest == "METADATA" and folder.endswith(".dist-info")) or name == "EGG-INFO/PKG-INFO"


FORMAT = Format(
    name="python-archive",
    ecosystem="pypi",
    title="Python: *.egg, *.whl",
    patterns=("*.egg", "*.whl"),
    limit_bytes=4 << 30,
    read_file=read_file,
)
