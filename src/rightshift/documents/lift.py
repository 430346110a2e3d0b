"""Documents of older schemas, lifted to today's. Each family has one schema so far: the others are refused."""

from typing import Literal

import msgspec
from msgspec import Struct

from rightshift.errors import Malformed

Family = Literal["scan", "facts"]

KNOWN: dict[Family, tuple[str, ...]] = {
    "scan": ("rightshift/scan/1",),
    "facts": ("rightshift/facts/1",),
}


class UnknownSchema(Malformed):
    """A document of a schema that this version does not know, of another family, or of none."""


class _Header(Struct):
    schema: str = ""


def lift(content: bytes, family: Family) -> bytes:
    """
    The document in today's schema of its family.

    Raises: UnknownSchema; msgspec.DecodeError, UnicodeDecodeError and RecursionError for what is no JSON object.
    """
    found = msgspec.json.decode(content, type=_Header).schema
    if found in KNOWN[family]:
        return content
    named = ascii(found[:80]) if found else "none"
    raise UnknownSchema(f"the document's schema is {named}, and this version reads {', '.join(KNOWN[family])}")
