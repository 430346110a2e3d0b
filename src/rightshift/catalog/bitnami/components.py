"""The list of components of an older Bitnami image. Newer ones have a document for each: `spdx.py`."""

from collections.abc import Iterator

from rightshift.catalog import text
from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


class MalformedBitnamiComponents(Malformed):
    """Not a table of components in JSON."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The components, in the file's order.

    Raises: Malformed.
    Source: bitnami/containers, prebuildfs/opt/bitnami/.bitnami_components.json.
    """
    document = text.json_document(content)
    if not isinstance(document, dict):
        raise MalformedBitnamiComponents("not a table of components")
    for name, entry in document.items():
        match entry:
            case {"version": str(version)} if name:
                arch = entry.get("arch")
                yield Package(
                    ecosystem="bitnami",
                    name=name,
                    version=version,
                    state="claimed",
                    evidence="metadata",
                    arch=arch if isinstance(arch, str) else "",
                )
            case _:
                yield Gap("", f"{name[:80]!r} has no version")


FORMAT = Format(
    name="bitnami-components",
    ecosystem="bitnami",
    title="Bitnami: opt/bitnami/.bitnami_components.json",
    patterns=(".bitnami_components.json",),
    limit_bytes=4 << 20,
    read=read,
)
