"""The programs and commands that the docs show do what they say, on one console that was started as people start it."""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.console.test_up import console
from tests.egress.peers import Asked, peer, reply

ROOT = Path(__file__).parents[2]
PASSWORD = "a horse that counts staples"
BLOCK = re.compile(r'^```\w+ title="(?P<name>[\w.]+)"\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)
BILL = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "serialNumber": "urn:uuid:3f0f6a1d-e54b-4b5c-9a2c-2f0c6b8f7a10",
    "components": [
        {
            "type": "library",
            "group": "org.apache.logging.log4j",
            "name": "log4j-core",
            "version": "2.14.1",
            "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
        }
    ],
}


def examples(page: str) -> dict[str, str]:
    """The programs of a page by their names."""
    return {found["name"]: found["text"] for found in BLOCK.finditer((ROOT / page).read_text())}


class Shell:
    """A folder with what the examples read, and an environment in which `rightshift` is this one."""

    def __init__(self, folder: Path, url: str, home: Path) -> None:
        self.folder = folder
        programs = folder / "bin"
        programs.mkdir()
        (programs / "rightshift").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rightshift "$@"\n')
        (programs / "rightshift").chmod(0o755)
        (folder / "cart").mkdir()
        (folder / "cart/Cargo.lock").write_text(
            'version = 3\n[[package]]\nname = "time"\nversion = "0.1.44"\n'
            'source = "registry+https://github.com/rust-lang/crates.io-index"\n'
        )
        (folder / "web.cdx.json").write_text(json.dumps(BILL))
        (folder / "password").write_text(PASSWORD + "\n")
        own = {"RIGHTSHIFT_CONSOLE": url, "RIGHTSHIFT_HOME": str(home), "RIGHTSHIFT_OFFLINE": "1", "NAME": "admin"}
        where = {"XDG_CONFIG_HOME": str(folder / "config"), "PATH": f"{programs}:{os.environ['PATH']}"}
        self.environ = {**os.environ, **own, **where}
        self.environ.pop("RIGHTSHIFT_TOKEN", None)

    def run(self, *words: str) -> str:
        """What a command writes to standard output; it must end well."""
        done = subprocess.run(words, cwd=self.folder, env=self.environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """One console for all examples, and an administrator who signed in by its first link."""
    folder = tmp_path_factory.mktemp("examples")
    with console(folder / "home") as (_, said):
        (folder / "at").mkdir()
        made = Shell(folder / "at", said["url"], folder / "home")
        made.run("rightshift", "login", said["url"], "--link", said["link"], "--password-file", "password")
        yield made


@pytest.fixture
def token(shell: Shell) -> Iterator[str]:
    """The token of the page, made as it says, on the console's own machine."""
    shown = (ROOT / "docs/how-to/api.md").read_text()
    command = re.search(r"^    (rightshift token create report .*\\\n.*)$", shown, re.MULTILINE)
    assert command
    (shell.folder / "token").unlink(missing_ok=True)
    shell.run("sh", "-c", command[1] + " --local")
    shell.environ["RIGHTSHIFT_TOKEN"] = (shell.folder / "token").read_text().strip()
    yield shell.environ["RIGHTSHIFT_TOKEN"]
    del shell.environ["RIGHTSHIFT_TOKEN"]


def accepted(shell: Shell) -> list[dict[str, Any]]:
    """The risks that are accepted, as the command line's own sign-in sees them; each is ended."""
    kept = json.loads((shell.folder / "config/rightshift/consoles.json").read_text())["consoles"][0]
    with httpx.Client(base_url=kept["url"] + "/api/v1", headers={"Authorization": f"Bearer {kept['token']}"}) as asking:
        found: list[dict[str, Any]] = asking.get("/acceptances").json()["items"]
        for one in found:
            asking.delete(f"/acceptances/{one['id']}", headers={"If-Match": "*"})
    return found


@pytest.mark.usefixtures("token")
def test_the_program_in_python(shell: Shell) -> None:
    (shell.folder / "report.py").write_text(examples("docs/how-to/api.md")["report.py"])
    lines = shell.run(sys.executable, "report.py").splitlines()
    assert re.fullmatch(r"\w+:shop/cart: 1 packages(, known before)?", lines[0])
    assert any("CVE-2021-44228 org.apache.logging.log4j:log4j-core 2.14.1 in shop/web" in line for line in lines)
    assert lines[-1].startswith("Only the starter feed is there: Run ")
    assert "CVE-2021-44228" in (shell.folder / "critical.csv").read_text()
    assert [one["reason"] for one in accepted(shell)] == ["Not reached from outside, see ticket 4711"]


@pytest.mark.usefixtures("token")
def test_the_program_with_curl(shell: Shell) -> None:
    if not (shutil.which("curl") and shutil.which("jq") and shutil.which("bash")):
        pytest.skip("curl, jq or bash is not here")
    said = shell.run("bash", "-c", examples("docs/how-to/api.md")["report.sh"])
    assert said.startswith("Only the starter feed is there: Run ")
    rows = [json.loads(line) for line in (shell.folder / "findings.jsonl").read_text().splitlines()]
    assert ("CVE-2021-44228", "shop/web") in {(one["advisory"], one["unit_name"]) for one in rows}
    assert "CVE-2021-44228" in (shell.folder / "critical.csv").read_text()
    assert [one["reason"] for one in accepted(shell)] == ["Not reached from outside, see ticket 4711"]


def test_what_happens_is_heard_as_it_happens(shell: Shell, token: str) -> None:
    if not (shutil.which("curl") and shutil.which("jq") and shutil.which("bash")):
        pytest.skip("curl, jq or bash is not here")
    words = ["bash", "-c", examples("docs/how-to/api.md")["events.sh"]]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "text": True, "start_new_session": True}
    with subprocess.Popen(words, cwd=shell.folder, env=shell.environ, **pipes) as hearing:
        assert hearing.stdout
        lines = []
        for number in range(100):  # until it is connected, and hears of one; other tests' events may come too
            _send(shell, token, number)
            if select.select([hearing.stdout], [], [], 0.5)[0]:
                lines.append(hearing.stdout.readline())
                if lines[-1].endswith("Z inventory.changed heard\n"):
                    break
        os.killpg(hearing.pid, signal.SIGTERM)
    assert re.fullmatch(r"\S+Z inventory\.changed heard\n", lines[-1]), lines


def _send(shell: Shell, token: str, number: int) -> None:
    """Another content of the same thing."""
    component = BILL["components"][0] | {"version": f"2.14.{number}"}  # type: ignore[operator]
    bill = BILL | {"components": [component], "serialNumber": f"urn:uuid:00000000-0000-4000-8000-{number:012}"}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/vnd.cyclonedx+json"}
    url = shell.environ["RIGHTSHIFT_CONSOLE"] + "/api/v1/ingest/scans?asset=heard"
    assert httpx.post(url, content=json.dumps(bill), headers=headers, timeout=30).status_code == 201


def test_a_token_over_the_api_alone(shell: Shell) -> None:
    if not (shutil.which("curl") and shutil.which("jq") and shutil.which("bash")):
        pytest.skip("curl, jq or bash is not here")
    shell.run("bash", "-c", examples("docs/how-to/api.md")["token.sh"])
    secret = (shell.folder / "token").read_text().strip()
    answer = httpx.get(
        shell.environ["RIGHTSHIFT_CONSOLE"] + "/api/v1/me", headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.json()["name"] == "report"


def test_a_backup_is_made_and_its_way_back_rehearsed_while_the_console_runs(shell: Shell) -> None:
    assert "is written" in shell.run("rightshift", "db", "backup", "all.backup")
    again = subprocess.run(
        ["rightshift", "db", "backup", "all.backup"], cwd=shell.folder, env=shell.environ, capture_output=True
    )
    assert again.returncode == 1, "a file that is there stays"
    shell.run("sh", "-c", examples("docs/how-to/backup.md")["rehearse.sh"], "sh", "all.backup")
    assert "running  yes" in shell.run("rightshift", "db", "status"), "the console's own database was not touched"


def test_prometheus_gets_what_alerts_are_made_of(shell: Shell) -> None:
    page = (ROOT / "docs/how-to/operate.md").read_text()
    command = re.search(r"^    (rightshift token create prometheus .*)$", page, re.MULTILINE)
    assert command
    shell.run("sh", "-c", command[1] + " --local")
    secret = (shell.folder / "prometheus.token").read_text().strip()
    url = shell.environ["RIGHTSHIFT_CONSOLE"] + "/metrics"
    httpx.get(url, headers={"Authorization": f"Bearer {secret}"})  # the first answer is counted in the second
    said = httpx.get(url, headers={"Authorization": f"Bearer {secret}"}).text
    series = set(re.findall(r"^(\w+)(?:\{.*\})? ", said, re.MULTILINE))
    assert set(re.findall(r"rightshift_http\w+", page)) <= series
    assert httpx.get(url).status_code == 401


def test_the_audit_log_is_verified_and_tells_of_tokens(shell: Shell) -> None:
    if not (shutil.which("curl") and shutil.which("bash")):
        pytest.skip("curl or bash is not here")
    secret = shell.run("rightshift", "token", "create", "audit", "--permission", "audit:read", "--local").strip()
    shell.environ["RIGHTSHIFT_TOKEN"] = secret
    try:
        said = shell.run("bash", "-c", examples("docs/how-to/secure.md")["audit.sh"])
    finally:
        del shell.environ["RIGHTSHIFT_TOKEN"]
    verified, end = json.JSONDecoder().raw_decode(said)
    assert verified == {"sound": True, "first_wrong": None}
    assert any(one["actor_kind"] == "shell" for one in json.loads(said[end:])["items"])


def test_the_commands_of_the_readme(shell: Shell) -> None:
    """As they stand there, but for the address, and but for images that would have to be fetched."""
    readme = (ROOT / "README.md").read_text()
    shown = re.findall(
        r"^    \.venv/bin/(rightshift (?:status|findings|packages|scan .*--console).*)$", readme, re.MULTILINE
    )
    assert len(shown) >= 4
    for command in shown:
        local = command.replace("http://127.0.0.1:8420", shell.environ["RIGHTSHIFT_CONSOLE"])
        shell.run("sh", "-c", local.replace("nginx:latest", "cart"))


def test_the_program_in_python_comes_back_when_it_is_asked_to_and_follows_pages() -> None:
    """As a console under load answers: what is shown does not give up, nor ask at once."""
    shown: dict[str, Any] = {"__name__": "shown"}
    exec(compile(examples("docs/how-to/api.md")["report.py"], "report.py", "exec"), shown)
    waited: list[float] = []
    shown["time"].sleep = waited.append

    def answer(asked: Asked) -> bytes:
        if len(other.asked) == 1:
            return reply(429, b"{}", Retry_After="7", content_type="application/json")
        page = {"items": [{"n": len(other.asked)}], "next": None if "after=" in asked.path else "there"}
        return reply(200, json.dumps(page).encode(), content_type="application/json")

    with peer(lambda asked, _: answer(asked)) as other:
        asking = shown["Console"](other.url(""), "a token")
        found = list(asking.every("/findings", kev=True))
        asking._client.close()
        assert [one["n"] for one in found] == [2, 3]
        assert other.asked[-1].headers["authorization"] == "Bearer a token"
    assert waited == [7.0]
