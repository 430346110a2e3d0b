"""Secrets of others that must be read again: enciphered at rest with a key from a file. Our own are only hashed."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rightshift.errors import RightshiftError

_ID_BYTES = 4
_KEY_BYTES = 32
_NONCE_BYTES = 12
_MOST_BYTES = 64 << 10


class VaultError(RightshiftError):
    """A secret can't be opened, or there is no key to keep one with."""


@dataclass(frozen=True, slots=True, repr=False)
class Vault:
    """Keys by their ids; the `newest` one enciphers, and all can read."""

    keys: Mapping[bytes, bytes]
    newest: bytes

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """
        What is kept: key id, nonce, and the text enciphered by AES-256-GCM.

        `purpose` says whose secret of what it is: what was sealed for one can't be put in the place of another.
        """
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self.newest + nonce + AESGCM(self.keys[self.newest]).encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Raises: VaultError for another key or purpose, and for what was changed."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        id, rest = sealed[:_ID_BYTES], sealed[_ID_BYTES:]
        key = self.keys.get(id)
        if key is None:
            raise VaultError(
                "A secret can't be opened: its key is not in the vault",
                do="Bring back the file of keys that belongs to this database, or set the secret again",
            )
        try:
            return AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise VaultError("A secret can't be opened: it is not as it was kept", do="Set it again") from error


def opened(path: Path) -> Vault:
    """
    The vault whose keys are in this file, made with a first key where there is none. Replicas share the file.

    Raises: VaultError.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _first(path)
        return _read(path.resolve())  # what a cluster mounts is a link
    except OSError as error:
        raise VaultError(f"The vault's keys can't be read or made: {error.strerror}", do=f"See {path}") from error


def renew(path: Path) -> Vault:
    """A new key for what is sealed from now on; the older ones still read. Raises: VaultError."""
    before = opened(path)
    text = _line() + "".join(f"{id.hex()} {key.hex()}\n" for id, key in before.keys.items())
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write(fresh, text)
        fresh.replace(path)
    except OSError as error:
        raise VaultError(f"The vault's keys can't be written: {error.strerror}", do=f"See {path}") from error
    return _read(path)


def _first(path: Path) -> None:
    """Whoever comes first makes it, whole; the others take what is there."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    _write(fresh, _line())
    try:
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()


def _line() -> str:
    return f"{secrets.token_hex(_ID_BYTES)} {secrets.token_hex(_KEY_BYTES)}\n"


def _write(path: Path, text: str) -> None:
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(number, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> Vault:
    """The newest key stands first."""
    number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(number, "rb") as file:
        state = os.fstat(file.fileno())
        # what a cluster mounts belongs to root, and is given to us by our group
        others = 0o077 if state.st_uid == os.geteuid() else 0o037
        if state.st_mode & others:
            raise VaultError("Others can read the vault's keys", do=f"chmod 600 {path}, and renew the key")
        content = file.read(_MOST_BYTES + 1)
    found: dict[bytes, bytes] = {}
    try:
        for line in content.decode("ascii").splitlines():
            id, key = (bytes.fromhex(word) for word in line.split())
            if len(id) != _ID_BYTES or len(key) != _KEY_BYTES:
                raise ValueError
            found.setdefault(id, key)
        return Vault(found, next(iter(found)))
    except (ValueError, StopIteration) as error:
        raise VaultError(
            "The vault's keys are not as they were written", do=f"Bring back {path} from a backup"
        ) from error
