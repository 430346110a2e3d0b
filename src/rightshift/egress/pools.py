"""Connections for urllib3 that dial what was checked and read within a time. Requests and redirects: `client.py`."""

import http.client
import io
import socket
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import make_headers, parse_url

from rightshift.egress import dial
from rightshift.egress.policy import Policy
from rightshift.errors import EgressError

if TYPE_CHECKING:
    from ssl import SSLContext


@dataclass(slots=True)
class Pace:
    """How long one answer may take: `until` on the monotonic clock, and `idle_s` between any two of its parts."""

    until: float
    idle_s: float


PACE: ContextVar[Pace] = ContextVar("pace")
"""That of the request which this thread sends; urllib3 has no place for it."""


def manager(
    policy: Policy, names: dial.Resolve, context: "SSLContext | None", per_host: int, proxy: str = ""
) -> PoolManager:
    """
    Pools whose connections obey a policy, which judges the proxy where there is one.

    `context` is needed for https only, and for a proxy that speaks it.
    """

    class Plain(HTTPConnection):
        response_class = _Response

        def _new_conn(self) -> socket.socket:
            return dial.connect(self._dns_host, self.port, policy, float(self.timeout or 10), names)

    class Tls(HTTPSConnection):
        response_class = _Response

        def _new_conn(self) -> socket.socket:
            return dial.connect(self._dns_host, self.port, policy, float(self.timeout or 10), names)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    made = _through(proxy, context, per_host) if proxy else PoolManager(16, maxsize=per_host, ssl_context=context)
    made.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}
    return made


def tls(certificates: Path | None) -> "SSLContext":
    """
    Verifies names and chains against the system's authorities and those of a file; TLS 1.2 at least.

    Raises:
        EgressError: the file can't be read or holds no certificate.
    """
    import ssl

    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificates:
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # one that is named may be a server's own: `pinned.py`
        try:
            context.load_verify_locations(cafile=str(certificates))
        except (OSError, ValueError) as error:
            raise EgressError(f"{certificates} holds no certificate in PEM that could be trusted") from error
    return context


def _through(proxy: str, context: "SSLContext | None", per_host: int) -> PoolManager:
    """A password in the proxy's address goes to the proxy only."""
    found = parse_url(proxy)
    headers = make_headers(proxy_basic_auth=unquote(found.auth)) if found.auth else None
    bare = found._replace(auth=None).url
    return ProxyManager(
        bare, 16, proxy_headers=headers, proxy_ssl_context=context, maxsize=per_host, ssl_context=context
    )


class _Response(http.client.HTTPResponse):
    """Reads through `_Paced`, so that neither the head nor the body of an answer can drag on."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        assert isinstance(self.fp, io.BufferedReader)
        self.fp = io.BufferedReader(_Paced(self.fp.detach(), sock, PACE.get()), 1 << 16)


class _Paced(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, sock: socket.socket, pace: Pace) -> None:
        super().__init__()
        self._raw, self._sock, self._pace = raw, sock, pace

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._pace.until - monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(min(left, self._pace.idle_s))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
            super().close()
