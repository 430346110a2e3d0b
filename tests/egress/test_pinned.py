"""A certificate is trusted by the pin of its key, be it the server's own or its authority's; nothing else is."""

import base64
import contextlib
import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.egress import pinned
from rightshift.egress.client import Client, Settings
from rightshift.egress.message import Request
from rightshift.egress.pinned import Pin
from rightshift.egress.policy import Policy
from rightshift.errors import EgressError, UsageError
from tests.egress.certificates import Authority, authority
from tests.egress.peers import peer, reply

HERE = Policy(hosts=frozenset({"127.0.0.1"}))


@pytest.fixture
def good(tmp_path: Path) -> Authority:
    return authority(tmp_path)


def pin_of(file: Path) -> Pin:
    return pinned.of(ssl.PEM_cert_to_DER_cert(file.read_text()))


@pytest.mark.parametrize("which", ["the server's own", "its authority's"])
def test_the_certificate_with_the_pin_is_found_and_then_trusted(good: Authority, which: str, tmp_path: Path) -> None:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    both = tmp_path / "both.pem"
    both.write_text(good.chain.read_text() + good.authority.read_text())
    served.load_cert_chain(both, good.key)
    file = good.chain if which == "the server's own" else good.authority
    with peer(lambda *_: reply(200, b"ok"), served) as other:
        pem = pinned.certificate("127.0.0.1", other.port, pin_of(file), HERE)
        assert ssl.PEM_cert_to_DER_cert(pem.decode()) == ssl.PEM_cert_to_DER_cert(file.read_text())
        kept = tmp_path / "kept.pem"
        kept.write_bytes(pem)
        with Client(Settings(policy=HERE, certificates=kept)) as client:
            assert client.send(Request(url=other.url()), 10).body == b"ok"


def test_another_key_is_refused_and_nothing_was_sent(good: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other_pin = pin_of(authority(tmp_path / "other").authority)
    with peer(lambda *_: reply(), good.context) as other:
        with pytest.raises(EgressError, match="No certificate"):
            pinned.certificate("127.0.0.1", other.port, other_pin, HERE)
    assert other.asked == []


def test_without_tls_there_is_no_certificate() -> None:
    with peer(lambda *_: reply()) as other, pytest.raises(EgressError, match="TLS"):
        pinned.certificate("127.0.0.1", other.port, Pin(bytes(32)), HERE)


def test_the_policy_holds_here_too() -> None:
    with pytest.raises(EgressError, match="was not contacted"):
        pinned.certificate("127.0.0.1", 1, Pin(bytes(32)), Policy())


@given(st.binary(min_size=32, max_size=32))
def test_a_pin_is_read_in_each_of_its_spellings(digest: bytes) -> None:
    made = Pin(digest)
    coded = base64.b64encode(digest).decode()
    assert pinned.pin(str(made)) == pinned.pin(f"sha256/{coded}") == pinned.pin(f"sha256//{coded}") == made


@given(st.text() | st.text().map("sha256:".__add__) | st.text().map("sha256/".__add__))
def test_no_text_raises_anything_else(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert len(pinned.pin(text).digest) == 32
