"""`pom.properties` in an unpacked archive (`META-INF/maven/GROUP/ARTIFACT/`), as application servers leave it."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.maven import coordinates
from rightshift.errors import Malformed
from rightshift.model.package import Package


class MalformedPomProperties(Malformed):
    """No group or no artifact."""


def read(content: bytes) -> Iterator[Package]:
    """
    The package that was unpacked here.

    Raises: MalformedPomProperties.
    """
    found = coordinates.of_properties(content)
    if not found:
        raise MalformedPomProperties("no groupId or no artifactId")
    yield Package(ecosystem="maven", name=found.name, version=found.version, evidence="pom.properties")


FORMAT = Format(
    name="java-unpacked",
    ecosystem="maven",
    title="Java: META-INF/maven/GROUP/ARTIFACT/pom.properties of an unpacked archive",
    patterns=("META-INF/maven/*/*/pom.properties",),
    limit_bytes=1 << 20,
    read=read,
)
