"""Which proxy leads to a host, as the owner of this machine set it. What it is used for: `pools.py`."""

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from rightshift.errors import EgressError


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxies:
    """Addresses of proxies, empty for none; they may hold a password. Names in `direct` are reached without."""

    http: str = ""
    https: str = ""
    direct: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Proxies(http={bool(self.http)}, https={bool(self.https)}, direct={self.direct})"

    def lead_to(self, scheme: str, host: str, port: int) -> str:
        """The proxy on the way to a host; empty when there is none. This machine is always reached without."""
        if host == "localhost" or ((address := literal(host)) and address.is_loopback):
            return ""
        if any(_covers(entry, host, port) for entry in self.direct):
            return ""
        return self.https if scheme == "https" else self.http


def from_environment(environment: Mapping[str, str]) -> Proxies:
    """
    What HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY say, in lower or upper case; lower case counts first.

    Raises:
        EgressError: a proxy is of a kind that can't be used.
    """

    def value(name: str) -> str:
        return (environment.get(name) or environment.get(name.upper()) or "").strip()

    found = {}
    for scheme in ("http", "https"):
        url = value(f"{scheme}_proxy") or value("all_proxy")
        if url and "://" not in url:
            url = f"http://{url}"
        if url and not url.startswith(("http://", "https://")):
            kind = url.partition("://")[0][:20]
            raise EgressError(
                f"The proxy of kind {kind} can't be used", do=f"Set {scheme}_proxy to one of http or https"
            )
        found[scheme] = url
    direct = tuple(entry.strip().lower() for entry in value("no_proxy").split(",") if entry.strip())
    return Proxies(http=found["http"], https=found["https"], direct=direct)


def literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host plainly is, in any spelling that resolvers read; None for a name."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError, ValueError):
        return None


def _covers(entry: str, host: str, port: int) -> bool:
    """`*`, a name with everything below it, an address, a network; each may have a port."""
    if entry == "*":
        return True
    name, colon, number = entry.rpartition(":")
    if colon and number.isdigit() and name.count(":") == 0:
        if int(number) != port:
            return False
        entry = name
    address = literal(host)
    try:
        if address:
            return address in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return False
    bare = entry.removeprefix("*").lstrip(".")
    return bool(bare) and (host == bare or host.endswith("." + bare))
