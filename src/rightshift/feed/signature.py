"""One Ed25519 signature over one file: keys made and read, files signed and checked. What is in it: `bundle.py`."""

import os
import stat
from collections.abc import Iterator
from hashlib import blake2b, sha512
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from rightshift.errors import FeedError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MAGIC = b"rightshift feed bundle 1\n"
SIGNATURE_BYTES = 64
KEY_ID_BYTES = 16
HEAD_BYTES = len(MAGIC) + KEY_ID_BYTES + SIGNATURE_BYTES
KEY_FILE_BYTES = 16 << 10
CHUNK_BYTES = 1 << 20
_CONTEXT = b"rightshift feed bundle, signature over SHA-512\0"


class SignatureRefused(FeedError):
    """A bundle that is not signed, was changed, or is signed by somebody who is not trusted."""


def make_key(path: Path) -> bytes:
    """
    A new private key in a new file that only its owner reads; gives the public key as PEM.

    Raises: FeedError when the file is there already or cannot be written.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(handle)
    except OSError as error:
        raise FeedError(f"The key {path} could not be made: {error.strerror}") from error
    return _pem(key.public_key())


def public_key(path: Path) -> bytes:
    """The public half, as PEM, of a private key's file. Raises: FeedError."""
    return _pem(_private(path).public_key())


def fingerprint(public: bytes) -> str:
    """32 characters by which people tell a public key (PEM) from others. Raises: FeedError when it is none."""
    return _key_id(_public(public)).hex()


def sign(body: BinaryIO, key: Path) -> bytes:
    """
    What stands before the body of a signed file: magic, key id, signature.

    Raises: FeedError when the key cannot be used.
    """
    private = _private(key)
    identity = _key_id(private.public_key())
    return MAGIC + identity + private.sign(_message(identity, _chunks(body)))


def check(file: BinaryIO, trusted: bytes) -> None:
    """
    Reads a signed file from its beginning to its end; its body follows after `HEAD_BYTES`.

    `trusted` is a public key as PEM. Raises: SignatureRefused; FeedError when the key is none.
    """
    from cryptography.exceptions import InvalidSignature

    key = _public(trusted)
    wanted = _key_id(key)
    head = file.read(HEAD_BYTES)
    if len(head) < HEAD_BYTES or not head.startswith(MAGIC):
        raise SignatureRefused("This is no signed bundle of a feed", do="See that the file arrived whole")
    identity = head[len(MAGIC) : len(MAGIC) + KEY_ID_BYTES]
    if identity != wanted:
        raise SignatureRefused(
            f"The bundle is signed with the key {identity.hex()}, and {wanted.hex()} is trusted",
            do="Ask who made it for the public key, and trust it if it is theirs",
        )
    try:
        key.verify(head[-SIGNATURE_BYTES:], _message(identity, _chunks(file)))
    except InvalidSignature as error:
        raise SignatureRefused(
            "The bundle was changed after it was signed", means="Nothing was taken from it", do="Fetch it again"
        ) from error


def _message(identity: bytes, chunks: Iterator[bytes]) -> bytes:
    """What is signed: a digest, since the signature itself wants its message in memory twice."""
    digest = sha512()
    for chunk in chunks:
        digest.update(chunk)
    return _CONTEXT + MAGIC + identity + digest.digest()


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _private(path: Path) -> "Ed25519PrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            state = os.fstat(handle)
            pem = file.read(KEY_FILE_BYTES) if stat.S_ISREG(state.st_mode) else b""
    except OSError as error:
        raise FeedError(f"The key {path} cannot be read: {error.strerror}") from error
    if state.st_mode & 0o077:
        raise FeedError(
            f"The key {path} can be read by others",
            means="It was not used",
            do=f"Run chmod 600 {path}, or make a new one",
        )
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise FeedError(f"{path} holds no private key that can be used") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise FeedError(f"{path} holds a key of another kind than Ed25519")
    return key


def _public(pem: bytes) -> "Ed25519PublicKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem[:KEY_FILE_BYTES])
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise FeedError("The trusted key is no public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise FeedError("The trusted key is of another kind than Ed25519")
    return key


def _pem(key: "Ed25519PublicKey") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _key_id(key: "Ed25519PublicKey") -> bytes:
    return blake2b(key.public_bytes_raw(), digest_size=KEY_ID_BYTES).digest()
