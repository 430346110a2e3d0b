"""Which addresses may be connected to. Pure: names are resolved and dialled in `dial.py`."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_METADATA = frozenset(
    ip_address(text)
    for text in ("169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16")
)
"""Where clouds tell a machine its secrets: AWS (two), AWS by IPv6, Alibaba, Oracle, Azure."""

_NAT64 = ip_network("64:ff9b::/96")
_NAT64_LOCAL = ip_network("64:ff9b:1::/48")
_COMPATIBLE = ip_network("::/96")
_CARRIER = ip_network("100.64.0.0/10")
_THIS_NETWORK = ip_network("0.0.0.0/8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """
    What may be reached besides public addresses, which always may. The default adds nothing.

    Addresses that tell a machine its secrets, multicast and the unspecified address are never reached.
    """

    hosts: frozenset[str] = frozenset()
    """Names, lower case and without a port, that may lead to this machine and to private networks."""
    networks: tuple[Network, ...] = ()
    """Networks that any name may lead to: `PRIVATE` where an owner wants that."""
    plain_http: frozenset[str] = frozenset()
    """Hosts, with or without a port, that may be asked without TLS."""

    def may_be_plain(self, host: str, port: int) -> bool:
        """Whether a host may be asked without TLS."""
        bare = host.lower().rstrip(".")
        return not self.plain_http.isdisjoint({bare, f"{bare}:{port}", f"[{bare}]", f"[{bare}]:{port}"})


PRIVATE: tuple[Network, ...] = tuple(
    ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
"""Private networks, for owners who let names lead into them: RFC 1918, RFC 6598, RFC 4193."""


def refusal(host: str, address: str, policy: Policy) -> str:
    """
    Why an address that a name was resolved to may not be connected to; empty when it may.

    `address` is what the resolver gave, never what somebody wrote: other spellings of an address end there. What is
    wrapped in an IPv6 address (IPv4-mapped, 6to4, NAT64, Teredo) is judged in its place.
    """
    try:
        outer = ip_address(address.partition("%")[0])
    except ValueError:
        return "it is no internet address"
    named = host.lower().rstrip(".") in policy.hosts
    reasons = (_refusal(inner, policy, named) for inner in _wrapped(outer) or (outer,))
    return next(filter(None, reasons), "")


def _refusal(address: Address, policy: Policy, named: bool) -> str:
    if address in _METADATA:
        return "it tells a cloud machine its secrets"
    if address.is_multicast:
        return "it is a multicast address"
    if address.is_unspecified or address in _THIS_NETWORK:
        return "it names no machine"
    if any(address in network for network in policy.networks):
        return ""
    if address.is_link_local:
        return "it is a link-local address"
    if named and (address.is_loopback or any(address in network for network in PRIVATE)):
        return ""
    if address.is_loopback:
        return "it is this machine"
    if address.is_private or address in _CARRIER:
        return "it lies in a private network"
    if address.is_reserved or (isinstance(address, IPv6Address) and address.is_site_local):
        return "it is reserved"
    return "" if address.is_global else "it is no public address"


def _wrapped(address: Address) -> tuple[Address, ...]:
    """
    The IPv4 addresses that an IPv6 address leads to.

    Source: RFC 4291, 2.5.5; RFC 3056, 2; RFC 6052, 2.2; RFC 8215; RFC 4380, 4.
    """
    if isinstance(address, IPv4Address):
        return ()
    compatible = address in _COMPATIBLE and int(address) > 0xFFFF
    if compatible or address in _NAT64 or address in _NAT64_LOCAL:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    found = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
    return tuple(filter(None, found))
