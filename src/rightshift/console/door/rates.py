"""How often one caller may ask: a bucket for each credential or address, those of documents apart from people's."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from rightshift.console.door.problems import refuse

KEPT = 20_000
"""Buckets; of more callers than this the one that was quiet longest is forgotten."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` requests at once, and `per_s` in the long run."""

    per_s: float
    burst: float


PEOPLE = Rate(per_s=50, burst=200)
DOCUMENTS = Rate(per_s=20, burst=100)
"""A sensor posts each 10 s, and after an outage as fast as it may."""


@dataclass(slots=True)
class Buckets:
    """Token buckets by caller, in this process alone: with N replicas a caller may ask N times as often."""

    rate: Rate
    clock: Callable[[], float] = time.monotonic
    _left: OrderedDict[bytes, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait_s(self, caller: bytes) -> float:
        """Takes one request of a caller: 0, or how long until there is one again."""
        now = self.clock()
        left, at = self._left.pop(caller, (self.rate.burst, now))
        left = min(self.rate.burst, left + (now - at) * self.rate.per_s)
        wait = 0.0 if left >= 1 else (1 - left) / self.rate.per_s
        self._left[caller] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > KEPT:
            self._left.popitem(last=False)
        return wait


@dataclass(frozen=True, slots=True)
class Rates:
    """Answers 429 with Retry-After; nothing was read or asked of the database by then."""

    app: ASGIApp
    people: Buckets = field(default_factory=lambda: Buckets(PEOPLE))
    documents: Buckets = field(default_factory=lambda: Buckets(DOCUMENTS))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        if scope["type"] != ScopeType.HTTP:
            return await self.app(scope, receive, send)
        buckets = self.documents if "/ingest/" in scope["path"] else self.people
        wait_s = buckets.wait_s(caller(scope))
        if wait_s:
            headers = {"retry-after": str(math.ceil(wait_s))}
            return await refuse(scope, receive, send, 429, "Too many requests from this caller", headers)
        return await self.app(scope, receive, send)


def caller(scope: Scope) -> bytes:
    """
    Who is counted: the address together with the credential that was shown.

    With the address, since anybody can show a credential of somebody else or a new one with each request: those that
    are not known fall to the address in `auth`, which throttles failures.
    """
    client = scope.get("client")
    shown = b""
    for name, value in scope["headers"]:
        if name in (b"authorization", b"cookie"):
            shown += value
    return blake2b((client[0] if client else "").encode() + b"\0" + shown, digest_size=16).digest()
