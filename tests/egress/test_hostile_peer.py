"""Every misbehaviour of the data set's peer: an error or an answer in time, within bounds, and the client goes on."""

import json
import resource
import time
from collections.abc import Iterator

import pytest

from rightshift.egress.client import Client, Limits, Settings
from rightshift.egress.message import Request
from rightshift.egress.policy import Policy
from rightshift.errors import EgressError
from tests.egress.peers import hostile_peer

pytestmark = pytest.mark.shared
LIMITS = Limits(connect_s=2, idle_s=1, whole_s=3)
HERE = Policy(hosts=frozenset({"127.0.0.1"}), plain_http=frozenset({"127.0.0.1"}))
BODY_BYTES = 1 << 20
PATHS = [
    "/slow-head?s=20", "/slow-body?s=20", "/hang?s=20", "/close", "/reset", "/short?n=100", "/long", "/no-length",
    "/two-lengths", "/smuggle", "/chunked-endless?mb=64", "/bad-chunk", "/gzip-bomb?mb=64", "/deflate-loop",
    "/headers?n=10000", "/header-long?kb=1024", "/loop", "/chain?n=50", "/flaky?fail=9", "/html", "/deep-json",
    "/big-json?mb=20", "/bad-utf8", "/nul-header", "/cookie", "/etag", "/dup", "/status/500", "/status/204",
    "/status/429?retry_after=99999", "/status/503?retry_after=x",
]  # fmt: skip
NAMES = [
    "loopback", "loopback6", "mapped6", "decimal", "octal", "short", "zero", "metadata", "metadata6", "linklocal",
    "private10", "private172", "private192", "cgnat", "userinfo", "file", "gopher", "unix", "dns-local", "crlf",
]  # fmt: skip


@pytest.fixture(scope="module")
def peer() -> Iterator[str]:
    with hostile_peer() as address:
        yield address


def _get(url: str, policy: Policy = HERE) -> bytes | None:
    with Client(Settings(policy=policy, limits=LIMITS)) as client:
        try:
            return client.send(Request(url=url), BODY_BYTES).body
        except EgressError:
            return None


@pytest.mark.parametrize("path", PATHS)
def test_bad_peers_cost_little_and_the_client_goes_on(peer: str, path: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    body = _get(peer + path)
    assert time.monotonic() - began < 2 * LIMITS.whole_s
    assert len(body or b"") <= BODY_BYTES
    assert b"forged" not in (body or b"")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 << 10
    assert _get(peer + "/ok/after") == b'{"ok":true}'


@pytest.mark.parametrize("name", NAMES)
def test_no_redirect_leads_inside(peer: str, name: str) -> None:
    public_peer = Policy(hosts=frozenset({"peer.test"}), plain_http=frozenset({"peer.test"}))
    port = int(peer.rpartition(":")[2])

    def resolve(host: str, at: int) -> list[tuple[int, str]]:
        from rightshift.egress import dial

        return [(2, "127.0.0.1")] if host == "peer.test" else dial.resolve(host, at)

    with Client(Settings(policy=public_peer, limits=LIMITS, resolve=resolve)) as client:
        with pytest.raises(EgressError):
            client.send(Request(url=f"http://peer.test:{port}/redirect?to={name}"), BODY_BYTES)
    assert _canaries(peer) == []


def _canaries(peer: str) -> list[str]:
    with Client(Settings(policy=HERE)) as client:
        log = json.loads(client.send(Request(url=peer + "/_log"), 64 << 20).body)
    return [entry["path"] for entry in log if entry["path"].startswith(("/_canary", "/_x"))]


def test_a_flaky_peer_is_asked_until_it_answers(peer: str) -> None:
    with Client(Settings(policy=HERE, limits=Limits(whole_s=20))) as client:
        assert client.send(Request(url=peer + "/flaky?fail=2&key=retry"), 100).body == b'{"ok":true}'
