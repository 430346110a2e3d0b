"""A provider that stands in for those that others run, from the standards alone; a test says what it does wrong."""

import base64
import hmac
import json
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.egress.certificates import authority
from tests.egress.peers import Asked, peer, reply

CLIENT, SECRET = "rightshift console", "s3cret of the client: +%&/ä"
WELL_KNOWN = "/.well-known/openid-configuration"
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Claims = dict[str, Any]


@cache
def key(alg: str, number: int) -> Private:
    """One for each number; what takes long is made once."""
    if alg == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if alg == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65_537, 2_048)


def text(value: bytes) -> str:
    """Source: RFC 7515, section 2 (base64url)."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _number(value: int) -> str:
    return text(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def published(private: Private, kid: str) -> dict[str, str]:
    """Source: RFC 7518, section 6; RFC 8037, section 2."""
    public = private.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        return {"kty": "RSA", "kid": kid, "n": _number(numbers.n), "e": _number(numbers.e), "use": "sig"}
    if isinstance(public, ec.EllipticCurvePublicKey):
        at = public.public_numbers()
        x, y = (text(one.to_bytes(32, "big")) for one in (at.x, at.y))
        return {"kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y}
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": text(raw)}


def signed(header: Claims, claims: object, private: Private, shared: bytes = b"", by: str = "") -> str:
    """Source: RFC 7515, section 5.1; RFC 7518, section 3. Signed as the header says, or `by` another algorithm."""
    content = ".".join(text(json.dumps(part).encode()) for part in (header, claims))
    return f"{content}.{text(_signature(by or header['alg'], content.encode(), private, shared))}"


def _signature(alg: str, content: bytes, private: Private, shared: bytes) -> bytes:
    if alg == "none":
        return b""
    if alg == "HS256":
        return hmac.digest(shared, content, "sha256")
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign(content)
    if isinstance(private, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(private.sign(content, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    if alg == "PS256":
        return private.sign(content, padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size), SHA256())
    return private.sign(content, padding.PKCS1v15(), SHA256())


@dataclass
class Code:
    asked: dict[str, str]
    claims: Claims
    used: bool = False


@dataclass
class StandIn:
    """What it publishes, what it answers, and with what it signs; each may be changed at any time."""

    issuer: str
    certificates: Path
    now: Callable[[], datetime]
    document: Claims
    asked: list[Asked]
    alg: str = "RS256"
    kid: str = "one"
    signs_with: Private | None = None
    jwks: list[dict[str, str]] = field(default_factory=list)
    header: Claims = field(default_factory=dict)
    """Laid over that of each token; None leaves a part out."""
    claims: Claims = field(default_factory=dict)
    make_token: Callable[[Claims, Claims], str] | None = None
    answers: dict[str, Callable[[socket.socket], bytes | None]] = field(default_factory=dict)
    """In place of what a path answers."""
    codes: dict[str, Code] = field(default_factory=dict)

    def right(self) -> None:
        """Does all right again."""
        self.alg, self.header, self.claims, self.make_token, self.answers = "RS256", {}, {}, None, {}
        self.document.pop("token_endpoint_auth_methods_supported", None)
        self.rotate("one", 0)

    def rotate(self, kid: str, number: int) -> None:
        """Signs with another key from now on, and publishes that one alone."""
        self.kid, self.signs_with = kid, key(self.alg, number)
        self.jwks = [published(self.signs_with, kid)]

    def use(self, alg: str) -> None:
        """Signs by another algorithm."""
        self.alg = alg
        self.rotate(self.kid, 0)

    def approve(self, url: str, **claims: Any) -> dict[str, str]:
        """
        Somebody signs in here, sent by a browser that was told to go to `url`: what it is sent back with.

        Source: OpenID Connect Core 1.0, section 3.1.2; RFC 7636, section 4.3; RFC 9207, section 2.
        """
        place, asked = url.partition("?")[0], {name: one for name, (one,) in parse_qs(url.partition("?")[2]).items()}
        assert place == self.document["authorization_endpoint"]
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        assert all(len(asked[name]) >= 22 for name in ("state", "nonce", "code_challenge"))
        code = secrets.token_urlsafe(16)
        self.codes[code] = Code(asked, {"sub": "subject-1", "preferred_username": "ana", **claims})
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def answer(self, asked: Asked, connection: socket.socket) -> bytes | None:
        path = asked.path.partition("?")[0]
        if special := self.answers.get(path):
            return special(connection)
        if path == urlsplit(self.issuer).path.rstrip("/") + WELL_KNOWN:
            return as_json(self.document)
        if path == "/jwks":
            return as_json({"keys": self.jwks})
        if path == "/token" and asked.method == "POST":
            return self._token(asked)
        return reply(404)

    def _token(self, asked: Asked) -> bytes:
        """Source: RFC 6749, sections 4.1.3 and 5.2; RFC 7636, section 4.6."""
        form = {name: one for name, (one,) in parse_qs(asked.body.decode()).items()}
        if not self._knows(asked, form):
            return as_json({"error": "invalid_client"}, 401)
        held = self.codes.get(form.get("code", ""))
        sound = (
            held is not None
            and not held.used
            and form.get("grant_type") == "authorization_code"
            and form.get("redirect_uri") == held.asked["redirect_uri"]
            and text(sha256(form.get("code_verifier", "").encode()).digest()) == held.asked["code_challenge"]
        )
        if held is None or not sound:
            return as_json({"error": "invalid_grant"}, 400)
        held.used = True
        return as_json({"access_token": "x", "token_type": "Bearer", "id_token": self.token(held)})

    def _knows(self, asked: Asked, form: dict[str, str]) -> bool:
        if self.document.get("token_endpoint_auth_methods_supported") == ["client_secret_post"]:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        kind, _, pair = asked.headers.get("authorization", "").partition(" ")
        id, _, secret = base64.b64decode(pair).decode().partition(":")
        return kind == "Basic" and (unquote_plus(id), unquote_plus(secret)) == (CLIENT, SECRET)

    def token(self, held: Code) -> str:
        """Source: OpenID Connect Core 1.0, section 2."""
        now_s = int(self.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now_s,
            "exp": now_s + 300,
            "nonce": held.asked["nonce"],
            **held.claims,
            **self.claims,
        }
        header = {"alg": self.alg, "kid": self.kid, "typ": "JWT", **self.header}
        said, head = ({name: one for name, one in part.items() if one is not None} for part in (claims, header))
        if self.make_token:
            return self.make_token(head, said)
        assert self.signs_with is not None
        return signed(head, said, self.signs_with)


def as_json(content: object, status: int = 200) -> bytes:
    return reply(status, json.dumps(content).encode(), Content_Type="application/json")


@contextmanager
def stand_in(folder: Path, now: Callable[[], datetime], path: str = "") -> Iterator[StandIn]:
    """One that does all right, on loopback in TLS, until the block ends. `path` stands in its issuer."""
    certificates = authority(folder)
    made: list[StandIn] = []
    with peer(lambda asked, connection: made[0].answer(asked, connection), certificates.context) as running:
        root = running.url("")
        document = {
            "issuer": root + path,
            "authorization_endpoint": f"{root}/authorize",
            "token_endpoint": f"{root}/token",
            "jwks_uri": f"{root}/jwks",
            "response_types_supported": ["code"],
            "authorization_response_iss_parameter_supported": True,
        }
        made.append(StandIn(root + path, certificates.authority, now, document, running.asked))
        made[0].right()
        yield made[0]
