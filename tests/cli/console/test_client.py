"""How a console is asked: retries, pages, changes, refusals in words; against a stand-in that answers as it likes."""

import contextlib
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from rightshift.cli.console import client as clients
from rightshift.cli.console.client import Console, ConsoleError
from rightshift.console import tls
from rightshift.egress import pinned
from rightshift.egress.client import Client, Clock, Settings
from rightshift.egress.policy import Policy
from rightshift.errors import EgressError, UsageError
from tests.egress.certificates import authority
from tests.egress.peers import Asked, Peer, peer, reply

JSON, PROBLEM = "application/json", "application/problem+json"
Answers = Callable[[Asked], bytes]


class Thing(Struct, frozen=True):
    name: str


class Slept(list[float]):
    @property
    def clock(self) -> Clock:
        return Clock(monotonic=lambda: sum(self), wall=lambda: 1e9, sleep=self.append, jitter=lambda: 1.0)


@pytest.fixture
def slept() -> Slept:
    return Slept()


@pytest.fixture
def console(slept: Slept) -> Iterator[Callable[[Peer], Console]]:
    made: list[Console] = []

    def to(other: Peer) -> Console:
        host = frozenset({"127.0.0.1"})
        settings = Settings(policy=Policy(hosts=host, plain_http=host), limits=clients.LIMITS, clock=slept.clock)
        made.append(Console(other.url(""), Client(settings), {"Authorization": "Bearer it"}))
        return made[-1]

    yield to
    for one in made:
        one.client.close()


def problem(status: int, **more: object) -> bytes:
    body = {"type": "about:blank", "title": "Title", "status": status, **more}
    return reply(status, json.dumps(body).encode(), content_type=PROBLEM)


def answering(answer: Answers) -> Callable[[Asked, socket.socket], bytes]:
    return lambda asked, _: answer(asked)


def test_an_answer_has_its_shape_and_the_proof_is_sent(console: Callable[[Peer], Console]) -> None:
    with peer(answering(lambda _: reply(200, b'{"name": "x", "newer": 1}', content_type=JSON))) as other:
        assert console(other).get("/things/x", Thing, [("a", "1 &2")]) == Thing("x")
    (asked,) = other.asked
    assert asked.path == "/api/v1/things/x?a=1+%262"
    assert asked.headers["authorization"] == "Bearer it"


def test_pages_follow_each_other_only_as_they_are_taken(console: Callable[[Peer], Console]) -> None:
    def page(asked: Asked) -> bytes:
        at = int(asked.path.rpartition("after=")[2]) if "after=" in asked.path else 0
        items = [{"name": str(number)} for number in range(at, at + 2)]
        body = {"items": items, "next": str(at + 2) if at < 6 else None}
        return reply(200, json.dumps(body).encode(), content_type=JSON)

    with peer(answering(page)) as other:
        asks = console(other)
        two = list(islice(asks.each("/things", Thing), 2))
        assert (len(two), len(other.asked)) == (2, 1)
        assert [one.name for one in asks.each("/things", Thing)] == [str(number) for number in range(8)]
        assert [one.name for one in asks.each("/things", Thing, most=3)] == ["0", "1", "2"]
        assert "limit=3" in other.asked[-2].path
        assert "limit=1" in other.asked[-1].path


def test_a_list_that_stands_still_ends(console: Callable[[Peer], Console]) -> None:
    body = json.dumps({"items": [{"name": "x"}], "next": "same"}).encode()
    with peer(answering(lambda _: reply(200, body, content_type=JSON))) as other:
        assert len(list(console(other).pages("/things"))) == 2


def test_a_change_is_of_what_was_read(console: Callable[[Peer], Console]) -> None:
    def answer(asked: Asked) -> bytes:
        if asked.method == "GET":
            return reply(200, b'{"name": "x"}', content_type=JSON, etag='"7"')
        return problem(412, detail="changed") if asked.headers.get("if-match") != '"7"' else reply(204)

    with peer(answering(answer)) as other:
        changed = console(other).change("PATCH", "/things/x", Thing, lambda one: Thing(one.name + "y"))
    assert changed.status == 204
    assert other.asked[-1].body == b'{"name":"xy"}'


@pytest.mark.parametrize("status", [429, 503])
def test_it_comes_back_when_the_console_asks_for_that(
    console: Callable[[Peer], Console], slept: Slept, status: int
) -> None:
    left = [status, status]

    def answer(_: Asked) -> bytes:
        return problem(left.pop()).replace(b"\r\n\r\n", b"\r\nRetry-After: 7\r\n\r\n") if left else reply(201, b"{}")

    with peer(answering(answer)) as other:
        assert console(other).upload("/ingest/scans", b"x", {}).status == 201
    assert list(slept) == [7.0, 7.0]
    assert [one.body for one in other.asked] == [b"x"] * 3


def test_a_document_is_sent_again_after_a_connection_broke(console: Callable[[Peer], Console]) -> None:
    tries: list[int] = []

    def answer(_asked: Asked, _connection: socket.socket) -> bytes | None:
        tries.append(1)
        return reply(202, b"{}", content_type=JSON) if len(tries) > 2 else None

    with peer(answer) as other:
        assert console(other).upload("/ingest/scans", b"x", {}).status == 202


def test_what_may_have_been_done_is_not_done_twice(console: Callable[[Peer], Console]) -> None:
    with peer(lambda *_: None) as other, pytest.raises(EgressError, match="broke"):
        console(other).post("/tokens", Thing("x"), Thing)
    assert len(other.asked) == 1


def test_a_refusal_says_what_happened_and_what_to_do(console: Callable[[Peer], Console]) -> None:
    refused = problem(409, detail="It is there already", do="Choose another", invalid=[{"name": "n", "reason": "r"}])
    with peer(answering(lambda _: refused)) as other, pytest.raises(ConsoleError) as told:
        console(other).post("/users", Thing("x"), Thing)
    error = told.value
    assert (error.status, error.what, error.do) == (409, "It is there already (n: r)", "Choose another")


def test_a_mistake_of_the_console_can_be_found_there(console: Callable[[Peer], Console]) -> None:
    with peer(answering(lambda _: problem(500, detail="It broke", request="abcd"))) as other:
        with pytest.raises(ConsoleError) as told:
            console(other).get("/users", Thing)
    assert "abcd" in told.value.means


@pytest.mark.parametrize("status", [401, 403, 421])
def test_refusals_that_a_user_can_mend_say_how(console: Callable[[Peer], Console], status: int) -> None:
    with peer(answering(lambda _: problem(status))) as other, pytest.raises(ConsoleError) as told:
        console(other).get("/users", Thing)
    assert told.value.do


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, b"<html>", content_type="text/html"),
        reply(404, b"<html>", content_type="text/html"),
        reply(200, b'{"name": 1}', content_type=JSON),
        reply(500, b"[" * 100_000, content_type=PROBLEM),
        reply(200, b'{"name": "\xff"}', content_type=JSON),
    ],
)
def test_what_is_no_console_is_said(console: Callable[[Peer], Console], answer: bytes) -> None:
    with peer(answering(lambda _: answer)) as other, pytest.raises(ConsoleError, match="not one of a console"):
        console(other).get("/users", Thing)


def test_a_stream_that_was_refused_is_an_error(console: Callable[[Peer], Console]) -> None:
    with peer(answering(lambda _: problem(403))) as other, pytest.raises(ConsoleError):
        with console(other).stream("/findings", (), "text/csv"):
            pytest.fail("never reached")


@given(st.binary(max_size=200))
def test_no_body_raises_anything_else(body: bytes) -> None:
    with contextlib.suppress(ConsoleError):
        assert clients.shaped(body, clients.Page).items is not None


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://Console.Example/", "https://console.example"),
        ("console.example:8420", "https://console.example:8420"),
        ("http://127.0.0.1:8420", "http://127.0.0.1:8420"),
        ("https://[::1]:443", "https://[::1]"),
    ],
)
def test_an_address_has_one_spelling(text: str, url: str) -> None:
    assert clients.address(text) == url


@pytest.mark.parametrize("text", ["", "ftp://x", "https://u:p@x", "https://x/api/v1", "https://x?y", "a b", "https://"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(UsageError):
        clients.address(text)


def test_what_is_no_text_is_not_sent(console: Callable[[Peer], Console]) -> None:
    with peer(lambda *_: reply(200, b"{}", content_type="application/json")) as other, console(other) as asking:
        for query, body in (([("name", "\udcff")], None), ([], clients.Page(items=(), next="\udcff"))):
            with pytest.raises(UsageError, match="no text"):
                asking.send("GET", "/packages", query=query, body=body)
        assert other.asked == []


def test_without_tls_only_this_machine_is_asked() -> None:
    with pytest.raises(UsageError, match="no TLS"):
        clients.connect("http://192.0.2.1:8420")


def test_a_console_that_is_away_is_said_with_what_its_user_can_do() -> None:
    with peer(lambda *_: None) as gone:
        url = gone.url("")
    with clients.connect(url) as console, pytest.raises(EgressError, match="that the console runs"):
        console.get("/users", Thing)


def test_a_console_with_an_authority_of_its_own(tmp_path: Path) -> None:
    made = authority(tmp_path)
    with peer(answering(lambda _: reply(200, b'{"name": "x"}', content_type=JSON)), made.context) as other:
        with clients.connect(other.url(""), made.authority) as console:
            assert console.get("/things/x", Thing).name == "x"
        with clients.connect(other.url("")) as console, pytest.raises(EgressError, match="--pin and the pin"):
            console.get("/things/x", Thing)


def test_the_pin_that_a_console_prints_leads_to_what_is_trusted(tmp_path: Path) -> None:
    made = tls.ensure(tmp_path, ["127.0.0.1"], datetime.now(UTC))
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(made.certificate, made.key)
    here = Policy(hosts=frozenset({"127.0.0.1"}))
    with peer(answering(lambda _: reply(200, b'{"name": "x"}', content_type=JSON)), served) as other:
        pem = pinned.certificate("127.0.0.1", other.port, pinned.pin(made.pin), here)
        assert pem == made.ca.read_bytes()
        with clients.connect(other.url(""), made.ca) as console:
            assert console.get("/things/x", Thing).name == "x"
