"""The `VERSION` file of a Go toolchain. What was built with one: `binary.py`."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.model.package import Package

_RELEASE = re.compile(rb"go([0-9]{1,3}(?:\.[0-9]{1,3}){1,2}(?:(?:rc|beta)[0-9]{1,3})?)(?=[\s+-]|\Z)")


def read(content: bytes) -> Iterator[Package]:
    """
    The toolchain, by the file's first line. A development build has no release, and gives nothing.

    Source: Go's src/runtime/extern.go, `Version`, and src/cmd/dist/build.go.
    """
    if found := _RELEASE.match(content):
        yield Package(ecosystem="generic", name="go", version=found[1].decode("ascii"), evidence="metadata")


FORMAT = Format(
    name="go-toolchain",
    ecosystem="generic",
    title="Go toolchains: go/VERSION",
    patterns=("go/VERSION", "go-*/VERSION"),
    limit_bytes=1 << 16,
    read=read,
)
