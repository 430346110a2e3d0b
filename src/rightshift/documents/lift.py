"""Documents of older schemas, lifted to today's. There is one schema so far: the others are refused."""

import msgspec
from msgspec import Struct

from rightshift.errors import Malformed

KNOWN = ("rightshift/scan/1",)


class UnknownSchema(Malformed):
    """A document of a schema that this version does not know, or of none."""


class _Header(Struct):
    schema: str = ""


def lift(content: bytes) -> bytes:
    """
    The document in today's schema.

    Raises: UnknownSchema; msgspec.DecodeError, UnicodeDecodeError and RecursionError for what is no JSON object.
    """
    found = msgspec.json.decode(content, type=_Header).schema
    if found in KNOWN:
        return content
    named = ascii(found[:80]) if found else "none"
    raise UnknownSchema(f"the document's schema is {named}, and this version reads {', '.join(KNOWN)}")
