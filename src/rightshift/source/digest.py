"""Digests of blobs, parsed before one becomes a path or an address. Hashing what is read: `tree/digest`."""

import hashlib
from dataclasses import dataclass

from rightshift.errors import SourceError
from rightshift.tree import digest as tree


@dataclass(frozen=True, slots=True)
class Digest:
    """`hex` is lower case and exactly as long as the algorithm's: safe as the name of a file."""

    algorithm: str
    hex: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"

    def holds(self, content: bytes) -> bool:
        """Whether these bytes have this digest."""
        return hashlib.new(self.algorithm, content).hexdigest() == self.hex


def parse(text: str) -> Digest:
    """
    A digest as an image names it.

    Raises:
        SourceError: another algorithm, or not exactly its lower-case hex digits.
    """
    try:
        return Digest(*tree.parse(text))
    except tree.MalformedDigest as error:
        raise SourceError(
            f"“{text[:80]}” is no digest of sha256 or sha512",
            means="An image that names its parts this way can't be checked, so nothing of it was read",
        ) from error


def sha256(content: bytes) -> str:
    """The digest of a document that was read whole."""
    return "sha256:" + hashlib.sha256(content).hexdigest()
