"""Keys that only their owner reads, and signatures that no changed byte passes."""

import io
import os
import random
from pathlib import Path

import pytest

from rightshift.errors import FeedError
from rightshift.feed import signature
from rightshift.feed.signature import SignatureRefused


@pytest.fixture
def key(tmp_path: Path) -> Path:
    signature.make_key(tmp_path / "key.pem")
    return tmp_path / "key.pem"


def signed(key: Path, body: bytes = b"content" * 300) -> bytes:
    return signature.sign(io.BytesIO(body), key) + body


def test_a_signed_file_is_accepted_and_leaves_the_reader_behind_its_end(key: Path) -> None:
    file = io.BytesIO(signed(key))
    signature.check(file, signature.public_key(key))
    file.seek(signature.HEAD_BYTES)
    assert file.read() == b"content" * 300


def test_no_changed_byte_passes(key: Path) -> None:
    content, places = signed(key), random.Random(1)
    public = signature.public_key(key)
    for at in [*range(signature.HEAD_BYTES), *(places.randrange(len(content)) for _ in range(1_000))]:
        changed = bytearray(content)
        changed[at] ^= 1 << places.randrange(8)
        with pytest.raises(SignatureRefused):
            signature.check(io.BytesIO(bytes(changed)), public)


@pytest.mark.parametrize(
    "length", [0, 1, 20, signature.HEAD_BYTES - 1, signature.HEAD_BYTES, signature.HEAD_BYTES + 100]
)
def test_no_cut_off_file_passes(key: Path, length: int) -> None:
    with pytest.raises(SignatureRefused):
        signature.check(io.BytesIO(signed(key)[:length]), signature.public_key(key))


def test_another_key_is_refused_and_both_are_named(key: Path, tmp_path: Path) -> None:
    other = signature.make_key(tmp_path / "other.pem")
    with pytest.raises(SignatureRefused) as raised:
        signature.check(io.BytesIO(signed(key)), other)
    assert signature.fingerprint(other) in raised.value.what
    assert signature.fingerprint(signature.public_key(key)) in raised.value.what


def test_a_key_is_its_owners_alone(key: Path) -> None:
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(0o640)
    with pytest.raises(FeedError, match="read by others"):
        signature.public_key(key)


def test_a_key_is_never_overwritten(key: Path) -> None:
    before = key.read_bytes()
    with pytest.raises(FeedError, match="exists"):
        signature.make_key(key)
    assert key.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    for use in (lambda: signature.public_key(path), lambda: signature.check(io.BytesIO(b""), content)):
        with pytest.raises(FeedError):
            use()


def test_keys_of_another_kind_are_refused(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = generate_private_key(SECP256R1())
    path = tmp_path / "key.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    with pytest.raises(FeedError, match="Ed25519"):
        signature.public_key(path)
    with pytest.raises(FeedError, match="Ed25519"):
        signature.fingerprint(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def test_a_pipe_in_place_of_a_key_is_no_trap(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "key.pem", 0o600)
    with pytest.raises(FeedError):
        signature.public_key(tmp_path / "key.pem")
