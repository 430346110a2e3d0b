"""The `release` file of a Java runtime. A runtime without it is known by its library: `classifiers.py`."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.model.package import Package

_VERSION = re.compile(rb'^JAVA_VERSION="([0-9][0-9A-Za-z._+-]{0,63})"\r?$', re.MULTILINE)


def read(content: bytes) -> Iterator[Package]:
    """
    The runtime. Other files are called `release` too: they give nothing.

    Source: JEP 223, "New Version-String Scheme"; JDK, make/ReleaseFile.gmk.
    """
    if found := _VERSION.search(content):
        yield Package(ecosystem="generic", name="java", version=found[1].decode("ascii"), evidence="metadata")


FORMAT = Format(
    name="java-release",
    ecosystem="generic",
    title="Java runtimes: release",
    patterns=("release",),
    limit_bytes=1 << 20,
    read=read,
)
