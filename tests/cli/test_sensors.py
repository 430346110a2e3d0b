"""Sensors of a console from the command line: which there are, how one is, and its end."""

import json
from collections.abc import Callable
from uuid import uuid4

import psycopg
import pytest
import urllib3

from rightshift.cli.main import main
from rightshift.console.auth.secrets import made
from tests.cli.answering import Running
from tests.console.facts_client import SyntheticSensor


@pytest.fixture
def enrol(signed_in: Callable[..., Running]) -> Callable[..., str]:
    """A new sensor that told of its host, and says which machine that is; its id. The administrator is signed in."""
    running = signed_in()

    def enrol(name: str, machine: str = "", **other: object) -> str:
        with psycopg.connect(running.database, autocommit=True) as connection:
            id, secret = uuid4().hex, made("sensor").encode()
            connection.execute("INSERT INTO reporter (key, kind, name) VALUES (%s, 'sensor', %s)", (id, name))
            connection.execute(
                "INSERT INTO token (kind, name, hash, reporter_id, permissions, expires)"
                " SELECT 'sensor', name, sha256(%s), id, '{facts:write}', '2099-01-01' FROM reporter WHERE key = %s",
                (secret, id),
            )
        document = json.loads(SyntheticSensor(int(id, 16), containers=0).document()) | other
        for asset in document["assets"]:
            asset |= {"machine_id": machine} if asset["kind"] == "host" else {}
        headers = {"Authorization": f"Bearer {secret.decode()}"}
        answer = urllib3.request("POST", f"{running.url}/api/v1/ingest/facts", json=document, headers=headers)
        assert answer.status == 200, answer.data
        return id

    return enrol


def test_sensors_are_listed_with_what_they_lost(enrol: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    probes = [{"name": "flows", "state": "sampled", "lost": 1_204}, {"name": "files", "state": "events"}]
    id = enrol("web-\x1b[31m1", probes=probes)
    assert main(["sensors"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].split()[:4] == ["NAME", "STATE", "PROGRAM", "SEEN"]
    (line,) = (line for line in out.splitlines() if id in line)
    assert "reporting" in line
    assert "flows sampled" in line
    assert "1,204" in line
    assert "2099-01-01" in line
    assert "\x1b" not in out
    assert main(["sensors", "list", "--state", "silent", "--text", id]) == 0
    assert capsys.readouterr().out == "No sensor\n"
    assert main(["sensors", "--text", id, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["items"]
    assert (found["id"], found["lost"]) == (id, 1_204)
    assert main(["sensors", "--format", "csv"]) == 0
    assert id in capsys.readouterr().out


def test_one_is_shown_with_its_conflict_and_revoked(
    enrol: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    probes = [{"name": "files", "state": "off", "why": "no BPF: not permitted"}]
    gaps = [{"what": "/proc/1/root", "reason": "denied"}]
    one, other = enrol("one", "m", probes=probes, gaps=gaps), enrol("other", "m")
    assert main(["sensors", "show", "one"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "probe     files off: no BPF: not permitted" in lines
    assert "unread    /proc/1/root: denied" in lines
    assert f"conflict  other says machine_id m too: {other}" in lines
    assert main(["sensors", "show", other, "--json"]) == 0
    assert [found["id"] for found in json.loads(capsys.readouterr().out)["conflicts"]] == [one]
    assert main(["sensors", "revoke", "other"]) == 0
    assert capsys.readouterr().out == "other brings nothing more\n"
    assert main(["sensors", "--state", "revoked", "--json"]) == 0
    revoked = [found["id"] for found in json.loads(capsys.readouterr().out)["items"]]
    assert other in revoked
    assert one not in revoked
    assert main(["sensors", "--conflict"]) == 0
    assert capsys.readouterr().out == "No sensor\n"


def test_a_name_that_several_or_none_have_is_said(
    enrol: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [enrol("twin"), enrol("twin")]
    assert main(["sensors", "revoke", "twin"]) == 2
    err = capsys.readouterr().err
    assert "several sensors" in err
    assert all(id in err for id in ids)
    assert main(["sensors", "show", "nobody"]) == 2
    assert "no sensor called" in capsys.readouterr().err
    for words in (["sensors", "show"], ["sensors", "list", "x"], ["sensors", "--limit", "-1"]):
        assert main(words) == 2
        assert capsys.readouterr().err
    assert main(["sensors", "revoke", ids[0], "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": ids[0], "revoked": True}
