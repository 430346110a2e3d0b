"""`cabal.project.freeze`: the packages that Cabal froze a project to. Stack's: `stack_lock.py`."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import decoded
from rightshift.errors import Malformed
from rightshift.model.package import Package

_CONSTRAINT = re.compile(r"\s*(?:any\.|setup\.)?([A-Za-z0-9][A-Za-z0-9-]{0,200})\s{1,8}==\s{0,8}(\d[\d.]{0,100})\s*\Z")
_FIELD = re.compile(r"^[a-z][a-z-]{1,40}:", re.MULTILINE)


class MalformedCabalFreeze(Malformed):
    """Text without one field of a project."""


def read(content: bytes) -> Iterator[Package]:
    """
    The packages that are held to one version, in order; flags (`base +x`) name no version.

    Raises: MalformedCabalFreeze.
    Source: Cabal User Guide, "cabal v2-freeze", "constraints".
    """
    text = decoded(content)
    if text.strip() and not _FIELD.search(text):
        raise MalformedCabalFreeze("no field of a project")
    lines = [line for line in text.split("\n") if not line.lstrip().startswith("--")]
    found = (_CONSTRAINT.match(part) for line in lines for part in line.removeprefix("constraints:").split(","))
    for constraint in found:
        if constraint:
            yield Package(ecosystem="hackage", name=constraint[1], version=constraint[2], state="locked")


FORMAT = Format(
    name="cabal-freeze",
    ecosystem="hackage",
    title="Haskell: cabal.project.freeze",
    patterns=("cabal.project.freeze",),
    limit_bytes=8 << 20,
    read=read,
)
