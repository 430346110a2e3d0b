"""What was checked is what is connected to."""

import socket
from collections.abc import Iterator

import pytest

from rightshift.egress import dial
from rightshift.egress.policy import Policy
from rightshift.errors import EgressError

HERE = Policy(hosts=frozenset({"here"}))
V4, V6 = int(socket.AF_INET), int(socket.AF_INET6)


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_connection_goes_to_an_allowed_address(port: int) -> None:
    with dial.connect("here", port, HERE, 5, lambda *_: [(V4, "127.0.0.1")]) as connection:
        assert connection.getpeername() == ("127.0.0.1", port)


def test_an_address_that_is_refused_is_never_connected_to(port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        with pytest.raises(EgressError, match=r"leads to 127\.0\.0\.1, and it is this machine") as told:
            dial.connect("there", listening.getsockname()[1], HERE, 5, lambda *_: [(V4, "127.0.0.1")])
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert "Allow the host there" in told.value.do


def test_of_several_addresses_only_allowed_ones_are_tried(port: int) -> None:
    policy = Policy(hosts=HERE.hosts)
    found = [(V4, "169.254.169.254"), (V4, "0.0.0.0"), (V4, "127.0.0.1")]
    with dial.connect("here", port, policy, 5, lambda *_: found) as connection:
        assert connection.getpeername()[0] == "127.0.0.1"


def test_the_next_address_is_tried_when_one_does_not_answer(port: int) -> None:
    found = [(V6, "::1"), (V4, "127.0.0.1")]
    with dial.connect("here", port, HERE, 5, lambda *_: found) as connection:
        assert connection.getpeername()[0] == "127.0.0.1"


def test_a_name_is_resolved_once_and_not_again_to_connect(port: int) -> None:
    answers = iter([[(V4, "127.0.0.1")], [(V4, "169.254.169.254")]])
    with dial.connect("here", port, HERE, 5, lambda *_: next(answers)) as connection:
        assert connection.getpeername()[0] == "127.0.0.1"
    with pytest.raises(EgressError, match="tells a cloud machine its secrets"):
        dial.connect("here", port, HERE, 5, lambda *_: next(answers))


@pytest.mark.parametrize("host", ["2130706433", "0177.0.0.1", "127.1", "0x7f.1", "127.0.0.1"])
def test_other_spellings_of_an_address_are_judged_by_what_they_are(host: str, port: int) -> None:
    with pytest.raises(EgressError, match="this machine"):
        dial.connect(host, port, Policy(), 5)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(dial.Unreachable, match="can't be resolved"):
        dial.connect("does-not-exist.invalid", 80, Policy(), 5)
    with pytest.raises(dial.Unreachable, match="can't be resolved"):
        dial.connect("x" * 70 + ".invalid", 80, Policy(), 5)


def test_a_closed_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(dial.Unreachable, match="connection refused"):
        dial.connect("here", port, HERE, 5, lambda *_: [(V4, "127.0.0.1")])


def test_a_name_without_an_address_is_told() -> None:
    with pytest.raises(EgressError, match="no address"):
        dial.connect("here", 80, HERE, 5, lambda *_: [])
