"""A blocking client for addresses that others gave us: bounded, patient to a point, verified. Allowed: `policy.py`."""

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from random import random
from time import monotonic, sleep, time
from types import TracebackType
from typing import TypeVar
from urllib.parse import urljoin

import urllib3
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.exceptions import SSLError as TlsError
from urllib3.util import Url, parse_url

import rightshift
from rightshift.egress import dial, pools
from rightshift.egress.address import origin, parsed
from rightshift.egress.message import Answer, Flow, Head, Request
from rightshift.egress.policy import Policy
from rightshift.egress.proxies import Proxies
from rightshift.errors import EgressError

REDIRECTS = 3
_MOVED = frozenset({301, 302, 303, 307, 308})
_LATER = frozenset({429, 503})
_BROKEN = frozenset({502, 504})
_SECRET = frozenset({"authorization", "cookie", "proxy-authorization"})
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
_NOT_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")

T = TypeVar("T")


class Interrupted(EgressError):
    """The connection broke or the answer ended early: asking again may help."""


class NotTls(EgressError):
    """The other side does not speak TLS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds, counts and rates within which the other side has to answer."""

    connect_s: float = 10
    idle_s: float = 15
    whole_s: float = 25
    """For an answer that is read whole with all redirects and waits, and for the head of a stream."""
    slowest_bytes_s: int = 512
    """A stream slower than this over `window_s` is given up."""
    window_s: float = 25
    per_host: int = 8
    redirects: int = REDIRECTS


@dataclass(frozen=True, slots=True)
class Clock:
    """Where time comes from; tests bring their own."""

    monotonic: Callable[[], float] = monotonic
    wall: Callable[[], float] = time
    sleep: Callable[[float], None] = sleep
    jitter: Callable[[], float] = random


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a client obeys. `certificates` is a PEM file of authorities trusted besides the system's."""

    policy: Policy = field(default=Policy())
    certificates: Path | None = None
    limits: Limits = field(default=Limits())
    clock: Clock = field(default=Clock())
    resolve: dial.Resolve = dial.resolve
    proxies: Proxies = field(default=Proxies())


class Client:
    """Keeps connections for reuse; may be used by several threads at once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._managers: dict[tuple[str, str], urllib3.PoolManager] = {}

    def send(self, request: Request, limit_bytes: int) -> Answer:
        """
        The whole answer, whatever its status, after redirects and after waiting where it asked for that.

        Raises:
            EgressError: refused by policy, not reached, not verified, too long, too slow, or no sound HTTP.
        """
        stream = self.stream(request)
        try:
            if stream.head.header("content-encoding").lower() not in ("", "identity"):
                raise EgressError(f"{_host(request.url)} answered in an encoding that was not asked for")
            body = stream.whole(limit_bytes)
        finally:
            stream.close()
        head = stream.head
        return Answer(status=head.status, url=head.url, fields=head.fields, body=body)

    def stream(self, request: Request) -> "Stream":
        """
        The answer with its body still to be read; whoever gets it closes it.

        Raises:
            EgressError: as `send`.
        """
        clock, limits = self._settings.clock, self._settings.limits
        until, hops, tries = clock.monotonic() + limits.whole_s, 0, 0
        while True:
            tries += 1
            pace = pools.Pace(monotonic() + max(0.0, until - clock.monotonic()), limits.idle_s)
            try:
                response = self._once(request, pace)
            except Interrupted:
                pause = _backoff(tries, clock)
                if tries >= request.tries or request.method not in ("GET", "HEAD") or clock.monotonic() + pause > until:
                    raise
                clock.sleep(pause)
                continue
            head = Head(status=response.status, url=request.url, fields=tuple(response.headers.items()))
            if head.status in _MOVED and head.header("location"):
                _drain(response)
                hops, tries = hops + 1, 0
                request = _redirected(request, head, hops, limits.redirects)
                continue
            wait = self._wait(request, head, tries)
            if wait is None or clock.monotonic() + wait > until:
                return Stream(head, response, pace, limits)
            response.close()  # behind a balancer a new connection may find a better host
            clock.sleep(wait)

    def run(self, flow: Flow[T], limit_bytes: int) -> T:
        """
        What a flow returns after its requests were sent one by one.

        Raises:
            EgressError: as `send`, and what the flow itself raises.
        """
        try:
            request = next(flow)
            while True:
                request = flow.send(self.send(request, limit_bytes))
        except StopIteration as end:
            result: T = end.value
            return result

    def pause(self, tries: int) -> None:
        """Waits before something is tried again, longer each time."""
        self._settings.clock.sleep(_backoff(tries, self._settings.clock))

    def close(self) -> None:
        """Ends all connections."""
        for manager in self._managers.values():
            manager.clear()
        self._managers.clear()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _once(self, request: Request, pace: pools.Pace) -> urllib3.BaseHTTPResponse:
        address = _checked(request.url, self._settings.policy)
        proxy = self._settings.proxies.lead_to(*origin(request.url))
        limits = self._settings.limits
        sent = {"Accept-Encoding": "identity", "User-Agent": f"rightshift/{rightshift.__version__}", **request.headers}
        token = pools.PACE.set(pace)
        try:
            if proxy:
                self._judge(request.url)
            response = self._manager(address.scheme or "", proxy).request(
                request.method,
                address.url,
                headers=sent,
                body=request.body or None,
                timeout=urllib3.Timeout(connect=limits.connect_s, read=limits.idle_s),
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        except (HTTPError, OSError, ValueError) as error:
            raise _said(error, request.url) from error
        finally:
            pools.PACE.reset(token)
        lengths = {value.strip() for key, value in response.headers.items() if key.lower() == "content-length"}
        if lengths and (len(lengths) > 1 or "transfer-encoding" in response.headers):
            response.close()
            raise EgressError(f"{_host(request.url)} says twice how long its answer is", means="It was not read")
        return response

    def _manager(self, scheme: str, proxy: str) -> urllib3.PoolManager:
        found = self._managers.get((scheme, proxy))
        if found is None:
            settings = self._settings
            policy = replace(settings.policy, hosts=frozenset({_host_of(proxy)})) if proxy else settings.policy
            context = pools.tls(settings.certificates) if "https" in (scheme, proxy[:5]) else None
            found = pools.manager(policy, settings.resolve, context, settings.limits.per_host, proxy)
            self._managers[(scheme, proxy)] = found
        return found

    def _judge(self, url: str) -> None:
        """Holds the policy against a host that a proxy will resolve: what its name leads to here, if to anything."""
        _, host, port = origin(url)
        try:
            dial.allowed(host, port, self._settings.policy, self._settings.resolve)
        except dial.Unreachable:
            return

    def _wait(self, request: Request, head: Head, tries: int) -> float | None:
        """Seconds until the request is worth sending again; None when this is the answer."""
        again = head.status in _LATER or (head.status in _BROKEN and request.method in ("GET", "HEAD"))
        if not again or tries >= request.tries:
            return None
        clock = self._settings.clock
        return max(_backoff(tries, clock), retry_after_s(head.header("retry-after"), clock.wall()))


class Stream:
    """An answer that is read from front to end."""

    def __init__(self, head: Head, response: urllib3.BaseHTTPResponse, pace: pools.Pace, limits: Limits) -> None:
        self.head = head
        self._response = response
        self._pace = pace
        self._limits = limits
        self._waited_s, self._count = 0.0, 0
        """Time spent in waiting for the other side, and what came in it, since the last look at its rate."""

    def read(self, size: int) -> bytes:
        """
        At most `size` bytes; empty at the end.

        Raises:
            Interrupted: the connection broke, or ended before all was there.
            EgressError: it became too slow.
        """
        began = monotonic()
        self._pace.until = began + self._limits.window_s
        chunk = self._read(size)
        self._waited_s += monotonic() - began
        self._count += len(chunk)
        if self._waited_s > self._limits.window_s:
            if self._count < self._limits.slowest_bytes_s * self._waited_s:
                means = f"{self._count} bytes in {self._waited_s:.0f} s"
                raise EgressError(f"{_host(self.head.url)} sends too slowly", means=means)
            self._waited_s, self._count = 0.0, 0
        return chunk

    def whole(self, limit_bytes: int) -> bytes:
        """
        The whole body, within the time that was set for the answer.

        Raises:
            EgressError: it is longer, too slow, or breaks off.
        """
        chunks, count = [], 0
        while chunk := self._read(min(1 << 16, limit_bytes + 1 - count)):
            chunks.append(chunk)
            count += len(chunk)
            if count > limit_bytes:
                raise EgressError(f"{_host(self.head.url)} answered with more than {limit_bytes} bytes")
        return b"".join(chunks)

    def close(self) -> None:
        """Gives the connection back when the body was read to its end, and ends it otherwise."""
        if self._response.closed:
            self._response.release_conn()
        else:
            self._response.close()

    def _read(self, size: int) -> bytes:
        if size <= 0:
            return b""
        try:
            return self._response.read1(size, decode_content=False)
        except (HTTPError, OSError, ValueError) as error:
            raise _said(error, self.head.url) from error


def retry_after_s(value: str, now: float) -> float:
    """
    Seconds that an answer asks to wait for, counted from `now` (seconds since 1970); 0 when it does not say.

    Source: RFC 9110, 10.2.3.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now) if text else 0.0
    except (ValueError, OverflowError, IndexError):
        return 0.0


def _checked(url: str, policy: Policy) -> Url:
    found = parsed(url)
    _, host, port = origin(url)
    if found.scheme == "http" and not policy.may_be_plain(host, port):
        raise EgressError(
            f"{host}:{port} was not contacted: the address has no TLS",
            means="Whoever is on the way could read and change everything",
            do="Use https, or name the host as one that may be asked without",
        )
    return found


def _redirected(request: Request, head: Head, hops: int, most: int) -> Request:
    """Where a redirect leads; proof of who asks stays behind when it leads to somebody else."""
    if hops > most:
        raise EgressError(f"{_host(request.url)} redirects more than {most} times")
    if request.method not in ("GET", "HEAD"):
        raise EgressError(f"{_host(request.url)} redirects what was sent to it", means="It was not sent on")
    try:
        target = urljoin(request.url, head.header("location"))
    except ValueError as error:
        raise EgressError(f"{_host(request.url)} redirects to what is no address") from error
    before, after = origin(request.url), origin(target)
    if before[0] == "https" and after[0] == "http":
        raise EgressError(f"{_host(request.url)} redirects to an address without TLS", means="It was not followed")
    headers = request.headers
    if before != after:
        headers = {key: value for key, value in headers.items() if key.lower() not in _SECRET}
    return Request(method=request.method, url=target, headers=headers, tries=request.tries)


def _drain(response: urllib3.BaseHTTPResponse) -> None:
    """Reads what is left of a short body, so that the connection can be used again."""
    try:
        for _ in range(8):
            if not response.read1(1 << 12, decode_content=False):
                response.release_conn()
                return
    except (HTTPError, OSError, ValueError):
        pass
    response.close()


def _host_of(proxy: str) -> str:
    """Its owner set it, so it may be anywhere."""
    return (parse_url(proxy).host or "").lower().strip("[]")


def _backoff(tries: int, clock: Clock) -> float:
    return float(min(8.0, 0.5 * 2 ** min(tries, 8)) * (0.5 + clock.jitter() / 2))


def _host(url: str) -> str:
    try:
        return origin(url)[1][:255]
    except EgressError:
        return "The address"


def _said(error: Exception, url: str) -> EgressError:
    """What went wrong, without the address: it may be signed."""
    host = _host(url)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, EgressError):
            return cause
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message or "it can't be verified"
            do = "Name the file with its authority's certificate, or have the certificate corrected"
            return EgressError(f"The certificate of {host} was refused: {why}", do=do)
        if isinstance(cause, ssl.SSLError) and cause.reason in _NOT_TLS:
            return NotTls(f"{host} does not speak TLS", do="Name the host as one that may be asked without")
        if isinstance(cause, OSError) and (refused := _TUNNEL.match(str(cause))):
            what = f"The proxy lets no connection to {host} through: it answered with status {refused[1]}"
            return EgressError(what, do="Check its address and password, or name the host in NO_PROXY")
        cause = cause.__cause__ or cause.__context__ or _inner(cause)
    if isinstance(error, TimeoutError | ReadTimeoutError):
        return EgressError(f"{host} took too long to answer")
    if isinstance(error, TlsError | ssl.SSLError):
        return Interrupted(f"No secure connection to {host}: {_short(error)}")
    return Interrupted(f"The connection to {host} broke: {_short(error)}")


def _inner(error: BaseException) -> BaseException | None:
    return next((part for part in error.args if isinstance(part, BaseException)), None)


def _short(error: Exception) -> str:
    inner = _inner(error) or error
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror.lower()
    return type(inner).__name__
