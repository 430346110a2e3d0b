"""How a registry is told who asks: its challenge, and a token from the realm it names. Kept in: `source/registries`."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from rightshift.egress.address import origin
from rightshift.egress.flows.credential import Credential
from rightshift.egress.message import Answer, Flow, Request
from rightshift.errors import EgressError

TOKEN_BYTES = 1 << 20
CLIENT = "rightshift"
_TOKEN_CHARS = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_KNOWN_REALMS = {
    "registry-1.docker.io": "auth.docker.io",
    "registry.gitlab.com": "gitlab.com",
    "registry.digitalocean.com": "api.digitalocean.com",
}
"""Token services of registries that keep them on another host."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way that a server offers to prove who asks. Scheme and names of parameters are lower case."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    """What stands in the Authorization header for the next `lifetime_s` seconds."""

    authorization: str = field(repr=False)
    lifetime_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Realms:
    """Whom a registry's password may be sent to. `allowed` are hosts, with or without a port, that the user named."""

    registry: str
    """Origin of the registry: scheme://host:port."""
    allowed: frozenset[str] = frozenset()


def challenges(values: Iterable[str]) -> tuple[Challenge, ...]:
    """
    All challenges of all WWW-Authenticate fields, in their order; what can't be read ends its field.

    Source: RFC 9110, 11.2 and 11.6.1; commas separate challenges as well as parameters.
    """
    found: list[tuple[str, dict[str, str]]] = []
    for value in values:
        _read_field(value[:8192], found)
    return tuple(Challenge(scheme, parameters) for scheme, parameters in found[:16])


def authorize(
    offered: Iterable[Challenge], scope: str, credential: Credential | None, realms: Realms
) -> Flow[Token | None]:
    """
    What to send with a request that was answered with these challenges; None when no challenge can be met.

    Source: distribution, "Token Authentication Specification" and "OAuth2 Token Authentication".

    Raises:
        EgressError: the realm is not one that may be called, refuses, or gives no token.
    """
    by_scheme = {challenge.scheme: challenge for challenge in reversed(tuple(offered))}
    if "bearer" in by_scheme:
        asked = by_scheme["bearer"].parameters
        answer = yield _request(asked, scope, credential, realms)
        return _token(answer, credential)
    if "basic" in by_scheme and credential and credential.username:
        return Token(_basic(credential), 3600.0)
    return None


def _request(asked: Mapping[str, str], scope: str, credential: Credential | None, realms: Realms) -> Request:
    realm, service = asked.get("realm", ""), asked.get("service", "")
    scope = scope or asked.get("scope", "")
    _check_realm(realm, realms, with_secret=credential is not None)
    if credential and credential.identity_token:
        form = {"grant_type": "refresh_token", "service": service, "scope": scope, "client_id": CLIENT}
        body = urlencode({**form, "refresh_token": credential.identity_token}).encode()
        kind = "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, "Accept": "application/json"}
        return Request(method="POST", url=realm, headers=headers, body=body)
    query = {key: value for key, value in (("service", service), ("scope", scope)) if value}
    headers = {"Accept": "application/json"}
    if credential and credential.username:
        query["account"] = credential.username
        headers["Authorization"] = _basic(credential)
    url = realm + ("&" if "?" in realm else "?") + urlencode(query, quote_via=quote)
    return Request(url=url, headers=headers)


def _check_realm(realm: str, realms: Realms, *, with_secret: bool) -> None:
    """
    A realm is a stranger's address: it needs TLS unless it is the registry's own place, and passwords go to those
    only that belong to the registry.
    """
    ours = origin(realms.registry)
    if not realm:
        raise EgressError(f"The registry {ours[1]} asks for a token and does not say where to get one")
    theirs = origin(realm)
    named = not realms.allowed.isdisjoint({theirs[1], f"{theirs[1]}:{theirs[2]}"})
    if theirs == ours or named:
        return
    same_host = theirs[1] == ours[1] and theirs[0] == "https"
    if theirs[0] == "http":
        why = "it has no TLS"
    elif with_secret and not same_host and _KNOWN_REALMS.get(ours[1]) != theirs[1]:
        why = "it does not belong to the registry, so it is sent no password"
    else:
        return
    raise EgressError(
        f"The registry {ours[1]} sends its users to {theirs[1]}:{theirs[2]} for a token, which was not called: {why}",
        do=f"If it is right, allow the realm {theirs[1]}:{theirs[2]}",
    )


def _token(answer: Answer, credential: Credential | None) -> Token:
    host = origin(answer.url)[1]
    if answer.status in (400, 401, 403):
        do = "Sign in again with docker login" if credential else "Sign in with docker login"
        raise EgressError(f"{host} gives no token: it answered {answer.status}", means="It refuses who asks", do=do)
    if answer.status != 200:
        raise EgressError(f"{host} gives no token: it answered {answer.status}")
    try:
        content = json.loads(answer.body)
        token = content.get("token") or content.get("access_token")
        lifetime = content.get("expires_in") or 60
    except (ValueError, RecursionError, AttributeError) as error:
        raise EgressError(f"{host} gives no token: its answer can't be read") from error
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable() or " " in token:
        raise EgressError(f"{host} gives no token: there is none in its answer")
    seconds = float(lifetime) if isinstance(lifetime, int | float) and 0 < lifetime < 1e7 else 60.0
    return Token(f"Bearer {token}", seconds)


def _basic(credential: Credential) -> str:
    pair = f"{credential.username}:{credential.password}".encode()
    return "Basic " + base64.b64encode(pair).decode()


def _read_field(text: str, found: list[tuple[str, dict[str, str]]]) -> None:
    at = 0
    while True:
        at = _skip(text, at, " \t,")
        word, at = _word(text, at)
        if not word:
            return
        after = _skip(text, at, " \t")
        if after < len(text) and text[after] == "=" and found:
            value, at, sound = _value(text, _skip(text, after + 1, " \t"))
            if not sound:
                return
            found[-1][1].setdefault(word.lower(), value)
        else:
            found.append((word.lower(), {}))


def _skip(text: str, at: int, chars: str) -> int:
    while at < len(text) and text[at] in chars:
        at += 1
    return at


def _word(text: str, at: int) -> tuple[str, int]:
    end = at
    while end < len(text) and text[end] in _TOKEN_CHARS:
        end += 1
    return text[at:end], end


def _value(text: str, at: int) -> tuple[str, int, bool]:
    """A token or a quoted string from `at` on, where it ends, and whether it ended soundly."""
    if at >= len(text) or text[at] != '"':
        end = at
        while end < len(text) and text[end] not in ' \t,"':
            end += 1
        return text[at:end], end, end > at
    parts: list[str] = []
    at += 1
    while at < len(text):
        char = text[at]
        if char == '"':
            return "".join(parts), at + 1, True
        if char == "\\" and at + 1 < len(text):
            at += 1
            char = text[at]
        parts.append(char)
        at += 1
    return "", at, False
