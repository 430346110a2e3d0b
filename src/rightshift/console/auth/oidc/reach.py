"""How providers are asked: in threads, by the client that all of `egress` has, within narrow bounds."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from rightshift.console.auth.oidc.refused import RefusedError
from rightshift.console.store.read.identity_providers import Provider
from rightshift.egress.message import Flow
from rightshift.errors import EgressError

T = TypeVar("T")
ANSWER_BYTES = 256 << 10
CONNECT_S, WHOLE_S = 5.0, 10.0
AT_ONCE = 3
"""Providers that are asked at the same time, so that slow ones leave threads for passwords."""
WAITING = 12


@dataclass(slots=True)
class Reach:
    """`certificates` are trusted beside the system's. One for each application."""

    certificates: Path | None
    whole_s: float = WHOLE_S
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _waiting: int = 0

    async def run(self, provider: Provider, flow: Callable[[], Flow[T]]) -> T:
        """
        What the flow returns.

        Raises: RefusedError when the provider is not reached, not allowed, not verified, too slow or says too much.
        """
        if self._waiting >= WAITING:
            raise RefusedError("provider", why="too many sign-ins wait for providers")
        self._waiting += 1
        try:
            async with self._gate:
                return await asyncio.to_thread(self._run, provider, flow)
        except EgressError as error:
            raise RefusedError("provider", why=str(error)[:300]) from error
        finally:
            self._waiting -= 1

    def _run(self, provider: Provider, flow: Callable[[], Flow[T]]) -> T:
        from rightshift.egress import proxies
        from rightshift.egress.address import origin
        from rightshift.egress.client import Client, Limits, Settings
        from rightshift.egress.policy import Policy

        own = frozenset({origin(provider.about.issuer)[1]}) if provider.about.local else frozenset[str]()
        settings = Settings(
            policy=Policy(hosts=own),
            certificates=self.certificates,
            limits=Limits(connect_s=CONNECT_S, idle_s=CONNECT_S, whole_s=self.whole_s, redirects=0),
            proxies=proxies.from_environment(os.environ),
        )
        with Client(settings) as client:
            return client.run(flow(), ANSWER_BYTES)
