"""Signing in leaves one token in one file and nothing else: no password, no session, no secret in what is printed."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from rightshift.cli.console import credentials, typed
from rightshift.cli.main import main
from rightshift.errors import UsageError
from tests.cli.answering import PASSWORD, Running
from tests.egress.certificates import Authority, authority
from tests.egress.peers import Asked, peer, reply

JSON = "application/json"
ME: dict[str, object] = {
    "name": "ann",
    "kind": "person",
    "role": "viewer",
    "permissions": [],
    "teams": None,
    "csrf": "word",
    "must_enrol": False,
}


def ask(running: Running, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(running.database) as connection:
        return connection.execute(question).fetchall()


def kept() -> credentials.Credential:
    found = credentials.read(os.environ)
    one = found.of(found.current)
    assert one
    return one


def test_a_password_becomes_a_token_of_this_machine(
    running: Running, configured: Path, password_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["login", running.url, "--user", "admin", "--password-file", str(password_file), "--days", "7"]
    assert main(words) == 0
    out, said = capsys.readouterr()
    assert out.startswith(f"signed in to {running.url} as admin until 20")
    assert kept().token not in out + said
    assert PASSWORD not in out + said + (configured / credentials.FILE).read_text()
    assert ask(running, "SELECT * FROM session WHERE complete AND agent LIKE 'rightshift%'") == []
    (found,) = ask(running, f"SELECT kind, created_by, revoked FROM token WHERE id = '{kept().token_id}'")
    assert found == ("person", "admin", None)


def test_a_wrong_password_is_an_error_and_nothing_is_kept(
    running: Running, configured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("something else entirely")
    assert main(["login", running.url, "--user", "nobody", "--password-file", str(wrong)]) == 1
    assert "wrong" in capsys.readouterr().err
    assert not configured.exists()


def test_a_token_that_was_given_is_kept_once_it_holds(
    signed_in: Callable[..., Running], configured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running = signed_in()
    token, file = kept().token, tmp_path / "token"
    file.write_text(token + "\n")
    (configured / credentials.FILE).unlink()
    assert main(["login", running.url, "--token-file", str(file)]) == 0
    assert (kept().token, kept().token_id) == (token, "")
    file.write_text("rs_p_wrong")
    assert main(["login", running.url, "--token-file", str(file)]) == 1
    assert kept().token == token
    assert main(["logout"]) == 0
    assert ask(running, f"SELECT 1 FROM token WHERE hint = '{token[-4:]}' AND revoked IS NULL")
    assert token not in "".join(capsys.readouterr())


def test_at_a_terminal_name_and_password_are_asked_for_and_not_shown(running: Running, configured: Path) -> None:
    screen = _at_a_terminal(["login", running.url], ["Name: ", "admin\n", "Password: ", f"{PASSWORD}\n"])
    assert "signed in" in screen
    assert PASSWORD not in screen
    assert kept().name == "admin"


def _at_a_terminal(words: list[str], talk: list[str]) -> str:
    """What a person sees who waits for each question and then types the answer."""
    master, slave = pty.openpty()
    program = [sys.executable, "-m", "rightshift", *words]
    shown = b""
    with subprocess.Popen(program, stdin=slave, stdout=slave, stderr=slave, start_new_session=True) as process:
        os.close(slave)
        for question, answer in zip(talk[::2], talk[1::2], strict=True):
            seen = b""
            while question.encode() not in seen:
                seen += os.read(master, 1000)
            shown += seen
            os.write(master, answer.encode())
        try:
            while more := os.read(master, 1000):
                shown += more
        except OSError:  # the other side is gone
            pass
        assert process.wait(20) == 0, shown
    os.close(master)
    return shown.decode()


@pytest.mark.parametrize("must_enrol", [False, True])
def test_a_code_is_asked_for_where_there_is_one(
    configured: Path, password_file: Path, must_enrol: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    def console(asked: Asked) -> bytes:
        if asked.path == "/api/v1/session" and asked.method == "POST":
            body = b'{"name": "ann", "complete": false, "csrf": ""}'
            return reply(201, body, content_type=JSON, set_cookie="rightshift=half; Path=/; HttpOnly")
        if asked.path == "/api/v1/session/code":
            assert asked.headers["cookie"] == "rightshift=half"
            assert json.loads(asked.body) == {"code": "123456"}
            body = b'{"name": "ann", "complete": true, "csrf": "word"}'
            return reply(201, body, content_type=JSON, set_cookie="rightshift=whole; Path=/; HttpOnly")
        assert asked.headers["cookie"] == "rightshift=whole"
        if asked.method != "GET":
            assert asked.headers["x-csrf-token"] == "word"
        if asked.path == "/api/v1/me":
            return reply(200, json.dumps(ME | {"must_enrol": must_enrol}).encode(), content_type=JSON)
        if asked.path == "/api/v1/tokens":
            return reply(201, b'{"id": "1", "secret": "s", "expires": "2030-01-01T00:00:00Z"}', content_type=JSON)
        return reply(204)

    words = ["--user", "ann", "--password-file", str(password_file), "--code", "123456"]
    with peer(lambda asked, _: console(asked)) as other:
        assert main(["login", other.url(""), *words]) == (2 if must_enrol else 0)
    assert [(one.method, one.path) for one in other.asked][-1] == ("DELETE", "/api/v1/session")
    if must_enrol:
        assert "second factor" in capsys.readouterr().err
        assert not configured.exists()
    else:
        assert kept().token == "s"


def test_a_real_second_factor_is_asked_for(
    running: Running,
    configured: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import pyotp
    import urllib3

    password, file = "a donkey that reads the paper", tmp_path / "password"
    file.write_text(password)
    with monkeypatch.context() as owner:
        owner.setenv("RIGHTSHIFT_DATABASE_URL", running.database)
        assert main(["user", "create", "zoe", "--local", "--json"]) == 0
    link = json.loads(capsys.readouterr().out)["link"]
    api = f"{running.url}/api/v1"
    opened = urllib3.request("POST", f"{api}/session/link", json={"link": link, "password": password})
    proof = {"Cookie": opened.headers["set-cookie"].partition(";")[0], "X-CSRF-Token": opened.json()["csrf"]}
    begun = urllib3.request("POST", f"{api}/account/second-factor", json={"password": password}, headers=proof).json()
    code = pyotp.TOTP(begun["secret"]).now()
    body = {"ticket": begun["ticket"], "code": code}
    codes = urllib3.request("PUT", f"{api}/account/second-factor", json=body, headers=proof).json()["recovery_codes"]
    words = ["login", running.url, "--user", "zoe", "--password-file", str(file)]
    assert main([*words, "--code", "000000x"]) == 1
    assert main([*words, "--code", codes[0]]) == 0
    assert main([*words, "--code", codes[0]]) == 1
    assert kept().name == "zoe"


@pytest.fixture
def tls(tmp_path: Path) -> Authority:
    return authority(tmp_path)


def test_a_pin_is_trusted_from_then_on(
    configured: Path, tls: Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import ssl

    from rightshift.egress import pinned

    pin = str(pinned.of(ssl.PEM_cert_to_DER_cert(tls.chain.read_text())))
    file = tmp_path / "token"
    file.write_text("it")
    with peer(lambda *_: reply(200, json.dumps(ME).encode(), content_type=JSON), tls.context) as other:
        words = ["login", other.url(""), "--token-file", str(file)]
        assert main(words) == 1
        assert "certificate" in capsys.readouterr().err
        assert main([*words, "--pin", "sha256:" + "0" * 64]) == 1
        assert other.asked == []
        assert main([*words, "--pin", pin]) == 0
    assert Path(kept().ca_file).parent == configured
    assert Path(kept().ca_file).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "more",
    [
        ["--pin", "sha256:" + "0" * 64],
        ["--pin", "nonsense"],
        ["--link", "x", "--token-file", "y"],
        ["--ca-file", "x", "--pin", "y"],
        [],
    ],
)
def test_wrong_use(configured: Path, more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["login", "http://127.0.0.1:1", *more]) == 2
    assert capsys.readouterr().err.startswith("rightshift: error: ")


def test_the_first_line_is_what_a_file_holds(tmp_path: Path) -> None:
    file = tmp_path / "it"
    file.write_bytes(b"one two\r\nmore\n")
    assert typed.line(file) == "one two"
    for content in (b"\xff", b"x" * 5_000):
        file.write_bytes(content)
        with pytest.raises(UsageError):
            typed.line(file)
    file.write_bytes(b"\n")
    with pytest.raises(UsageError, match="empty"):
        typed.secret("Password", file, "--password-file")
