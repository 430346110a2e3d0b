"""The console's own CA and certificate, for where nobody gave one. Who serves with them: `up`."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from rightshift.errors import RightshiftError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, GeneralName

FOLDER = "tls"
CA_HOLDS = timedelta(days=3_650)
HOLDS = timedelta(days=397)
"""Source: CA/Browser Forum, Baseline Requirements, 6.3.2: what browsers take at most."""
RENEW = timedelta(days=30)
_SKEW = timedelta(hours=1)
"""Clocks of those who connect may be behind."""


class TlsError(RightshiftError):
    """There can be no certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """PEM files; `pin` is `sha256:` and the hash of the CA's public key, which all certificates to come share."""

    certificate: Path
    key: Path
    ca: Path
    pin: str


def ensure(home: Path, names: Sequence[str], now: datetime) -> Files:
    """
    Certificate and key for these names and addresses, made anew when they lack one or end within 30 days.

    The CA stays as long as it can be read, so that whoever trusts it goes on doing so.
    Raises: TlsError.
    """
    folder = home / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ca, ca_key = _authority(folder, now)
        certificate, key = folder / "console.pem", folder / "console.key"
        if not (certificate.exists() and key.exists() and _serves(certificate, ca, names, now)):
            _issue(certificate, key, ca, ca_key, names, now)
    except OSError as error:
        raise TlsError(
            f"The certificate can't be read or made: {error.strerror}", do="See `tls` in the home"
        ) from error
    except ValueError as error:
        raise TlsError(
            "A file of the console's own CA is not as it was written", do="Bring back `tls` from a backup, or remove it"
        ) from error
    return Files(certificate=certificate, key=key, ca=folder / "ca.pem", pin=pin(ca))


def pin(certificate: "Certificate") -> str:
    """Of the public key. Source: RFC 7469, 2.4 (SHA-256 of the SubjectPublicKeyInfo)."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    known = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"sha256:{sha256(known).hexdigest()}"


def _authority(folder: Path, now: datetime) -> "tuple[Certificate, EllipticCurvePrivateKey]":
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    certificate, key = folder / "ca.pem", folder / "ca.key"
    if not key.exists():
        _make_authority(certificate, key, now)
    if key.stat().st_mode & 0o077:
        raise TlsError("Others can read the key of the console's own CA", do="chmod 600 tls/ca.key in the home")
    private = load_pem_private_key(key.read_bytes(), None)
    if not isinstance(private, EllipticCurvePrivateKey):
        raise ValueError("another kind of key")  # noqa: TRY004  # of the file, not of an argument
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    if found.not_valid_after_utc <= now:
        raise TlsError(
            "The console's own CA has ended", do="Remove `tls` from the home; enrol sensors with the new pin"
        )
    return found, private


def _make_authority(certificate: Path, key: Path, now: datetime) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"rightshift CA {secrets.token_hex(4)}")])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + CA_HOLDS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .sign(private, hashes.SHA256())
    )
    _put(certificate, _pem(made), 0o644)
    _put(key, _private(private), 0o600)  # last: with it the CA is there


def _issue(
    certificate: Path,
    key: Path,
    ca: "Certificate",
    ca_key: "EllipticCurvePrivateKey",
    names: Sequence[str],
    now: datetime,
) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rightshift")])
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(ca.subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(max(now - _SKEW, ca.not_valid_before_utc))
        .not_valid_after(min(now + HOLDS, ca.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(_general(names)), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer_key, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    _put(key, _private(private), 0o600)
    _put(certificate, _pem(made) + _pem(ca), 0o644)


def _serves(file: Path, ca: "Certificate", names: Sequence[str], now: datetime) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    try:
        found = x509.load_pem_x509_certificate(file.read_bytes())
        found.verify_directly_issued_by(ca)
        known = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        private = load_pem_private_key(file.with_suffix(".key").read_bytes(), None)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    same = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if same != found.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo):
        return False
    return found.not_valid_after_utc - now > RENEW and set(_general(names)) <= set(known)


def _general(names: Sequence[str]) -> "list[GeneralName]":
    """Raises: TlsError for a name that no certificate can have."""
    from cryptography import x509

    found: list[GeneralName] = []
    for name in dict.fromkeys(names):
        try:
            found.append(x509.IPAddress(ip_address(name)))
            continue
        except ValueError:
            pass
        try:
            if not name:
                raise ValueError("no name")
            found.append(x509.DNSName(name.encode("idna").decode("ascii").lower()))
        except ValueError as error:
            raise TlsError(f"There can be no certificate for {name[:80]!a}", do="Name a host or an address") from error
    if not found:
        raise TlsError("A certificate needs a name", do="Name a host or an address")
    return found


def _pem(certificate: "Certificate") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _private(key: "EllipticCurvePrivateKey") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _put(path: Path, content: bytes, mode: int) -> None:
    """Whole or not at all."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    number = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(number, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
