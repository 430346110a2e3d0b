"""Which passwords are taken, and how they are kept."""

import pytest

from rightshift.console.auth import password as passwords
from rightshift.console.auth.password import RefusedPasswordError


@pytest.mark.check("A03")
@pytest.mark.parametrize(
    "bad",
    [
        "",
        "short",
        "elevenchars",
        "Password1234",
        "p@ssw0rd!!!!",
        "PasswordPassword",
        "administrator1",
        "aaaaaaaaaaaaa",
        "abcdefghijklmn",
        "222222222222",
        "adminadmin123",
        "vera.example1",
        "x" * 257,
    ],
)
def test_refused(bad: str) -> None:
    with pytest.raises(RefusedPasswordError):
        passwords.check(bad, "vera.example@example.org")


@pytest.mark.check("A03")
@pytest.mark.parametrize(
    "good",
    [
        "kV7#pq-2mLx9",
        "four words in blanks",
        "ünïcödé is welcome",
        "🦔" * 3 + " hedgehogs at night",
        "abc de" * 10 + "vwxyz",
    ],
)
def test_taken(good: str) -> None:
    passwords.check(good, "vera")


@pytest.mark.check("A03")
def test_a_second_factor_makes_shorter_ones_do() -> None:
    passwords.check("kV7#pq-2", "vera", with_code=True)
    with pytest.raises(RefusedPasswordError):
        passwords.check("kV7#pq-", "vera", with_code=True)


@pytest.mark.check("A02")
async def test_kept_as_argon2id_with_a_salt_of_its_own() -> None:
    one, other = await passwords.hashed("kV7#pq-2mLx9"), await passwords.hashed("kV7#pq-2mLx9")
    assert one != other
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.holds("kV7#pq-2mLx9", one)
    assert not await passwords.holds("kV7#pq-2mLx", one)
    assert not await passwords.holds("kV7#pq-2mLx9 ", one)


@pytest.mark.check("A03")
async def test_long_ones_are_not_cut_off() -> None:
    kept = await passwords.hashed("x" * 64 + "a")
    assert not await passwords.holds("x" * 64 + "b", kept)


async def test_nobody_has_no_password() -> None:
    assert not await passwords.holds("", None)
    assert not await passwords.holds("anything at all", None)
    assert not await passwords.holds("anything at all", "not a hash")
