"""What is sealed is opened by the same home alone, for the same purpose, also after the key was renewed."""

import os
import threading
from pathlib import Path

import pytest

from rightshift.console import vault
from rightshift.console.vault import VaultError

FILE = "vault.keys"


def test_sealed_and_opened_again(tmp_path: Path) -> None:
    sealed = vault.opened(tmp_path / FILE).seal(b"secret", "totp:1")
    assert b"secret" not in sealed
    assert vault.opened(tmp_path / FILE).open(sealed, "totp:1") == b"secret"
    assert vault.opened(tmp_path / FILE).seal(b"secret", "totp:1") != sealed


def test_the_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    vault.opened(tmp_path / FILE)
    file = tmp_path / FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [FILE]
    file.chmod(0o640)
    with pytest.raises(VaultError, match="Others"):
        vault.opened(tmp_path / FILE)


def test_a_file_that_is_mounted_as_a_link_will_do(tmp_path: Path) -> None:
    sealed = vault.opened(tmp_path / FILE).seal(b"secret", "x")
    (tmp_path / "mounted").symlink_to(FILE)
    assert vault.opened(tmp_path / "mounted").open(sealed, "x") == b"secret"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_of_another_owner_it_may_be_read_by_our_group_and_by_nobody_else(tmp_path: Path) -> None:
    vault.opened(tmp_path / FILE)
    os.chown(tmp_path / FILE, 65_534, -1)
    (tmp_path / FILE).chmod(0o440)
    vault.opened(tmp_path / FILE)
    for mode in (0o444, 0o460):
        (tmp_path / FILE).chmod(mode)
        with pytest.raises(VaultError, match="Others"):
            vault.opened(tmp_path / FILE)


def test_for_another_purpose_it_does_not_open(tmp_path: Path) -> None:
    sealed = vault.opened(tmp_path / FILE).seal(b"secret", "totp:1")
    with pytest.raises(VaultError):
        vault.opened(tmp_path / FILE).open(sealed, "totp:2")


def test_what_was_changed_or_cut_off_does_not_open(tmp_path: Path) -> None:
    made = vault.opened(tmp_path / FILE)
    sealed = made.seal(b"secret", "x")
    for at in range(len(sealed)):
        with pytest.raises(VaultError):
            made.open(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], "x")
        with pytest.raises(VaultError):
            made.open(sealed[:at], "x")


def test_another_home_does_not_open_it(tmp_path: Path) -> None:
    sealed = vault.opened(tmp_path / "a" / FILE).seal(b"secret", "x")
    with pytest.raises(VaultError, match="key"):
        vault.opened(tmp_path / "b" / FILE).open(sealed, "x")


def test_an_older_key_still_reads(tmp_path: Path) -> None:
    before = vault.opened(tmp_path / FILE)
    sealed = before.seal(b"secret", "x")
    after = vault.renew(tmp_path / FILE)
    assert after.newest != before.newest
    assert after.open(sealed, "x") == b"secret"
    with pytest.raises(VaultError):
        before.open(after.seal(b"secret", "x"), "x")


def test_those_who_start_at_once_have_one_key(tmp_path: Path) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(vault.opened(tmp_path / FILE).newest)) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(set(found)) == 1
    assert len(found) == 8


@pytest.mark.parametrize("content", ["", "x", "00 11\n", "é", "0" * 8 + " " + "0" * 63 + "\n"])
def test_a_broken_file_is_said_and_not_made_anew(tmp_path: Path, content: str) -> None:
    file = tmp_path / FILE
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(VaultError, match="written"):
        vault.opened(tmp_path / FILE)
    assert file.read_text() == content
