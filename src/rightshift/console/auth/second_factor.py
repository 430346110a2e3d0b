"""The second factor: codes of an app, and recovery codes for when it is lost. The first one: `password`."""

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import msgspec
import pyotp

from rightshift.console.store import people
from rightshift.console.store.identities import Person
from rightshift.console.store.pool import Connection
from rightshift.console.vault import Vault, VaultError

STEP_S = 30
DIGITS = 6
RECOVERY_CODES = 10
_TIME = timedelta(minutes=10)
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_CHARS = 16
"""79 bits, without what is read wrongly."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A secret for the app, shown once. `ticket` brings it back with the first code; nothing is kept until then."""

    secret: str
    uri: str
    ticket: str


def begin(vault: Vault, person: UUID, name: str, now: datetime) -> Begun:
    """A new secret. Source: RFC 6238; the `otpauth` address is what apps read from a QR code."""
    secret = pyotp.random_base32()
    content = msgspec.json.encode((secret, (now + _TIME).timestamp()))
    ticket = base64.urlsafe_b64encode(vault.seal(content, f"ticket:{person}")).decode()
    return Begun(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="rightshift"), ticket)


async def confirm(
    connection: Connection, vault: Vault, person: UUID, ticket: str, code: str, now: datetime
) -> list[str] | None:
    """Sets the second factor and gives new recovery codes; None when ticket or code don't hold."""
    try:
        content = vault.open(base64.b64decode(ticket, altchars=b"-_", validate=True), f"ticket:{person}")
        secret, until = msgspec.json.decode(content, type=tuple[str, float])
    except (VaultError, ValueError):
        return None
    step = _step(secret, code, now)
    if step is None or now.timestamp() > until:
        return None
    await people.set_totp(connection, person, vault.seal(secret.encode(), _purpose(person)), step)
    return await recovery_codes(connection, person)


async def recovery_codes(connection: Connection, person: UUID) -> list[str]:
    """New ones, in place of all earlier; only their hashes are kept."""
    made = ["".join(secrets.choice(_LETTERS) for _ in range(_CHARS)) for _ in range(RECOVERY_CODES)]
    await people.put_codes(connection, person, [_hash(person, one) for one in made])
    return ["-".join(one[at : at + 4] for at in range(0, _CHARS, 4)) for one in made]


async def holds(connection: Connection, vault: Vault, person: Person, code: str, now: datetime) -> bool:
    """
    Whether a code of the app is one of now, the step before or the one after, or a recovery code; each holds once.

    Raises: VaultError.
    """
    if person.totp is None:
        return False
    if len(code) != DIGITS:
        return await people.use_code(connection, person.id, _hash(person.id, code))
    step = _step(vault.open(bytes(person.totp), _purpose(person.id)).decode(), code, now)
    return step is not None and await people.use_step(connection, person.id, step)


async def end(connection: Connection, person: UUID) -> None:
    """Without a second factor from now on."""
    await people.set_totp(connection, person, None, 0)
    await people.put_codes(connection, person, ())


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The step that a code is of, from the newest on, so that a code holds once even where two steps have the same."""
    at = int(now.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
    found: Sequence[int] = [
        step for step in (at + 1, at, at - 1) if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
    ]
    return found[0] if found else None


def _hash(person: UUID, code: str) -> bytes:
    """A plain hash is enough for what nobody can go through."""
    plain = "".join(letter for letter in code.lower() if letter in _LETTERS)
    return sha256(person.bytes + plain.encode()).digest()


def _purpose(person: UUID) -> str:
    return f"totp:{person}"
