"""A statement of VEX, whatever document it came in. Reading OpenVEX: `openvex.py`; its effect: `apply.py`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Status = Literal["not_affected", "affected", "fixed", "under_investigation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """
    What a statement is about: package URLs, image names or digests (`sha256:…`), any of which identifies it.

    With `parts` it is about these packages inside the product, and of nothing else in it.
    """

    ids: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...] = ()
    """The ids of each subcomponent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One verdict. `said_at` is when it was made, with a time zone; `document` and `author` say who answers for it."""

    vulnerabilities: tuple[str, ...]
    """Name and aliases, upper case."""
    products: tuple[Product, ...]
    status: Status
    said_at: datetime
    justification: str = ""
    """A word of the specification: `vulnerable_code_not_in_execute_path`."""
    explanation: str = ""
    """Free text: impact or status notes."""
    document: str = ""
    author: str = ""
