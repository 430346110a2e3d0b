"""`vendor/modules.txt`: the modules whose packages were copied into a Go project. What was asked for: `go_mod.py`."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import decoded
from rightshift.errors import Malformed
from rightshift.model.package import Package

_VERSION = re.compile(r"v\d[\w.+-]*\Z")


class MalformedVendorModules(Malformed):
    """Text without the head of one module."""


def read(content: bytes) -> Iterator[Package]:
    """
    The modules of which at least one package is there, after replacement, each once.

    A module whose code came from a local folder keeps its own name and version, but is `local`.

    Raises: MalformedVendorModules.
    Source: Go Modules Reference, "Vendoring"; cmd/go, internal/modload/vendor.go (the comment on its syntax).
    """
    text = decoded(content)
    found: dict[Package, None] = {}
    module: Package | None = None
    heads = 0
    for line in text.split("\n"):
        words = line.split()
        if line.startswith("# "):
            heads += 1
            module = _module(words[1:])
        elif module and len(words) == 1 and not line.startswith("#"):
            found[module] = None
    if not heads and text.strip():
        raise MalformedVendorModules("no line names a module")
    yield from found


def _module(words: list[str]) -> Package | None:
    """None for a head without a version of its own: such lines at the end only repeat a replacement."""
    match words:
        case [path, version] | [_, "=>", path, version] | [_, _, "=>", path, version] if _VERSION.match(version):
            return Package(ecosystem="golang", name=path, version=version, state="locked")
        case [path, version, "=>", _] if _VERSION.match(version):
            return Package(ecosystem="golang", name=path, version=version, state="locked", origin="local")
    return None


FORMAT = Format(
    name="go-vendor-modules",
    ecosystem="golang",
    title="Go: vendor/modules.txt",
    patterns=("vendor/modules.txt",),
    limit_bytes=16 << 20,
    read=read,
)
