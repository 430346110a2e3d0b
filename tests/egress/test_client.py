"""A client that stays bounded, patient to a point, and honest, whatever answers."""

import datetime
import gzip
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightshift.egress.client import Client, Clock, Interrupted, Limits, NotTls, Settings, Stream, retry_after_s
from rightshift.egress.message import Answer, Flow, Request
from rightshift.egress.policy import Policy
from rightshift.errors import EgressError
from tests.egress.certificates import NOW, Authority, authority
from tests.egress.peers import Asked, Peer, peer, reply

HERE = Policy(hosts=frozenset({"127.0.0.1"}), plain_http=frozenset({"127.0.0.1"}))
SHORT = Limits(connect_s=2, idle_s=0.5, whole_s=1.0, window_s=0.3, slowest_bytes_s=100_000)


class Slept:
    """A clock whose waits take no time and are remembered."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.clock = Clock(
            monotonic=lambda: sum(self.waits), wall=lambda: 1e9, sleep=self.waits.append, jitter=lambda: 1.0
        )


@pytest.fixture
def slept() -> Slept:
    return Slept()


@pytest.fixture
def client(slept: Slept) -> Iterator[Client]:
    with Client(Settings(policy=HERE, clock=slept.clock)) as made:
        yield made


@pytest.fixture
def hasty() -> Iterator[Client]:
    with Client(Settings(policy=HERE, limits=SHORT)) as made:
        yield made


def _always(content: bytes) -> Callable[[Asked, socket.socket], bytes]:
    return lambda *_: content


def _drain(stream: Stream) -> None:
    while stream.read(100):
        pass


def _get(client: Client, other: Peer, path: str = "/", limit: int = 1000, **headers: str) -> Answer:
    return client.send(Request(url=other.url(path), headers=headers), limit)


def test_an_answer_is_read_whole(client: Client) -> None:
    with peer(_always(reply(404, b"none", X_Kind="a"))) as other:
        answer = _get(client, other, "/path?x=1")
    assert (answer.status, answer.body, answer.header("x-kind")) == (404, b"none", "a")
    asked = other.asked[0]
    assert (asked.path, asked.headers["accept-encoding"]) == ("/path?x=1", "identity")
    assert asked.headers["user-agent"].startswith("rightshift/")


def test_a_connection_is_used_again(client: Client) -> None:
    with peer(_always(reply(200, b"x" * 100))) as other:
        for _ in range(3):
            _get(client, other)
        assert (len(other.asked), other.connections) == (3, 1)


def test_an_answer_over_its_bound_is_refused(client: Client) -> None:
    with peer(_always(reply(200, b"x" * 1001))) as other, pytest.raises(EgressError, match="more than 1000 bytes"):
        _get(client, other)


def test_an_answer_of_its_bound_is_read(client: Client) -> None:
    with peer(_always(reply(200, b"x" * 1000))) as other:
        assert len(_get(client, other).body) == 1000


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://127.0.0.1/", "http+unix://%2Fx/info", "//x", "", "x",
                                 "http://", "http://a:b@127.0.0.1/", "http://127.0.0.1:x/", "http://127.0.0.1/\r\nX: y",
                                 "http://127.0.0.1/ä", "http://127.0.0.1:99999/", "http://[::1/"])  # fmt: skip
def test_addresses_that_are_none_are_never_called(client: Client, url: str) -> None:
    with pytest.raises(EgressError):
        client.send(Request(url=url), 10)


@given(st.text())
def test_no_address_raises_anything_else(text: str) -> None:
    with Client(Settings()) as client, pytest.raises(EgressError):
        client.send(Request(url="http://" + text, tries=1), 10)


def test_without_tls_only_named_hosts_are_asked() -> None:
    with peer(_always(reply())) as other, Client(Settings(policy=Policy(hosts=HERE.hosts))) as client:
        with pytest.raises(EgressError, match="has no TLS"):
            _get(client, other)
    assert other.connections == 0


# Redirects


def test_redirects_are_followed_three_times(client: Client) -> None:
    def answer(asked: Asked, connection: socket.socket) -> bytes:
        left = int(asked.path[1:])
        return reply(302, Location=f"/{left - 1}") if left else reply(200, b"end")

    with peer(answer) as other:
        assert _get(client, other, "/3").body == b"end"
        with pytest.raises(EgressError, match="more than 3 times"):
            _get(client, other, "/4")


def test_proof_of_who_asks_goes_to_the_same_place_only(client: Client) -> None:
    with peer(_always(reply(200, b"blob"))) as store:

        def answer(asked: Asked, connection: socket.socket) -> bytes:
            return reply(307, Location="/there" if asked.path == "/here" else store.url("/blob?signature=1"))

        with peer(answer) as registry:
            _get(client, registry, "/here", Authorization="Bearer secret", Cookie="a=b", Range="bytes=1-")
    assert [asked.headers.get("authorization") for asked in registry.asked] == ["Bearer secret"] * 2
    assert "authorization" not in store.asked[0].headers
    assert "cookie" not in store.asked[0].headers
    assert store.asked[0].headers["range"] == "bytes=1-"


@pytest.mark.parametrize("target", ["http://2130706433:{port}/", "http://0177.0.0.1:{port}/", "http://127.1:{port}/",
                                    "http://[::ffff:127.0.0.1]:{port}/", "http://localhost:{port}/", "file:///etc/passwd",
                                    "http://169.254.169.254/", "http://u:p@127.0.0.1:{port}/", "gopher://127.0.0.1:{port}/",
                                    "http://[", "http://0.0.0.0:{port}/"])  # fmt: skip
def test_redirects_to_other_places_are_judged_like_any_address(client: Client, target: str) -> None:
    with peer(_always(reply())) as canary:
        with peer(_always(reply(302, Location=target.format(port=canary.port)))) as other:
            with pytest.raises(EgressError):
                _get(client, other)
        assert canary.connections == 0


def test_what_was_sent_is_not_sent_on(client: Client) -> None:
    with peer(_always(reply(307, Location="/x"))) as other, pytest.raises(EgressError, match="redirects what was sent"):
        client.send(Request(method="POST", url=other.url(), body=b"secret"), 10)


def test_a_redirect_does_not_lead_out_of_tls(tmp_path: Path, slept: Slept) -> None:
    made = authority(tmp_path)
    with peer(_always(reply())) as plain, peer(_always(reply(302, Location=plain.url())), made.context) as other:
        with Client(Settings(policy=HERE, certificates=made.authority)) as client:
            with pytest.raises(EgressError, match="without TLS"):
                _get(client, other)
        assert plain.connections == 0


# Certificates


@pytest.fixture
def good(tmp_path: Path) -> Authority:
    return authority(tmp_path)


@pytest.mark.check("O10")
def test_an_authority_of_ones_own_is_trusted_besides_the_systems(good: Authority) -> None:
    with peer(_always(reply(200, b"ok")), good.context) as other:
        with Client(Settings(policy=HERE, certificates=good.authority)) as client:
            assert _get(client, other).body == b"ok"


@pytest.mark.check("O10")
def test_an_unknown_authority_is_refused(good: Authority) -> None:
    with peer(_always(reply()), good.context) as other, Client(Settings(policy=HERE)) as client:
        with pytest.raises(EgressError, match=r"certificate of 127\.0\.0\.1 was refused") as told:
            _get(client, other)
    assert "authority" in told.value.do
    assert other.asked == []


@pytest.mark.check("O10")
@pytest.mark.parametrize("wrong", ["name", "expired", "early"])
def test_a_wrong_name_or_time_is_refused(tmp_path: Path, wrong: str) -> None:
    day = datetime.timedelta(days=1)
    made = {
        "name": lambda: authority(tmp_path, "other.example"),
        "expired": lambda: authority(tmp_path, start=NOW - 2 * day, end=NOW - day),
        "early": lambda: authority(tmp_path, start=NOW + day / 2, end=NOW + day),
    }[wrong]()
    with peer(_always(reply()), made.context) as other:
        with Client(Settings(policy=HERE, certificates=made.authority)) as client:
            with pytest.raises(EgressError, match="was refused"):
                _get(client, other)
    assert other.asked == []


@pytest.mark.check("O10")
def test_an_old_protocol_is_refused(good: Authority) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        good.context.minimum_version = ssl.TLSVersion.TLSv1
        good.context.maximum_version = ssl.TLSVersion.TLSv1_1
    good.context.set_ciphers("ALL:@SECLEVEL=0")
    with peer(_always(reply()), good.context) as other:
        with Client(Settings(policy=HERE, certificates=good.authority)) as client:
            with pytest.raises(EgressError):
                client.send(Request(url=other.url(), tries=1), 10)
    assert other.asked == []


def test_a_peer_without_tls_is_told(hasty: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(100)
                connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=refuse)
        thread.start()
        with pytest.raises(NotTls):
            hasty.send(Request(url=f"https://127.0.0.1:{listening.getsockname()[1]}/", tries=1), 10)
        thread.join()


@pytest.mark.parametrize("content", [b"", b"no certificate", None])
def test_a_file_without_certificates_is_told(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_bytes(content)
    with Client(Settings(policy=HERE, certificates=tmp_path / "ca.pem")) as client:
        with pytest.raises(EgressError, match="holds no certificate"):
            client.send(Request(url="https://127.0.0.1:1/"), 10)


# Trying again


def _failing(times: int, answer: bytes) -> Callable[[Asked, socket.socket], bytes]:
    left = [times]

    def reply_later(asked: Asked, connection: socket.socket) -> bytes:
        left[0] -= 1
        return answer if left[0] >= 0 else reply(200, b"ok")

    return reply_later


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_peer_is_asked_again_with_growing_waits(client: Client, slept: Slept, status: int) -> None:
    with peer(_failing(3, reply(status))) as other:
        assert _get(client, other).body == b"ok"
    assert slept.waits == [1.0, 2.0, 4.0]


def test_a_peer_may_say_when_to_come_back(client: Client, slept: Slept) -> None:
    with peer(_failing(1, reply(429, Retry_After="7"))) as other:
        assert _get(client, other).body == b"ok"
    assert slept.waits == [7.0]


def test_a_wait_that_is_too_long_is_not_waited(client: Client, slept: Slept) -> None:
    with peer(_always(reply(429, b"later", Retry_After="3600"))) as other:
        answer = _get(client, other)
    assert (answer.status, answer.header("retry-after"), slept.waits) == (429, "3600", [])


def test_a_peer_that_stays_busy_gives_its_last_answer(client: Client) -> None:
    with peer(_always(reply(503, b"busy"))) as other:
        assert (_get(client, other).status, len(other.asked)) == (503, 4)


def test_other_errors_are_answers(client: Client) -> None:
    with peer(_always(reply(500))) as other:
        assert (_get(client, other).status, len(other.asked)) == (500, 1)


def test_what_was_sent_is_sent_again_only_when_it_was_not_taken(client: Client) -> None:
    with peer(_failing(1, reply(502))) as other:
        assert client.send(Request(method="POST", url=other.url(), body=b"x"), 10).status == 502
    with peer(_failing(1, reply(429))) as other:
        assert client.send(Request(method="POST", url=other.url(), body=b"x"), 10).status == 200
        assert [asked.body for asked in other.asked] == [b"x", b"x"]


def test_a_connection_that_breaks_before_the_answer_is_tried_again(client: Client) -> None:
    def answer(asked: Asked, connection: socket.socket) -> bytes | None:
        return reply(200, b"ok") if asked.path == "/" and len(other.asked) > 2 else None

    with peer(answer) as other:
        assert _get(client, other).body == b"ok"
        assert len(other.asked) == 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", 0),
        ("120", 120),
        (" 5 ", 5),
        ("-1", 0),
        ("1.5", 0),
        ("soon", 0),
        ("9" * 400, 999999999),
        (format_datetime(datetime.datetime.fromtimestamp(1e9 + 30, datetime.UTC), usegmt=True), 30),
        (format_datetime(datetime.datetime.fromtimestamp(1e9 - 30, datetime.UTC), usegmt=True), 0),
        ("Mon, 99 Foo 2024 99:99:99 GMT", 0),
    ],
)
def test_times_to_come_back_are_read(value: str, expected: float) -> None:
    assert retry_after_s(value, 1e9) == expected


@given(st.text())
def test_no_time_raises_anything(value: str) -> None:
    assert retry_after_s(value, 1e9) >= 0


# Bad answers


BAD = {
    "nothing": b"",
    "no http": b"hello\r\n\r\n",
    "short": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nxxx",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\nContent-Length: 5\r\n\r\nhello world",
    "two lengths in one": b"HTTP/1.1 200 OK\r\nContent-Length: 11, 5\r\n\r\nhello world",
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n",
    "cut chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhello",
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
    "long header": b"HTTP/1.1 200 OK\r\nX: " + b"y" * (1 << 20) + b"\r\n\r\n",
    "unasked packing": reply(200, gzip.compress(b"{}"), Content_Encoding="gzip"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_answers_are_told(hasty: Client, kind: str) -> None:
    def answer(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(BAD[kind])

    with peer(answer) as other, pytest.raises(EgressError):
        hasty.send(Request(url=other.url(), tries=1), 100_000)


@settings(max_examples=30)
@given(st.binary(max_size=300))
def test_no_answer_raises_anything_else(content: bytes) -> None:
    def answer(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(content)

    with peer(answer) as other, Client(Settings(policy=HERE, limits=SHORT)) as client:
        for start in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 302 x\r\nLocation: "):
            try:
                client.send(Request(url=other.url(f"/{len(start)}"), tries=1), 100_000)
            except EgressError:
                continue


def test_an_answer_that_never_ends_is_cut_at_its_bound(hasty: Client) -> None:
    def answer(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"1000\r\n" + b" " * 4096 + b"\r\n")

    with peer(answer) as other, pytest.raises(EgressError, match="more than 1000 bytes"):
        _get(hasty, other)


@pytest.mark.parametrize("slow", ["head", "body", "silent"])
def test_an_answer_that_drags_on_is_given_up_in_time(hasty: Client, slow: str) -> None:
    def answer(asked: Asked, connection: socket.socket) -> None:
        starts = {"head": b"HTTP/1.1 200 OK\r\nX: ", "body": b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"}
        connection.sendall(starts.get(slow, b""))
        connection.settimeout(0.1)
        for _ in range(100):
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                connection.sendall(b"a" if slow != "silent" else b"")

    began = time.monotonic()
    with peer(answer) as other, pytest.raises(EgressError, match="too long"):
        _get(hasty, other, limit=100_000)
    assert time.monotonic() - began < 4


# Streams


def test_a_stream_is_read_in_pieces(client: Client) -> None:
    with peer(_always(reply(200, b"x" * 200_000))) as other:
        stream = client.stream(Request(url=other.url()))
        sizes = []
        while chunk := stream.read(50_000):
            sizes.append(len(chunk))
        stream.close()
    assert sum(sizes) == 200_000
    assert max(sizes) <= 50_000


def test_a_stream_that_is_cut_says_so(client: Client) -> None:
    def answer(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nxxx")

    with peer(answer) as other:
        stream = client.stream(Request(url=other.url()))
        with pytest.raises(Interrupted):
            _drain(stream)
        stream.close()


def test_a_stream_that_becomes_too_slow_is_given_up(hasty: Client) -> None:
    def answer(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n")
        connection.settimeout(0.05)
        for _ in range(100):
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                connection.sendall(b"a")

    with peer(answer) as other:
        stream = hasty.stream(Request(url=other.url()))
        with pytest.raises(EgressError, match="too slowly"):
            _drain(stream)
        stream.close()


def test_a_stream_that_its_reader_takes_slowly_is_not_given_up(hasty: Client) -> None:
    with peer(_always(reply(200, b"x" * 3000))) as other:
        stream = hasty.stream(Request(url=other.url()))
        assert stream.read(1000)
        end = time.monotonic() + SHORT.whole_s + 0.1
        while time.monotonic() < end:
            sum(range(10_000))
        assert sum(len(stream.read(1000)) for _ in range(3)) == 2000
        stream.close()


def test_errors_never_show_a_signed_address(client: Client) -> None:
    def answer(asked: Asked, connection: socket.socket) -> None:
        return None

    with peer(answer) as other, pytest.raises(EgressError) as told:
        client.send(Request(url=other.url("/blob?X-Signature=secret"), headers={"Authorization": "secret"}), 10)
    assert "secret" not in f"{told.value} {told.value!r}"
    assert "secret" not in repr(Request(url="/", headers={"Authorization": "secret"}, body=b"secret"))


def test_a_flow_is_sent_its_answers_one_by_one(client: Client) -> None:
    def flow(url: str) -> Flow[bytes]:
        first = yield Request(url=url + "a")
        second = yield Request(url=url + first.body.decode())
        return second.body

    with peer(lambda asked, _: reply(200, asked.path[1:].encode() * 2)) as other:
        assert client.run(flow(other.url()), 100) == b"aaaa"
