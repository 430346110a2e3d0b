"""Whoever trusts the console's own CA reaches it in TLS, also after the certificate was renewed; others don't."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from rightshift.console import tls
from rightshift.console.tls import Files, TlsError

NAMES = ("localhost", "127.0.0.1", "::1", "console.example")


def now() -> datetime:
    return datetime.now(UTC)


def talk(files: Files, ca: Path, name: str) -> str:
    """What a client that trusts this CA alone hears from a server with these files."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(files.certificate, files.key)
    here, there = socket.socketpair()
    heard: list[str] = []

    def serve() -> None:
        try:
            with serving.wrap_socket(there, server_side=True) as connection:
                connection.sendall(b"hello")
        except OSError:
            there.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with ssl.create_default_context(cafile=str(ca)).wrap_socket(here, server_hostname=name) as connection:
            heard.append(connection.recv(5).decode())
    finally:
        here.close()
        thread.join()
    return heard[0]


@pytest.mark.parametrize("name", NAMES)
def test_who_trusts_the_ca_reaches_it_under_each_name(tmp_path: Path, name: str) -> None:
    files = tls.ensure(tmp_path, NAMES, now())
    assert talk(files, files.ca, name) == "hello"


def test_another_name_and_another_ca_are_refused(tmp_path: Path) -> None:
    files, other = tls.ensure(tmp_path / "a", NAMES, now()), tls.ensure(tmp_path / "b", NAMES, now())
    with pytest.raises(ssl.SSLCertVerificationError):
        talk(files, files.ca, "evil.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        talk(files, other.ca, "localhost")
    assert files.pin != other.pin


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    files = tls.ensure(tmp_path, NAMES, now())
    for key in (files.key, files.ca.with_suffix(".key")):
        assert key.stat().st_mode & 0o777 == 0o600
    files.ca.with_suffix(".key").chmod(0o644)
    with pytest.raises(TlsError, match="Others"):
        tls.ensure(tmp_path, NAMES, now())


def test_it_stays_as_long_as_it_serves(tmp_path: Path) -> None:
    before = tls.ensure(tmp_path, NAMES, now())
    content = before.certificate.read_bytes()
    assert tls.ensure(tmp_path, NAMES[:1], now() + timedelta(days=366)) == before
    assert before.certificate.read_bytes() == content


@pytest.mark.parametrize(("names", "days"), [((*NAMES, "new.example"), 0), (NAMES, 368)])
def test_it_is_made_anew_for_another_name_and_before_its_end(tmp_path: Path, names: tuple[str, ...], days: int) -> None:
    before = tls.ensure(tmp_path, NAMES, now())
    content = before.certificate.read_bytes()
    after = tls.ensure(tmp_path, names, now() + timedelta(days=days))
    assert after.certificate.read_bytes() != content
    assert after.pin == before.pin
    made = x509.load_pem_x509_certificate(after.certificate.read_bytes())
    made.verify_directly_issued_by(x509.load_pem_x509_certificate(after.ca.read_bytes()))
    assert made.not_valid_after_utc - now() <= timedelta(days=397 + days)


@pytest.mark.parametrize("broken", ["console.pem", "console.key"])
def test_a_half_made_certificate_is_made_anew(tmp_path: Path, broken: str) -> None:
    tls.ensure(tmp_path, NAMES, now())
    (tmp_path / "tls" / broken).write_text("x")
    files = tls.ensure(tmp_path, NAMES, now())
    assert talk(files, files.ca, "localhost") == "hello"


@pytest.mark.parametrize("broken", ["ca.pem", "ca.key"])
def test_a_broken_ca_is_said_and_not_made_anew(tmp_path: Path, broken: str) -> None:
    tls.ensure(tmp_path, NAMES, now())
    (tmp_path / "tls" / broken).write_text("x")
    with pytest.raises(TlsError, match="written"):
        tls.ensure(tmp_path, NAMES, now())


@pytest.mark.parametrize("names", [(), ("",), ("a..b",), ("x" * 64 + ".example",)])
def test_what_no_certificate_can_be_for(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(TlsError):
        tls.ensure(tmp_path, names, now())
