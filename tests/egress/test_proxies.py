"""Proxies that the owner of the machine set."""

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.egress import proxies
from rightshift.egress.client import Client, Settings
from rightshift.egress.message import Request
from rightshift.egress.policy import Policy
from rightshift.egress.proxies import Proxies, from_environment
from rightshift.errors import EgressError
from tests.egress.certificates import authority
from tests.egress.peers import Asked, Peer, peer, reply

PLAIN = Policy(hosts=frozenset({"there.test"}), plain_http=frozenset({"there.test"}))


def _nowhere(host: str, port: int) -> list[tuple[int, str]]:
    """A machine whose resolver knows nobody outside."""
    if host == "127.0.0.1":
        return [(socket.AF_INET, host)]
    raise socket.gaierror(socket.EAI_NONAME, "unknown")


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while chunk := source.recv(65536):
            target.sendall(chunk)
    except OSError:
        return


@contextmanager
def tunnel(target: Peer) -> Iterator[Peer]:
    """A proxy that connects everybody to one server."""

    def answer(asked: Asked, connection: socket.socket) -> bytes | None:
        if asked.method != "CONNECT":
            return reply(200, b"by proxy")
        with socket.create_connection(("127.0.0.1", target.port)) as behind:
            connection.sendall(b"HTTP/1.1 200 x\r\n\r\n")
            back = threading.Thread(target=_pump, args=(behind, connection))
            back.start()
            _pump(connection, behind)
            behind.shutdown(socket.SHUT_RDWR)
            back.join(5)
        return None

    with peer(answer) as made:
        yield made


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, Proxies()),
        ({"HTTPS_PROXY": "http://p:3128"}, Proxies(https="http://p:3128")),
        ({"https_proxy": "p:3128", "HTTPS_PROXY": "http://q"}, Proxies(https="http://p:3128")),
        ({"ALL_PROXY": "http://p"}, Proxies(http="http://p", https="http://p")),
        ({"HTTP_PROXY": "https://u:w@p", "NO_PROXY": " A.Example, ,.b "}, Proxies(http="https://u:w@p",
                                                                                 direct=("a.example", ".b"))),
    ],
)  # fmt: skip
def test_the_environment_names_proxies(environment: dict[str, str], expected: Proxies) -> None:
    assert from_environment(environment) == expected


def test_a_proxy_of_another_kind_is_told() -> None:
    with pytest.raises(EgressError, match="kind socks5 can't be used"):
        from_environment({"ALL_PROXY": "socks5://p"})


@pytest.mark.parametrize(
    ("direct", "host", "expected"),
    [
        ("", "a.example", True),
        ("*", "a.example", False),
        ("a.example", "a.example", False),
        ("a.example", "b.a.example", False),
        ("a.example", "ba.example", True),
        (".a.example", "b.a.example", False),
        ("*.a.example", "b.a.example", False),
        ("a.example:443", "a.example", False),
        ("a.example:80", "a.example", True),
        ("10.0.0.0/8", "10.1.2.3", False),
        ("10.0.0.0/8", "11.1.2.3", True),
        ("10.1.2.3", "10.1.2.3", False),
        ("fd00::/8", "fd00::1", False),
        ("", "localhost", False),
        ("", "127.0.0.1", False),
        ("", "127.1", False),
        ("", "::1", False),
    ],
)
def test_some_hosts_are_reached_without(direct: str, host: str, expected: bool) -> None:
    found = Proxies(http="http://p", https="http://s", direct=tuple(filter(None, [direct])))
    assert found.lead_to("https", host, 443) == ("http://s" if expected else "")


@given(st.text(), st.text())
def test_no_entry_raises_anything(direct: str, host: str) -> None:
    Proxies(https="http://p", direct=(direct,)).lead_to("https", host, 443)


def test_passwords_do_not_stand_in_a_repr() -> None:
    assert "secret" not in repr(Proxies(https="http://u:secret@p"))


def test_a_proxy_connects_and_the_certificate_is_the_hosts(tmp_path: Path) -> None:
    made = authority(tmp_path, "there.test")
    with peer(lambda *_: reply(200, b"end to end"), made.context) as there, tunnel(there) as proxy:
        ways = Proxies(https=f"http://ann:s%33cret@{proxy.authority}")
        settings = Settings(certificates=made.authority, proxies=ways, resolve=_nowhere)
        with Client(settings) as client:
            answer = client.send(Request(url="https://there.test/x", headers={"Authorization": "Bearer b"}), 100)
            assert answer.body == b"end to end"
            with pytest.raises(EgressError, match="certificate"):
                client.send(Request(url="https://other.test/"), 100)
    first = proxy.asked[0]
    assert (first.method, first.path) == ("CONNECT", "there.test:443")
    assert first.headers["proxy-authorization"] == "Basic " + base64.b64encode(b"ann:s3cret").decode()
    assert "authorization" not in first.headers
    assert "proxy-authorization" not in there.asked[0].headers


def test_what_has_no_tls_is_asked_of_the_proxy(tmp_path: Path) -> None:
    with peer(lambda *_: reply()) as there, tunnel(there) as proxy:
        settings = Settings(policy=PLAIN, proxies=Proxies(http=proxy.url()), resolve=_nowhere)
        with Client(settings) as client:
            assert client.send(Request(url="http://there.test/x"), 100).body == b"by proxy"
    assert proxy.asked[0].path == "http://there.test/x"


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "[fd00:ec2::254]", "0xa9fea9fe", "inside.test"])
def test_a_proxy_is_not_asked_for_what_is_refused(host: str) -> None:
    def resolve(name: str, port: int) -> list[tuple[int, str]]:
        if name == "inside.test":
            return [(socket.AF_INET, "10.0.0.1")]
        address = proxies.literal(name)
        return [(socket.AF_INET, str(address))] if address else _nowhere(name, port)

    with peer(lambda *_: reply()) as proxy:
        settings = Settings(proxies=Proxies(https=proxy.url()), resolve=resolve)
        with Client(settings) as client, pytest.raises(EgressError, match="was not contacted"):
            client.send(Request(url=f"https://{host}/"), 100)
    assert proxy.connections == 0


def test_a_proxy_that_refuses_is_told() -> None:
    with peer(lambda *_: reply(407)) as proxy:
        settings = Settings(proxies=Proxies(https=proxy.url()), resolve=_nowhere)
        with Client(settings) as client, pytest.raises(EgressError, match="answered with status 407"):
            client.send(Request(url="https://there.test/"), 100)
    assert len(proxy.asked) == 1
