"""What a provider publishes of itself: its addresses and keys, kept for a while by each process."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from rightshift.console.auth.oidc.reach import Reach
from rightshift.console.auth.oidc.refused import Reason, RefusedError
from rightshift.console.store.read.identity_providers import Provider
from rightshift.egress.message import Answer, Flow, Request
from rightshift.errors import EgressError

KEPT = timedelta(hours=1)
AGAIN = timedelta(seconds=30)
"""How long after keys were fetched they are not fetched again, whatever a token names."""
FAILED = timedelta(seconds=5)
"""How long a provider that did not answer is not asked again."""
PROVIDERS = 32
MOST_KEYS = 100
_WELL_KNOWN = "/.well-known/openid-configuration"
_URL_CHARS = 2_000


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """Source: OpenID Connect Discovery 1.0, section 3; RFC 9207, section 3; RFC 8414, section 2."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: list[str] | None = None
    authorization_response_iss_parameter_supported: bool = False


class PublicKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A key as it is published, without what private ones have. Source: RFC 7517, section 4; RFC 7518; RFC 8037."""

    kty: str
    kid: str = ""
    use: str = ""
    alg: str = ""
    n: str = ""
    e: str = ""
    crv: str = ""
    x: str = ""
    y: str = ""


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[msgspec.Raw]


@dataclass(slots=True)
class _Known:
    metadata: Metadata
    at: datetime
    keys: tuple[PublicKey, ...] | None = None
    keys_at: datetime = datetime.min


@dataclass(frozen=True, slots=True)
class _Failed:
    reason: Reason
    at: datetime


_Place = tuple[str, int, datetime]
T = TypeVar("T")


@dataclass(slots=True)
class Discovered:
    """What this process knows of providers. Whatever was changed of one makes it another here."""

    reach: Reach
    _known: OrderedDict[_Place, _Known] = field(default_factory=OrderedDict)
    _failed: OrderedDict[_Place, _Failed] = field(default_factory=OrderedDict)

    async def metadata(self, provider: Provider, now: datetime) -> Metadata:
        """Raises: RefusedError."""
        return (await self._of(provider, now)).metadata

    async def keys(self, provider: Provider, kid: str, now: datetime) -> Sequence[PublicKey]:
        """
        The provider's keys. Where none has that id they are fetched once more, since it may have got new ones.

        Raises: RefusedError.
        """
        known = await self._of(provider, now)
        named = known.keys is not None and (not kid or any(key.kid == kid for key in known.keys))
        if known.keys is None or (not named and now - known.keys_at >= AGAIN):
            known.keys = await self.reach.run(provider, lambda: _key_set(known.metadata.jwks_uri))
            known.keys_at = now
        return known.keys

    async def _of(self, provider: Provider, now: datetime) -> _Known:
        place = (provider.name, provider.version, provider.created)
        known = self._known.get(place)
        if known is None or not timedelta(0) <= now - known.at < KEPT:
            known = _Known(await self._asked(place, provider, now), now)
        _keep(self._known, place, known)
        return known

    async def _asked(self, place: _Place, provider: Provider, now: datetime) -> Metadata:
        failed = self._failed.get(place)
        if failed is not None and timedelta(0) <= now - failed.at < FAILED:
            again = RefusedError(failed.reason, why="as a moment ago")
            again.known = True
            raise again
        try:
            return await self.reach.run(provider, lambda: _metadata(provider.about.issuer))
        except RefusedError as error:
            _keep(self._failed, place, _Failed(error.reason, now))
            raise


def _keep(kept: OrderedDict[_Place, T], place: _Place, value: T) -> None:
    """As the newest of so many."""
    kept[place] = value
    kept.move_to_end(place)
    while len(kept) > PROVIDERS:
        kept.popitem(last=False)


def _metadata(issuer: str) -> Flow[Metadata]:
    """Source: OpenID Connect Discovery 1.0, sections 4.1 and 4.3."""
    answer = yield _asked(issuer.removesuffix("/") + _WELL_KNOWN)
    found = read(answer, Metadata)
    if found.issuer != issuer:
        raise RefusedError("issuer", why="the document is of another issuer")
    for url in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
        _callable(url)
    return found


def _key_set(url: str) -> Flow[tuple[PublicKey, ...]]:
    """Those that can be read; a set may hold sorts of keys that came up later. Source: RFC 7517, section 5."""
    answer = yield _asked(url)
    keys = []
    for raw in read(answer, _KeySet).keys[:MOST_KEYS]:
        try:
            keys.append(msgspec.json.decode(raw, type=PublicKey))
        except (msgspec.MsgspecError, RecursionError, ValueError):
            continue
    return tuple(keys)


def read(answer: Answer, kind: type[T]) -> T:
    """Raises: RefusedError for another status, and what is none of that kind."""
    if answer.status != 200:
        raise RefusedError("provider", why=f"status {answer.status}")
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise RefusedError("provider", why="a document that can't be read") from error


def _asked(url: str) -> Request:
    return Request(url=url, headers={"Accept": "application/json"}, tries=1)


def _callable(url: str) -> None:
    from rightshift.egress.address import parsed

    try:
        sound = len(url) <= _URL_CHARS and parsed(url).scheme == "https" and not urlsplit(url).fragment
    except (EgressError, ValueError):
        sound = False
    if not sound:
        raise RefusedError("provider", why="an address without TLS, or none")
