"""`stack.yaml.lock`: the packages beside a snapshot that Stack locked. Cabal's: `cabal_freeze.py`."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import yaml_documents
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package

_PACKAGE = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]{0,200})-(\d[\d.]{0,100})(?:@.{0,400})?\Z")


class MalformedStackLock(Malformed):
    """YAML that is no lock file."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The extra packages in order; those of the snapshot (a compiler and thousands of packages) aren't named in the file.
    What was taken from a repository or an archive only has its name in common with Hackage and is left out.

    Raises: MalformedStackLock.
    Source: Stack documentation, "Lock files", "Pantry in Stack".
    """
    match yaml_documents(content):
        case [{"packages": list(packages)}]:
            pass
        case [] | [None] | [{"packages": None}] | [{"snapshots": _}]:
            return
        case _:
            raise MalformedStackLock("no `packages`")
    bad = 0
    for entry in packages:
        match entry:
            case {"completed": {"hackage": str(text)}} if found := _PACKAGE.match(text):
                yield Package(ecosystem="hackage", name=found[1], version=found[2], state="locked")
            case {"completed": {"git": _} | {"hg": _} | {"url": _} | {"archive": _}}:
                continue
            case _:
                bad += 1
    if bad:
        yield Gap("", f"{bad} packages without name and version")


FORMAT = Format(
    name="stack-lock",
    ecosystem="hackage",
    title="Haskell: stack.yaml.lock",
    patterns=("stack.yaml.lock",),
    limit_bytes=8 << 20,
    read=read,
)
