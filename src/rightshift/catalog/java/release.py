"""`release` at the top of a Java runtime: whose it is, and which version."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.package import Package
from rightshift.tree.file import File, read_whole

LIMIT_BYTES = 1 << 20
_LINE = re.compile(rb'^(\w+)="?([^"\r\n]*)"?\r?$', re.MULTILINE)
_VERSIONS = ("JAVA_RUNTIME_VERSION", "FULL_VERSION", "JAVA_VERSION")


class MalformedRelease(Malformed):
    """The file of a Java runtime, without its version."""


def read_file(file: File) -> Iterator[Package]:
    """
    The runtime that lies here; nothing for the many other files of this name.

    Vendors build OpenJDK and number it alike, so a build that is not known to be another product is `oracle/openjdk`.

    Raises: MalformedRelease, OSError.
    Source: JEP 223, "New Version-String Scheme"; OpenJDK's `make/ReleaseFile.gmk`.
    """
    content = read_whole(file, LIMIT_BYTES)
    fields = {key.decode(): value.decode(errors="replace") for key, value in _LINE.findall(content)}
    if not any(key.startswith("JAVA_") for key in fields):
        return
    version = next((fields[key] for key in _VERSIONS if fields.get(key)), "")
    if not version:
        raise MalformedRelease("no version of this Java runtime")
    yield Package(ecosystem="generic", name=_product(fields, file.path.lower()), version=version)


def _product(fields: dict[str, str], path: str) -> str:
    vendor = fields.get("IMPLEMENTOR", "").lower()
    folder = path.rpartition("/")[0].rpartition("/")[2]
    kind = fields.get("IMAGE_TYPE", "").lower() or ("jre" if "jre" in folder else "jdk")
    if "azul" in vendor or "zulu" in folder:
        return "azul/zulu"
    if "ibm" in vendor or "GRAALVM_VERSION" in fields:
        return "ibm/java" if "ibm" in vendor else "oracle/graalvm"
    if "sun microsystems" in vendor:
        return f"sun/{kind}"
    if "oracle" in vendor or (not vendor and fields.get("BUILD_TYPE") == "commercial"):
        return f"oracle/{kind}" if fields.get("BUILD_TYPE") == "commercial" else "oracle/openjdk"
    return "oracle/openjdk"


FORMAT = Format(
    name="java-runtime",
    ecosystem="generic",
    title="Java: release of a runtime (JDK, JRE)",
    patterns=("release",),
    limit_bytes=LIMIT_BYTES,
    read_file=read_file,
)
