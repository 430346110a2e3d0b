"""`conan.lock`: what a C or C++ project was locked to, of Conan 1 and 2. What it asks for: `conanfile.py`."""

from collections.abc import Iterator

from rightshift.catalog.conan.reference import package
from rightshift.catalog.format import Format
from rightshift.catalog.text import json_document
from rightshift.errors import Malformed
from rightshift.model.package import Package


class MalformedConanLock(Malformed):
    """JSON that is no lock file."""


def read(content: bytes) -> Iterator[Package]:
    """
    The packages that the product is made from, in the file's order, each once.

    Left out are the project itself (in Conan 1 the node with a `path`), tools that only run while it is built, and
    entries that are no reference, which Conan doesn't take either.

    Raises: MalformedConanLock.
    Source: Conan 1 documentation, "Lockfiles", "Introduction"; Conan 2 documentation, "Lockfiles".
    """
    match json_document(content):
        case {"graph_lock": {"nodes": dict(nodes)}}:
            references = [_node(node) for node in nodes.values()]
        case {"requires": list(entries)}:
            references = [entry if isinstance(entry, str) else "" for entry in entries]
        case {"version": str()}:
            return
        case _:
            raise MalformedConanLock("neither `graph_lock` nor `requires`")
    yield from dict.fromkeys(found for reference in references if (found := package(reference, "locked")))


def _node(node: object) -> str:
    match node:
        case {"path": _} | {"context": "build"}:
            return ""
        case {"ref": str(reference)} | {"pref": str(reference)}:
            return reference
    return ""


FORMAT = Format(
    name="conan-lock",
    ecosystem="conan",
    title="Conan: conan.lock",
    patterns=("conan.lock",),
    limit_bytes=16 << 20,
    read=read,
)
