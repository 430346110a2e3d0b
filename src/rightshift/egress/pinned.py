"""A certificate that is trusted since its key is the one that somebody told us: a pin. Chains of trust: `pools.py`."""

import base64
import binascii
import hashlib
import ssl
from dataclasses import dataclass

from rightshift.egress import dial
from rightshift.egress.policy import Policy
from rightshift.errors import EgressError, UsageError

CONNECT_S = 10.0
CERTIFICATES = 10
"""Of one chain."""


@dataclass(frozen=True, slots=True)
class Pin:
    """The SHA-256 of a public key as certificates hold it (SubjectPublicKeyInfo, DER)."""

    digest: bytes

    def __str__(self) -> str:
        return f"sha256:{self.digest.hex()}"


def pin(text: str) -> Pin:
    """
    Reads `sha256:HEX`, and `sha256/BASE64` or `sha256//BASE64` as curl and HPKP write it.

    Raises: UsageError.
    Source: RFC 7469, section 2.4; curl, `--pinnedpubkey`.
    """
    kind, value = text[:6].lower(), text[6:]
    try:
        if kind != "sha256" or len(text) > 100:
            raise ValueError
        if value.startswith(":"):
            digest = bytes.fromhex(value[1:].replace(":", ""))
        elif value[:-44] in ("/", "//"):  # what follows may begin with a slash of its own
            digest = base64.b64decode(value[-44:], validate=True)
        else:
            raise ValueError
        if len(digest) != hashlib.sha256().digest_size:
            raise ValueError
    except (ValueError, binascii.Error) as error:
        raise UsageError(f"{text!a} is no pin of a certificate", do="Copy it as the console printed it") from error
    return Pin(digest)


def of(certificate_der: bytes) -> Pin:
    """The pin of a certificate's key. Raises: ValueError when it is no certificate."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = x509.load_der_x509_certificate(certificate_der).public_key()
    return Pin(hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest())


def certificate(host: str, port: int, wanted: Pin, policy: Policy, names: dial.Resolve = dial.resolve) -> bytes:
    """
    The certificate in PEM whose key has this pin, from the chain that a server shows; it may be trusted from then on.

    Nothing but the start of TLS is sent, since the server is not verified here.
    Raises: EgressError when none has it, or there is no TLS.
    """
    try:
        chain = _chain(host, port, policy, names)
        found = next((one for one in chain[:CERTIFICATES] if of(one) == wanted), None)
    except (OSError, ValueError) as error:  # TLS errors are OSErrors
        raise EgressError(f"{host[:255]}:{port} does not speak TLS as it should", do="Check the address") from error
    if found is None:
        raise EgressError(
            f"No certificate that {host[:255]}:{port} shows has the pin {wanted}",
            means="Somebody may be in between, or the console has a new certificate",
            do="Compare the pin with the one that the console prints at its start",
        )
    return ssl.DER_cert_to_PEM_cert(found).encode()


def _chain(host: str, port: int, policy: Policy, names: dial.Resolve) -> list[bytes]:
    """The certificates that a server shows, its own first, in DER."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # what it shows is compared with the pin
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with dial.connect(host, port, policy, CONNECT_S, names) as connection:
        connection.settimeout(CONNECT_S)
        with context.wrap_socket(connection, server_hostname=host) as secured:
            if hasattr(secured, "get_unverified_chain"):  # public from 3.13 on
                return [bytes(one) for one in secured.get_unverified_chain()]
            inner = secured._sslobj  # type: ignore[attr-defined]
            return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in inner.get_unverified_chain() or ()]
