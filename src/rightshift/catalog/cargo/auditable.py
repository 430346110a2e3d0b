"""Rust's crates in a binary that was built by `cargo auditable`. Lock files: `lock.py`."""

import zlib
from collections.abc import Iterator

from rightshift.catalog import text
from rightshift.catalog.binaries import executable
from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Origin, Package
from rightshift.tree.file import File

SECTION_BYTES = 8 << 20
LIST_BYTES = 16 << 20
"""Of the list once inflated; the project's own reader stops at 8 MiB."""


class MalformedAuditable(Malformed):
    """Not a list of crates in zlib and JSON, or too large a one."""


def read_file(file: File) -> Iterator[Package | Gap]:
    """
    The crates linked in, the program's own included; what only built it is left out.

    Raises: MalformedExecutable, Malformed.
    Source: cargo-auditable, PARSING.md and cargo-auditable.schema.json.
    """
    section = executable.find(file, ".dep-v0", ".dep-v0", ".dep-v0")
    if not section:
        return
    if section.size > SECTION_BYTES:
        raise MalformedAuditable(f"its list of crates has {section.size} bytes")
    document = text.json_document(_inflated(section.read(file, SECTION_BYTES)))
    crates = document.get("packages") if isinstance(document, dict) else None
    if not isinstance(crates, list):
        raise MalformedAuditable("no list of crates")
    for crate in crates:
        match crate:
            case {"name": str(name), "version": str(version)}:
                if crate.get("kind") != "build":
                    yield Package(
                        ecosystem="cargo",
                        name=name,
                        version=version,
                        state="linked",
                        origin=_origin(crate.get("source")),
                        evidence="build info",
                    )
            case _:
                yield Gap("", "a crate without name or version")


def _inflated(content: bytes) -> bytes:
    inflate = zlib.decompressobj()
    try:
        inflated = inflate.decompress(content, LIST_BYTES)
    except zlib.error as error:
        raise MalformedAuditable(f"its list of crates is no zlib: {error}") from error
    if not inflate.eof:
        raise MalformedAuditable(f"its list of crates is cut off or larger than {LIST_BYTES} bytes")
    return inflated


def _origin(source: object) -> Origin:
    origins: dict[object, Origin] = {"crates.io": "registry", "git": "git", "local": "local", "registry": "unknown"}
    return origins.get(source, "unknown")


FORMAT = Format(
    name="cargo-auditable",
    ecosystem="cargo",
    title="Rust: crates in executables built by cargo auditable",
    executables=True,
    limit_bytes=1 << 40,
    read_file=read_file,
)
