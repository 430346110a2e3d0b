"""What an application that Flatpak installed says of itself (AppStream)."""

from collections.abc import Iterator

from rightshift.catalog import text
from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.package import Package


class MalformedMetainfo(Malformed):
    """No id or no release."""


def read(content: bytes) -> Iterator[Package]:
    """
    The application at its newest release, which stands first.

    Raises: Malformed.
    Source: AppStream 1.0, "Upstream Metadata", `<releases/>`.
    """
    root = text.xml_root(content)
    name = (root.findtext("id") or "").strip()
    release = root.find("releases/release")
    version = (release.get("version", "") if release is not None else "").strip()
    if root.tag != "component" or not name or not version:
        raise MalformedMetainfo("no id or no release")
    licence = (root.findtext("project_license") or "").strip()
    yield Package(
        ecosystem="flatpak", name=name, version=version, evidence="metadata", licenses=(licence,) if licence else ()
    )


FORMAT = Format(
    name="flatpak-metainfo",
    ecosystem="flatpak",
    title="Flatpak: export/share/metainfo/*.metainfo.xml, *.appdata.xml",
    patterns=("export/share/metainfo/*.metainfo.xml", "export/share/metainfo/*.appdata.xml"),
    limit_bytes=4 << 20,
    read=read,
)
