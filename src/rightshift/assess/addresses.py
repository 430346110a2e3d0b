"""Which addresses are public. Whose a private one is depends on the estate: `console/derive/relations`."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_PRIVATE_4 = tuple(
    IPv4Network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
_PRIVATE_6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "3fff::/20"))
_MAPPED, _TRANSLATED = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR, _TEREDO = IPv6Network("2002::/16"), IPv6Network("2001::/32")
_REMEMBERED = 1 << 13


@lru_cache(maxsize=_REMEMBERED)
def public(address: str) -> bool:
    """
    Whether packets to an address cross the internet. What can't be read as an address is not.

    Source: EXPLOITABILITY, section 2, "Public address". `ipaddress.is_global` differs between patch releases.
    """
    found = read(address)
    if isinstance(found, IPv4Address):
        return not any(found in network for network in _PRIVATE_4)
    return found is not None and found in _PUBLIC_6 and not any(found in network for network in _PRIVATE_6)


@lru_cache(maxsize=_REMEMBERED)
def read(address: str) -> IPv4Address | IPv6Address | None:
    """The address that is meant, without zone; IPv4 where IPv6 only carries it. None for what is no address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv4Address):
        return found
    number = int(found)
    if found in _MAPPED or found in _TRANSLATED:
        return IPv4Address(number & 0xFFFFFFFF)
    if found in _SIX_TO_FOUR:
        return IPv4Address(number >> 80 & 0xFFFFFFFF)
    if found in _TEREDO:
        return IPv4Address(~number & 0xFFFFFFFF)
    return found


def loopback(address: str) -> bool:
    """Whether a machine speaks to itself there, or nobody is named: all zeros."""
    found = read(address)
    return found is not None and (found.is_loopback or found.is_unspecified)
