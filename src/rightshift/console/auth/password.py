"""Passwords of people: which are taken, how they are kept, and comparing them in bounded memory."""

import asyncio
import secrets
import unicodedata
from functools import cache
from importlib.resources import files
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rightshift.errors import UsageError

LEAST = 12
LEAST_WITH_CODE = 8
"""For who also has a second factor. Source: OWASP ASVS 5.0, 6.2.1."""
MOST = 256
"""Characters; long ones are taken whole, and only bounded."""
_AT_ONCE = 2
"""Comparisons under way in this process; each takes 19 MiB."""
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""Source: OWASP Password Storage Cheat Sheet, "Argon2id"."""


class RefusedPasswordError(UsageError):
    """A new password that is not taken, and why."""


def check(password: str, name: str, *, with_code: bool = False) -> None:
    """
    Raises: RefusedPasswordError for one that is too short, very common, or made from the person's own name.

    No rule asks for kinds of characters, and nothing is cut off.
    Source: OWASP ASVS 5.0, 6.2; NIST SP 800-63B, 5.1.1.2.
    """
    least = LEAST_WITH_CODE if with_code else LEAST
    if len(password) < least:
        raise RefusedPasswordError(f"The password has less than {least} characters", do="Take a longer one")
    if len(password) > MOST:
        raise RefusedPasswordError(f"The password has more than {MOST} characters", do="Take a shorter one")
    plain = _plain(password)
    if plain in _common() or len(set(plain)) < 4 or _is_run(plain):
        raise RefusedPasswordError("The password is one that many people use", do="Take one that nobody would guess")
    own = _plain(name.partition("@")[0])
    if len(own) > 2 and own in plain and len(plain) - len(own) < LEAST_WITH_CODE:
        raise RefusedPasswordError("The password is made from your name", do="Take one that nobody would guess")


async def hashed(password: str) -> str:
    """What is kept of it, with a salt of its own."""
    async with _gate():
        return await asyncio.to_thread(_HASHER.hash, _bytes(password))


async def holds(password: str, kept: str | None) -> bool:
    """
    Whether it is the one that was kept.

    Where there is none (`kept` None: an unknown name, or one without password) as much work is done as if there were,
    so that nobody learns from the time which names there are.
    """
    async with _gate():
        return await asyncio.to_thread(_holds, password, kept)


def _holds(password: str, kept: str | None) -> bool:
    try:
        return _HASHER.verify(kept or _nobody(), _bytes(password[: 4 * MOST])) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """A hash that nothing matches."""
    return _HASHER.hash(secrets.token_bytes(32))


_GATES: dict[int, asyncio.Semaphore] = {}


def _gate() -> asyncio.Semaphore:
    """One for each event loop; a process has one."""
    return _GATES.setdefault(id(asyncio.get_running_loop()), asyncio.Semaphore(_AT_ONCE))


def _bytes(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode(errors="surrogatepass")


@cache
def _common() -> frozenset[str]:
    text = files("rightshift.console.auth").joinpath("common_passwords.csv").read_text()
    return frozenset(map(_plain, text.split()))


_LIKE = str.maketrans("013457$@!", "oieastsai")
_DIGITS = "0123456789"


def _plain(text: str) -> str:
    """Without case, substitutions that everybody knows, and digits and signs at the end."""
    lower = unicodedata.normalize("NFKC", text).casefold().rstrip(_DIGITS + "!?.#*_-")
    return lower.translate(_LIKE) or text.casefold()


def _is_run(text: str) -> bool:
    """`abcdefghijkl`, `111222`: each character follows from the one before."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return len(steps) == 1
