"""An ID token: signed by a key of the provider, about this sign-in, now, for us. Pure: keys come from `discovery`."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeGuard

import msgspec

from rightshift.console.auth.oidc.discovery import PublicKey
from rightshift.console.auth.oidc.refused import RefusedError

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, OKPKey, RSAKey

SKEW_S = 60
OLDEST_S = 15 * 60
"""Since it was issued: a sign-in takes ten minutes at most."""
MOST_CHARS = 64 << 10
_KEY_BITS = range(2_048, 8_200)
"""Of an RSA key, as base64 has them: up to five bits more."""
_EXPONENT_CHARS = 8
_KINDS = {"RS256": ("RSA", ""), "PS256": ("RSA", ""), "ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519")}
"""The algorithms that are taken, each with the only kind of key that it goes with. None has a secret that is shared."""
_BASE64 = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_SUBJECT = re.compile(r"[\x20-\x7e]{1,255}").fullmatch
Claims = dict[str, Any]
"""What a provider says of a person, as JSON."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """Says how a token is signed. Keys that it brings itself are not looked at."""

    alg: str
    kid: str = ""
    typ: str = "JWT"
    crit: msgspec.Raw = msgspec.Raw(b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token that was taken apart and not believed yet."""

    header: Header
    signed: bytes
    signature: bytes
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Whom a token must be from and for, and in which sign-in."""

    issuer: str
    client_id: str
    nonce: str


def parse(text: str) -> Token:
    """Raises: RefusedError for what is no signed token, and for algorithms that are not taken."""
    parts = text.split(".") if len(text) <= MOST_CHARS else []
    if len(parts) != 3 or not all(map(_BASE64, parts)):
        raise _untrusted("no signed token")
    try:
        head, payload, signature = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in parts)
        header = msgspec.json.decode(head, type=Header)
    except (binascii.Error, msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise _untrusted("no signed token") from error
    if header.alg not in _KINDS:
        raise _untrusted("algorithm")
    if header.crit or header.typ.lower() != "jwt":
        raise _untrusted("a token of another type")
    return Token(header=header, signed=f"{parts[0]}.{parts[1]}".encode(), signature=signature, payload=payload)


def verified(token: Token, keys: Sequence[PublicKey], expected: Expected, now: datetime) -> Claims:
    """
    What the token says, once all holds.

    Source: OpenID Connect Core 1.0, sections 3.1.3.7 and 10.1; RFC 8725, sections 3.1 and 3.2.
    Raises: RefusedError.
    """
    from joserfc.errors import JoseError
    from joserfc.jws import JWSRegistry

    chosen = [key for key in keys if _fits(key, token.header)]
    if len(chosen) != 1:
        raise _untrusted("no key of that id" if not chosen else "several keys of that id")
    try:
        holds = JWSRegistry.algorithms[token.header.alg].verify(token.signed, token.signature, _key(chosen[0]))
    except (JoseError, ValueError, TypeError, OverflowError) as error:
        raise _untrusted("key") from error
    if not holds:
        raise _untrusted("signature")
    try:
        claims = msgspec.json.decode(token.payload, type=Claims)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise _untrusted("no claims") from error
    _is_meant(claims, expected)
    _is_of_now(claims, now.timestamp())
    return claims


def _is_meant(claims: Claims, expected: Expected) -> None:
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    authorized = claims.get("azp")
    if claims.get("iss") != expected.issuer:
        raise _untrusted("iss")
    if not isinstance(audiences, list) or expected.client_id not in audiences:
        raise _untrusted("aud")
    if authorized != expected.client_id and (authorized is not None or len(audiences) > 1):
        raise _untrusted("azp")
    if claims.get("nonce") != expected.nonce:
        raise _untrusted("nonce")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not _SUBJECT(subject):
        raise RefusedError("claims", why="sub")


def _is_of_now(claims: Claims, now_s: float) -> None:
    """An issue time is needed: without it a token of long ago, whose nonce is known, looked like one of now."""
    expires, issued, begins = (claims.get(name) for name in ("exp", "iat", "nbf"))
    if not _is_time(expires) or now_s >= expires + SKEW_S:
        raise _untrusted("exp")
    if not _is_time(issued) or not now_s - OLDEST_S <= issued <= now_s + SKEW_S:
        raise _untrusted("iat")
    if begins is not None and (not _is_time(begins) or begins > now_s + SKEW_S):
        raise _untrusted("nbf")


def _is_time(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fits(key: PublicKey, header: Header) -> bool:
    kind, curve = _KINDS[header.alg]
    named = not header.kid or key.kid == header.kid
    return named and key.kty == kind and key.crv == curve and key.use in ("", "sig") and key.alg in ("", header.alg)


def _key(key: PublicKey) -> "RSAKey | ECKey | OKPKey":
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    if key.kty == "EC":
        return ECKey.import_key({"kty": "EC", "crv": key.crv, "x": key.x, "y": key.y})
    if key.kty == "OKP":
        return OKPKey.import_key({"kty": "OKP", "crv": key.crv, "x": key.x})
    if len(key.n) * 6 not in _KEY_BITS or len(key.e) > _EXPONENT_CHARS:
        raise ValueError("an RSA key that is too short or too long")
    return RSAKey.import_key({"kty": "RSA", "n": key.n, "e": key.e})


def _untrusted(why: str) -> RefusedError:
    return RefusedError("id-token", why=why)
