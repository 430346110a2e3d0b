"""Which addresses may be connected to."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.egress.policy import PRIVATE, Policy, refusal

NAMED = Policy(hosts=frozenset({"registry.local"}))


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808",
                                     "2002:808:808::1", "::8.8.8.8"])  # fmt: skip
def test_public_addresses_may_be_reached(address: str) -> None:
    assert refusal("example.org", address, Policy()) == ""


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1", "this machine"),
        ("127.1.2.3", "this machine"),
        ("::1", "this machine"),
        ("::ffff:127.0.0.1", "this machine"),
        ("::127.0.0.1", "this machine"),
        ("2002:7f00:1::", "this machine"),
        ("64:ff9b::127.0.0.1", "this machine"),
        ("64:ff9b:1::127.0.0.1", "this machine"),
        ("10.0.0.1", "private network"),
        ("172.16.0.1", "private network"),
        ("192.168.0.1", "private network"),
        ("100.64.0.1", "private network"),
        ("fd00::1", "private network"),
        ("::ffff:10.0.0.1", "private network"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("169.254.169.254", "its secrets"),
        ("::ffff:169.254.169.254", "its secrets"),
        ("2002:a9fe:a9fe::", "its secrets"),
        ("fd00:ec2::254", "its secrets"),
        ("100.100.100.200", "its secrets"),
        ("0.0.0.0", "names no machine"),
        ("0.1.2.3", "names no machine"),
        ("::", "names no machine"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("fec0::1", "reserved"),
        ("192.0.2.1", "private network"),
        ("255.255.255.255", "private network"),
        ("no address", "no internet address"),
        ("", "no internet address"),
    ],
)
def test_others_are_refused_with_the_reason(address: str, reason: str) -> None:
    assert reason in refusal("example.org", address, Policy())


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1", "::ffff:192.168.0.1", "fd00::1"])
def test_a_host_that_was_named_may_be_here_or_near(address: str) -> None:
    assert refusal("registry.local", address, NAMED) == ""
    assert refusal("Registry.Local.", address, NAMED) == ""
    assert refusal("other.local", address, NAMED) != ""


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "ff02::1", "0.0.0.0", "::"])
def test_nothing_that_an_owner_allows_opens_these(address: str) -> None:
    everything = Policy(
        hosts=frozenset({"registry.local"}), networks=(ip_network("0.0.0.0/0"), ip_network("::/0"), *PRIVATE)
    )
    assert refusal("registry.local", address, everything) != ""


def test_networks_that_are_allowed_hold_for_any_name() -> None:
    policy = Policy(networks=(ip_network("10.1.0.0/16"), ip_network("169.254.7.0/24")))
    assert refusal("example.org", "10.1.2.3", policy) == ""
    assert refusal("example.org", "::ffff:10.1.2.3", policy) == ""
    assert refusal("example.org", "169.254.7.1", policy) == ""
    assert refusal("example.org", "10.2.0.1", policy) != ""


@given(st.ip_addresses(v=4), st.booleans())
def test_an_address_wrapped_in_another_is_judged_as_itself(address: IPv4Address, named: bool) -> None:
    host = "registry.local" if named else "x"
    alone = refusal(host, str(address), NAMED)
    number = int(address)
    wrapped = [IPv6Address(0xFFFF << 32 | number), IPv6Address((0x2002 << 112) | number << 80)]
    wrapped += [IPv6Address(int(IPv6Address("64:ff9b::")) | number)]
    for outer in wrapped:
        assert refusal(host, str(outer), NAMED) == alone


@given(st.text())
def test_no_text_raises_anything(address: str) -> None:
    assert refusal("x", address, Policy())


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [("a", 5000, True), ("a", 5001, False), ("b", 1, True), ("A", 5000, True), ("::1", 5000, True), ("c", 80, False)],
)
def test_hosts_without_tls_are_named_with_or_without_a_port(host: str, port: int, expected: bool) -> None:
    policy = Policy(plain_http=frozenset({"a:5000", "b", "[::1]:5000"}))
    assert policy.may_be_plain(host, port) is expected
