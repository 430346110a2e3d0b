import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.assess.addresses import loopback, public, read


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "2606:4700::1111",
        "::ffff:1.1.1.1",
        "100.63.255.255",
        "11.0.0.1",
    ],
)
def test_what_the_internet_can_reach_is_public(address: str) -> None:
    assert public(address)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "10.1.2.3",
            "172.31.0.1",
            "192.168.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "224.0.0.1",
            "0.0.0.0",
        ),
        *("::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "fc00::1", "fe80::1%eth0", "2001:db8::1", "::1", "::"),
        *("3fff::1", "64:ff9b:1::1", "100::1", "ff02::1", "2001:0:1::f5ff:fffe", "", "somewhere", "1.2.3"),
    ],
)
def test_what_it_cannot_is_not(address: str) -> None:
    assert not public(address)


def test_an_address_of_the_older_kind_inside_the_newer_is_meant() -> None:
    assert str(read("::ffff:10.0.0.1")) == "10.0.0.1"
    assert str(read("2001:0:1::f7f7:f7f7")) == "8.8.8.8"


def test_a_machine_speaks_to_itself_on_loopback() -> None:
    assert all(map(loopback, ["127.0.0.1", "::1", "0.0.0.0", "::ffff:127.1.2.3"]))
    assert not any(map(loopback, ["10.0.0.1", "8.8.8.8", "nonsense"]))


@given(st.text(max_size=60))
def test_no_text_raises_anything(text: str) -> None:
    assert public(text) in (True, False)


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_the_one_that_it_carries(address: object) -> None:
    assert public(f"::ffff:{address}") == public(str(address))
