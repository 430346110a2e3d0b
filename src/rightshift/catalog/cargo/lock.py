"""`Cargo.lock`: the crates a Rust project was locked to. Crates linked into a binary: `auditable.py`."""

import tomllib
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.package import Origin, Package

CRATES_IO = (
    "registry+https://github.com/rust-lang/crates.io-index",
    "sparse+https://index.crates.io/",
)


class MalformedCargoLock(Malformed):
    """Not readable as TOML, or a package without a name or version."""


def read(content: bytes) -> Iterator[Package]:
    """
    The crates of one lock file, in the file's order, the workspace's own members included.

    Only `origin == "registry"` can match an advisory: a crate from git or from a path shares
    nothing but its name with the one on crates.io.

    Raises: MalformedCargoLock.
    Source: The Cargo Book, "Cargo.toml vs Cargo.lock"; lock versions 1 to 4 are alike in the
    three fields used here. purl-spec, type "cargo".
    """
    try:
        tables = tomllib.loads(content.decode()).get("package", [])
    except (ValueError, RecursionError) as error:  # not UTF-8, not TOML, a number too long, nested too deep
        raise MalformedCargoLock(str(error)) from error
    if not isinstance(tables, list):
        raise MalformedCargoLock("`package` is not a list of tables")
    for table in tables:
        match table:
            case {"name": str(name), "version": str(version)}:
                yield Package(
                    ecosystem="cargo", name=name, version=version, state="locked", origin=_origin(table.get("source"))
                )
            case _:
                raise MalformedCargoLock("a package without name or version")


def _origin(source: object) -> Origin:
    if source is None:
        return "local"
    if source in CRATES_IO:
        return "registry"
    return "git" if str(source).startswith("git+") else "unknown"


FORMAT = Format(
    name="cargo-lock",
    ecosystem="cargo",
    title="Rust: Cargo.lock",
    patterns=("Cargo.lock",),
    limit_bytes=32 << 20,
    read=read,
)
