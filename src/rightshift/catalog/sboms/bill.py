"""A bill of materials of whichever kind, given by itself. The kinds: `cyclonedx.py`, `spdx.py`."""

from collections.abc import Iterator
from typing import Literal

from rightshift.catalog.sboms import cyclonedx, spdx
from rightshift.catalog.sboms.claims import LIMIT_BYTES, Claim
from rightshift.errors import Malformed


class MalformedBill(Malformed):
    """Neither kind."""


def kind(content: bytes) -> Literal["cyclonedx", "spdx"]:
    """
    Which kind a document says that it is, wherever in it.

    Raises: MalformedBill.
    """
    if b'"bomFormat"' in content or b"cyclonedx.org/schema" in content[:4096]:
        return "cyclonedx"
    if b'"spdxVersion"' in content or b"spdx.org/rdf" in content or content.lstrip().startswith(b"SPDXVersion:"):
        return "spdx"
    raise MalformedBill("neither CycloneDX nor SPDX")


def read(content: bytes) -> Iterator[Claim]:
    """
    The claims of a document of either kind.

    Raises: Malformed, at the first step.
    """
    if len(content) > LIMIT_BYTES:
        raise MalformedBill(f"larger than {LIMIT_BYTES} bytes")
    return cyclonedx.read(content) if kind(content) == "cyclonedx" else spdx.read(content)
