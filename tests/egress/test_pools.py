"""Connections that dial what was checked, through pools of urllib3. What a whole client does: `test_client.py`."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import urllib3

from rightshift.egress import dial, pools
from rightshift.egress.policy import Policy
from rightshift.errors import EgressError
from tests.egress.peers import Answer, Asked, peer, reply

HERE = Policy(hosts=frozenset({"127.0.0.1", "peer.example"}), plain_http=frozenset({"127.0.0.1", "peer.example"}))
HELLO = reply(200, b"hello")


@contextmanager
def pace(until_s: float = 20, idle_s: float = 20) -> Iterator[None]:
    token = pools.PACE.set(pools.Pace(time.monotonic() + until_s, idle_s))
    try:
        yield
    finally:
        pools.PACE.reset(token)


def manager(policy: Policy = HERE, names: dial.Resolve = dial.resolve) -> urllib3.PoolManager:
    return pools.manager(policy, names, None, 2)


def test_an_allowed_address_answers_and_its_connection_is_used_again() -> None:
    with peer(lambda *_: HELLO) as server, pace(), manager() as made:
        assert made.request("GET", server.url(), retries=False).data == b"hello"
        assert made.request("GET", server.url("/2"), retries=False).data == b"hello"
        assert (server.connections, len(server.asked)) == (1, 2)


def test_an_address_that_the_policy_refuses_is_never_dialled() -> None:
    with peer(lambda *_: HELLO) as server, pace(), manager(Policy(plain_http=frozenset({"127.0.0.1"}))) as made:
        with pytest.raises(EgressError):
            made.request("GET", server.url(), retries=False)
        assert server.connections == 0


def test_the_address_that_was_checked_is_the_one_that_is_dialled() -> None:
    asked: list[str] = []

    def names(host: str, port: int) -> list[tuple[int, str]]:
        del port
        asked.append(host)
        return [(socket.AF_INET, "127.0.0.1")]

    with peer(lambda *_: HELLO) as server, pace(), manager(names=names) as made:
        found = made.request("GET", f"http://peer.example:{server.port}/", retries=False)
        assert found.data == b"hello"
        assert server.asked[0].headers["host"] == f"peer.example:{server.port}"
    assert asked == ["peer.example"]


def test_an_answer_that_drags_on_ends_at_its_time_in_head_and_body() -> None:
    def drip(start: bytes) -> Answer:
        def answer(_asked: Asked, connection: socket.socket) -> None:
            connection.sendall(start)
            connection.settimeout(0.02)
            with suppress(ConnectionError):
                while True:
                    connection.sendall(b"x")
                    with suppress(TimeoutError):  # a pause in which nothing is expected
                        if not connection.recv(1):
                            return

        return answer

    for start in (b"HTTP/1.1 200 x\r\nX-Long: ", b"HTTP/1.1 200 x\r\nContent-Length: 1000000\r\n\r\n"):
        with peer(drip(start)) as server, pace(until_s=0.3), manager() as made:
            begun = time.monotonic()
            with pytest.raises((urllib3.exceptions.HTTPError, TimeoutError)):
                made.request("GET", server.url(), retries=False)
            assert time.monotonic() - begun < 5


def test_a_peer_that_says_nothing_ends_after_its_idle_time() -> None:
    def silent(_asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 x\r\nContent-Length: 10\r\n\r\nhalf")
        connection.recv(1)

    with peer(silent) as server, pace(idle_s=0.2), manager() as made:
        begun = time.monotonic()
        with pytest.raises((urllib3.exceptions.HTTPError, TimeoutError)):
            made.request("GET", server.url(), retries=False)
        assert time.monotonic() - begun < 5


def test_a_proxy_gets_its_password_and_the_peer_does_not() -> None:
    with peer(lambda *_: HELLO) as proxy, pace():
        address = f"http://ada:s%3Acret@127.0.0.1:{proxy.port}"
        with pools.manager(HERE, dial.resolve, None, 1, address) as made:
            assert made.request("GET", "http://peer.example/", retries=False).data == b"hello"
        (asked,) = proxy.asked
    assert asked.path == "http://peer.example/"
    assert (
        asked.headers["proxy-authorization"]
        == urllib3.make_headers(proxy_basic_auth="ada:s:cret")["proxy-authorization"]
    )
    assert "authorization" not in asked.headers


def test_certificates_that_are_none_are_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    for name in ("ca.pem", "none.pem"):
        with pytest.raises(EgressError, match="holds no certificate"):
            pools.tls(tmp_path / name)


def test_old_protocols_are_refused_and_names_are_verified() -> None:
    import ssl

    context = pools.tls(None)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
