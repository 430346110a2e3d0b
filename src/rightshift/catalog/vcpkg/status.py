"""`vcpkg/status`: the ports that vcpkg built and installed. What a project asks for: `manifest.py`."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import decoded
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


class MalformedVcpkgStatus(Malformed):
    """Text without one port."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The installed ports, each version once whatever the triplet; features of a port have no version and are left out.

    A revision of the port itself follows the version after `#`, as vcpkg writes it.

    Raises: MalformedVcpkgStatus.
    Source: microsoft/vcpkg-tool, src/vcpkg/statusparagraph.cpp, src/vcpkg/binaryparagraph.cpp.
    """
    found: dict[Package, None] = {}
    bad = stanzas = 0
    for stanza in decoded(content).replace("\r\n", "\n").split("\n\n"):
        lines = (line.partition(":") for line in stanza.split("\n"))
        fields = {key: value.strip() for key, colon, value in lines if colon}
        if not stanza.strip():
            continue
        stanzas += "Package" in fields
        if "Feature" in fields or fields.get("Status", "").split()[-1:] != ["installed"]:
            continue
        name, version, revision = (fields.get(key, "") for key in ("Package", "Version", "Port-Version"))
        if name and version:
            version += f"#{revision}" if revision not in ("", "0") else ""
            found[Package(ecosystem="vcpkg", name=name, version=version)] = None
        else:
            bad += 1
    if not stanzas and content.strip():
        raise MalformedVcpkgStatus("no port")
    yield from found
    if bad:
        yield Gap("", f"{bad} ports without name or version")


FORMAT = Format(
    name="vcpkg-status",
    ecosystem="vcpkg",
    title="vcpkg: installed/vcpkg/status",
    patterns=("vcpkg/status",),
    limit_bytes=16 << 20,
    read=read,
)
