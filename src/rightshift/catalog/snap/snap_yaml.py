"""What a snap says of itself."""

from collections.abc import Iterator

from rightshift.catalog import text
from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.package import Package


class MalformedSnap(Malformed):
    """No name or no version."""


def read(content: bytes) -> Iterator[Package]:
    """
    The snap. Of several architectures none is taken: the file doesn't say which one lies here.

    Raises: Malformed.
    Source: Snapcraft documentation, "The snap format", meta/snap.yaml.
    """
    documents = text.yaml_documents(content)
    match documents[0] if documents else None:
        case {"name": str(name), "version": str(version), "architectures": [str(arch)]} if name and version:
            yield Package(ecosystem="snap", name=name, version=version, evidence="metadata", arch=arch)
        case {"name": str(name), "version": str(version)} if name and version:
            yield Package(ecosystem="snap", name=name, version=version, evidence="metadata")
        case _:
            raise MalformedSnap("no name or no version")


FORMAT = Format(
    name="snap-yaml",
    ecosystem="snap",
    title="Snaps: meta/snap.yaml",
    patterns=("meta/snap.yaml",),
    limit_bytes=2 << 20,
    read=read,
)
