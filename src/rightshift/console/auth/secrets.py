"""Secrets that are made here: tokens, sessions, one-time links. Only hashes are kept. People's own: `password`."""

import hmac
import secrets
import zlib
from hashlib import sha256
from typing import Literal

Kind = Literal["person", "service", "enrolment", "sensor", "link"]
_LETTERS: dict[Kind, str] = {"person": "p", "service": "c", "enrolment": "e", "sensor": "s", "link": "l"}
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHARS = 43
"""256 bits in base 62."""
_CHECK_CHARS = 6


def made(kind: Kind) -> str:
    """
    A new secret of 256 bits, as `rs_KIND_SECRETCHECK`.

    The fixed start lets secret scanners find one that was published; the check tells a typing error from a wrong one.
    """
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_CHARS))
    return f"rs_{_LETTERS[kind]}_{secret}{_check(kind, secret)}"


def kind_of(text: str) -> Kind | None:
    """Which kind of secret a text is; None where it can't be one that was made here."""
    if len(text) != 5 + _CHARS + _CHECK_CHARS or not text.isascii() or not text.startswith("rs_") or text[4] != "_":
        return None
    for kind, letter in _LETTERS.items():
        secret, check = text[5 : 5 + _CHARS], text[5 + _CHARS :]
        if text[3] == letter and hmac.compare_digest(_check(kind, secret), check):
            return kind
    return None


def hashed(text: str) -> bytes:
    """What is kept of it. A plain hash is enough for 256 random bits, which nobody can go through."""
    return sha256(text.encode()).digest()


def _check(kind: Kind, secret: str) -> str:
    number, found = zlib.crc32(f"{kind}{secret}".encode()), ""
    for _ in range(_CHECK_CHARS):
        number, digit = divmod(number, len(_ALPHABET))
        found += _ALPHABET[digit]
    return found
