"""Tokens are in one file that nobody else can read, and go to the console they are for."""

import os
from pathlib import Path

import pytest

from rightshift.cli.console import credentials, opened
from rightshift.cli.console.credentials import Credential, CredentialsError, Kept
from rightshift.errors import UsageError

ONE = Credential(url="https://one.example", token="secret-one", name="ann", ca_file="/ca.pem")
TWO = Credential(url="http://127.0.0.1:8420", token="secret-two")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(tmp_path), "HOME": "/nowhere"}


def test_what_is_kept_is_read_again_by_its_owner_alone(environ: dict[str, str], tmp_path: Path) -> None:
    os.umask(before := os.umask(0))
    credentials.write(Kept().having(ONE).having(TWO), environ)
    assert os.umask(before) == before
    kept = credentials.read(environ)
    assert kept.current == TWO.url
    assert kept.of(ONE.url) == ONE
    file = tmp_path / "rightshift" / credentials.FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in file.parent.iterdir()] == [credentials.FILE]


def test_signing_out_leaves_the_others(environ: dict[str, str]) -> None:
    kept = Kept().having(ONE).having(TWO)
    assert kept.without(TWO.url) == Kept(current="", consoles=(ONE,))
    assert kept.without(ONE.url) == Kept(current=TWO.url, consoles=(TWO,))
    assert kept.having(ONE).consoles == (ONE, TWO)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_file_that_others_can_read_is_not_used(environ: dict[str, str], mode: int) -> None:
    credentials.write(Kept().having(ONE), environ).chmod(mode)
    with pytest.raises(CredentialsError, match="others") as told:
        credentials.read(environ)
    assert "chmod 600" in told.value.do


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"consoles": [{}]}', b"\xff", b"[" * 100_000])
def test_a_damaged_file_is_said_and_shows_no_token(environ: dict[str, str], content: bytes) -> None:
    credentials.write(Kept(), environ).write_bytes(content)
    with pytest.raises(CredentialsError, match="can't be used"):
        credentials.read(environ)


def test_links_and_pipes_are_not_followed(environ: dict[str, str], tmp_path: Path) -> None:
    file = credentials.write(Kept(), environ)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CredentialsError):
        credentials.read(environ)
    file.unlink()
    os.mkfifo(file, 0o600)
    with pytest.raises(CredentialsError, match="no file"):
        credentials.read(environ)


def test_nothing_shows_a_token_by_accident() -> None:
    assert "secret" not in repr(ONE) + repr(Kept().having(ONE)) + repr(opened.Place(url="u", token="secret"))


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CredentialsError, match="can't be written"):
        credentials.write(Kept(), {"XDG_CONFIG_HOME": str(tmp_path / "file")})


def test_where_it_lies() -> None:
    assert credentials.folder({"XDG_CONFIG_HOME": "relative", "HOME": "/u"}) == Path("/u/.config/rightshift")
    with pytest.raises(UsageError, match="HOME"):
        credentials.folder({})


class TestWhichConsole:
    @pytest.fixture(autouse=True)
    def signed_in(self, environ: dict[str, str]) -> None:
        credentials.write(Kept().having(TWO).having(ONE), environ)

    def test_the_last_sign_in_is_meant(self, environ: dict[str, str]) -> None:
        assert opened.chosen("", environ) == opened.Place(url=ONE.url, token=ONE.token, ca_file=Path("/ca.pem"))

    def test_an_option_stands_before_all(self, environ: dict[str, str]) -> None:
        environ["RIGHTSHIFT_CONSOLE"] = ONE.url
        assert opened.chosen("HTTP://127.0.0.1:8420/", environ) == opened.Place(url=TWO.url, token=TWO.token)

    def test_the_environment_stands_before_the_file(self, environ: dict[str, str]) -> None:
        environ |= {"RIGHTSHIFT_CONSOLE": "https://ci.example", "RIGHTSHIFT_TOKEN": "of-ci"}
        assert opened.chosen("", environ) == opened.Place(url="https://ci.example", token="of-ci")

    def test_a_token_of_the_environment_goes_to_its_own_console_only(self, environ: dict[str, str]) -> None:
        environ |= {"RIGHTSHIFT_CONSOLE": "https://ci.example", "RIGHTSHIFT_TOKEN": "of-ci"}
        assert opened.chosen(TWO.url, environ).token == TWO.token
        assert opened.chosen("https://other.example", environ).token == ""

    def test_without_a_console_in_the_environment_it_goes_where_the_user_says(self, environ: dict[str, str]) -> None:
        environ["RIGHTSHIFT_TOKEN"] = "of-ci"
        assert opened.chosen("https://ci.example", environ).token == "of-ci"
        assert opened.chosen("", environ) == opened.Place(url=ONE.url, token="of-ci", ca_file=Path("/ca.pem"))

    @pytest.mark.parametrize("token", ["a b", "a\nb", "é", "x" * 5_000])
    def test_what_is_no_token_is_refused_and_not_shown(self, environ: dict[str, str], token: str) -> None:
        environ["RIGHTSHIFT_TOKEN"] = token
        with pytest.raises(UsageError, match="RIGHTSHIFT_TOKEN") as told:
            opened.chosen("", environ)
        assert token not in str(told.value)

    def test_no_console_at_all_is_said(self, environ: dict[str, str]) -> None:
        credentials.write(Kept(), environ)
        with pytest.raises(UsageError, match="No console is known"):
            opened.chosen("", environ)
