"""Connects to an address that was checked, not to a name that may lead elsewhere by then. The rules: `policy.py`."""

import socket
from collections.abc import Callable, Sequence
from time import monotonic

from rightshift.egress import policy as policies
from rightshift.egress.policy import Policy
from rightshift.errors import EgressError

Resolve = Callable[[str, int], Sequence[tuple[int, str]]]
"""A name and a port to (address family, address); raises OSError when there is none."""

ADDRESSES = 16
"""Addresses of one name that are tried."""


def resolve(host: str, port: int) -> list[tuple[int, str]]:
    """The system's resolver, which also reads every other spelling of an address."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [(family, str(place[0])) for family, _, _, _, place in found]


def connect(host: str, port: int, policy: Policy, timeout_s: float, names: Resolve = resolve) -> socket.socket:
    """
    A connection to the first address of a host that is allowed and answers, tried one after the other.

    Raises:
        EgressError: no address is allowed (nothing was sent then), the name is unknown, or none answers in time.
    """
    until = monotonic() + timeout_s
    found = allowed(host, port, policy, names)
    reason = "no answer in time"
    for place, (family, address) in enumerate(found):
        left = until - monotonic()
        if left <= 0:
            break
        try:
            return _open(family, address, port, left if place == len(found) - 1 else max(left / 2, 0.1))
        except OSError as error:
            reason = "no answer in time" if isinstance(error, TimeoutError) else (error.strerror or str(error)).lower()
    raise Unreachable(f"{_place(host, port)} can't be reached: {reason}", do="Check the name and the network")


class Unreachable(EgressError):
    """The name is unknown or nothing answers there; another way to the same thing may still work."""


def allowed(host: str, port: int, policy: Policy, names: Resolve) -> list[tuple[int, str]]:
    """
    The addresses of a host that may be connected to, with their families; never none.

    Raises:
        EgressError: none may; Unreachable when it has none.
    """
    try:
        found = list(dict.fromkeys(names(host, port)))[:ADDRESSES]
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is no name"
        raise Unreachable(f"The name {host[:255]} can't be resolved: {reason}", do="Check the name") from error
    verdicts = [(policies.refusal(host, address, policy), family, address) for family, address in found]
    good = [(family, address) for why, family, address in verdicts if not why]
    if not good:
        why, _, address = verdicts[0] if verdicts else ("it has no address", 0, "")
        raise EgressError(
            f"{_place(host, port)} was not contacted: it leads to {address or 'no address'}, and {why}",
            means="Names given by others may not lead into private networks or to this machine",
            do=f"Allow the host {host[:255]} if that is meant" if address and "secrets" not in why else "",
        )
    return good


def _open(family: int, address: str, port: int, timeout_s: float) -> socket.socket:
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout_s)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.connect((address, port))
    except BaseException:
        connection.close()
        raise
    return connection


def _place(host: str, port: int) -> str:
    return f"{host[:255]}:{port}"
