"""`verification-metadata.xml`: the components whose checksums Gradle proves."""

from collections.abc import Iterator

from rightshift.catalog import text
from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.package import Package


class MalformedVerification(Malformed):
    """Not XML."""


def read(content: bytes) -> Iterator[Package]:
    """
    The components of one file, each once. What lacks a group or a name keeps its colon, and matches nothing.

    Raises: MalformedVerification.
    Source: Gradle User Manual, "Verifying dependencies", the verification metadata file.
    """
    try:
        root = text.xml_root(content)
    except Malformed as error:
        raise MalformedVerification(str(error)) from error
    seen = set()
    for component in root.iterfind("components/component"):
        group, name, version = (component.get(key, "").strip() for key in ("group", "name", "version"))
        if (group or name) and (group, name, version) not in seen:
            seen.add((group, name, version))
            yield Package(ecosystem="maven", name=f"{group}:{name}", version=version, state="locked")


FORMAT = Format(
    name="gradle-verification",
    ecosystem="maven",
    title="Java: gradle/verification-metadata.xml",
    patterns=("verification-metadata.xml",),
    limit_bytes=32 << 20,
    read=read,
)
