"""The same walk through a console of one machine and through replicas over a PostgreSQL of Debian's."""

import csv
import io
import json
import os
import signal
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import pyotp
import pytest

from rightshift.documents.scan import encode
from tests.console.documents import document, image
from tests.console.documents import npm as lock
from tests.console.e2e.conftest import PASSWORD, Estate
from tests.console.e2e.console import Client, good, signed_in, until
from tests.console.facts_client import SyntheticSensor
from tests.feed.bucket import osv

IMAGE = "registry.example/app{}:1"


def pypi(name: str, version: str = "1") -> Any:
    return lock(name, version, purl=f"pkg:pypi/{name}@{version}", ecosystem="pypi")


def found(estate: Estate, unit: int, **more: str) -> list[dict[str, Any]]:
    """Findings of the image with that number, as the last API lists them."""
    filter = "&".join(f"{name}={value}" for name, value in more.items())
    items = estate.admin.at(estate.last).get(f"/findings?limit=1000&{filter}")["items"]
    return [one for one in items if one["unit_name"].startswith(f"registry.example/app{unit}")]


def scanned(estate: Estate, number: int, *names: str, at: str = "") -> None:
    """An image of these packages, sent to one API, and what follows from it seen at the other."""
    content = encode(document(f"scan-{number}-{len(names)}", image(number), *map(pypi, names)))
    good(estate.admin.at(at or estate.admin.url).ask("POST", "/ingest/scans", content))
    until("its findings are listed", lambda: len(found(estate, number)) == len(names))


def test_the_first_link_signs_in_once(estate: Estate) -> None:
    for url in estate.console.urls:
        again = Client(url).ask("POST", "/session/link", {"link": estate.console.link, "password": PASSWORD})
        assert again.status == 401
        assert Client(url).ask("GET", "/findings").status == 401


def test_a_sensor_enrols_at_one_api_and_is_known_at_the_other(estate: Estate) -> None:
    enrolling = estate.token(kind="enrolment", uses=1)
    enrolled = enrolling.post("/enrol", {"name": "node-1"})
    assert enrolling.at(estate.last).ask("POST", "/enrol", {"name": "node-2"}).status in (401, 403)
    sensor, urls = SyntheticSensor(7, containers=3), cycle(estate.console.urls)
    for number in range(6):
        content = sensor.document().replace(sensor.host.encode(), enrolled["reporter"].encode())
        client = Client(next(urls), {"Authorization": f"Bearer {enrolled['credential']}"})
        assert good(client.ask("POST", "/ingest/facts", content)).get("want") is None, number
    until(
        "its host is listed",
        lambda: any(
            one["key"] == enrolled["reporter"]
            for one in estate.admin.at(estate.last).get("/assets?kind=host&limit=1000")["items"]
        ),
    )


def test_a_scan_is_kept_once_whichever_api_takes_it(estate: Estate) -> None:
    content = encode(document("once", image(1), pypi("name-1"), pypi("name-2")))
    client = estate.token(kind="service", permissions=["scans:write"])
    first, second = (client.at(url).ask("POST", "/ingest/scans", content) for url in (client.url, estate.last))
    assert (first.status, second.status) == (201, 200)
    assert [json.loads(one.data)["new"] for one in (first, second)] == [True, False]
    other = encode(document("once", image(1), pypi("name-1")))
    assert client.at(estate.last).ask("POST", "/ingest/scans", other).status == 409


def test_a_bill_of_materials_is_matched_and_ranked(estate: Estate) -> None:
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "components": [
            {"type": "library", "name": f"name-{n}", "version": "1", "purl": f"pkg:pypi/name-{n}@1"} for n in range(5)
        ],
    }
    kind = "application/vnd.cyclonedx+json"
    asked = estate.admin.ask("POST", "/ingest/scans?asset=bill", json.dumps(bill).encode(), **{"Content-Type": kind})
    assert good(asked)["packages"] == 5

    def listed() -> list[dict[str, Any]]:
        items = estate.admin.at(estate.last).get("/findings?limit=1000")["items"]
        points = [one["points"] for one in items]
        assert points == sorted(points, reverse=True)
        return [one for one in items if one["unit_name"] == "bill"]

    until("its findings are listed", lambda: len(listed()) == 5)


def test_an_accepted_risk_is_no_open_finding_until_it_ends(estate: Estate) -> None:
    scanned(estate, 2, "name-3", "name-4")
    one = found(estate, 2)[0]
    wish = {"finding": one["id"], "reason": "nothing reaches it here", "until": str(date.today() + timedelta(days=9))}
    accepted = estate.admin.post("/acceptances", wish)
    until("it is accepted", lambda: [f["state"] for f in found(estate, 2, state="accepted")] == ["accepted"])
    good(estate.admin.at(estate.last).ask("DELETE", f"/acceptances/{accepted['id']}"))
    until("it is open again", lambda: len(found(estate, 2, state="open")) == 2)


def test_findings_come_as_files(estate: Estate) -> None:
    scanned(estate, 3, "name-5", "name-6", "name-7")
    reading = estate.admin.at(estate.last)
    ids = {one["id"] for one in found(estate, 3)}
    table = reading.ask("GET", "/findings?format=csv").data.decode("utf-8-sig")
    assert ids <= {row["id"] for row in csv.DictReader(io.StringIO(table))}
    lines = reading.ask("GET", "/findings?format=jsonl").data.splitlines()
    assert ids <= {json.loads(line)["id"] for line in lines}
    book = reading.ask("GET", "/findings?format=xlsx").data
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        assert packed.testzip() is None
        assert any(name.startswith("xl/worksheets/") for name in packed.namelist())


def ended(estate: Estate, id: str) -> dict[str, Any]:
    """A job, once it has ended."""
    shown: dict[str, Any] = {}

    def over() -> bool:
        shown.update(estate.admin.at(estate.last).get(f"/jobs/{id}"))
        return shown["state"] in ("done", "failed", "cancelled")

    until("the job ends", over, 180)
    return shown


def test_a_newer_feed_changes_findings_and_tells_of_it(estate: Estate) -> None:
    scanned(estate, 4, "name-8")
    generation = estate.admin.get("/feed")["file"]["generation"]
    estate.bucket.put(osv("T-new", "PyPI", "name-8", "introduced 0", modified="2024-06-01T00:00:00Z"))
    run = estate.admin.post("/feed/update")
    assert ended(estate, run["id"])["state"] == "done"
    until("it is matched", lambda: {one["advisory"] for one in found(estate, 4)} == {"T-8", "T-new"})
    told = "SELECT e.kind FROM event e JOIN advisory a ON a.id = e.advisory_id WHERE a.name = 'T-new'"
    assert estate.console.rows(told) == [("match.new",)]

    def everywhere() -> bool:
        here = [estate.admin.at(url).get("/feed")["file"]["generation"] for url in estate.console.urls]
        return all(one > generation for one in here)

    until("each API has the file, also where none is shared", everywhere)


def test_a_schedule_that_is_due_runs_once(estate: Estate, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("name-9==1\n")
    source = estate.admin.post("/sources", {"name": f"folder {tmp_path.name}", "reference": f"dir:{tmp_path}"})
    wish = {"name": f"now {tmp_path.name}", "source": source["id"], "cron": "0 0 1 1 *"}
    schedule = estate.admin.post("/schedules", wish)

    def ran(times: int) -> bool:
        return (
            estate.console.rows("SELECT state FROM job_run WHERE schedule_id = %s", schedule["id"])
            == [("done",)] * times
        )

    for number in range(1, 4):
        due = "UPDATE schedule SET next_run = now() - interval '3 hours' WHERE id = %s"
        estate.console.rows(due, schedule["id"])
        estate.console.rows("SELECT pg_notify('wishes', '')")
        until("it ran", partial(ran, number), 180)
    assert estate.console.rows("SELECT count(*) FROM scan WHERE key LIKE %s", f"%{tmp_path}%") == [(3,)]


def test_a_job_ends_when_somebody_cancels_it(estate: Estate) -> None:
    run = estate.admin.post("/scans", {"reference": "dir:/usr"})
    until("it runs", lambda: estate.admin.get(f"/jobs/{run['id']}")["state"] == "running")
    good(estate.admin.at(estate.last).ask("POST", f"/jobs/{run['id']}/cancel"))
    assert ended(estate, run["id"])["state"] == "cancelled"


def invited(estate: Estate, name: str) -> Client:
    """Somebody new, signed in at the first API."""
    made = estate.admin.post("/users", {"name": name, "role": "viewer", "everything": True})
    return signed_in(
        Client(estate.admin.url).ask("POST", "/session/link", {"link": made["link"], "password": PASSWORD}),
        estate.admin.url,
    )


def test_a_session_is_known_at_every_api_and_ends_at_all_of_them(estate: Estate) -> None:
    vera = invited(estate, "vera")
    assert vera.at(estate.last).get("/me")["name"] == "vera"
    good(vera.ask("DELETE", "/session"))
    assert vera.at(estate.last).ask("GET", "/me").status == 401


def test_a_second_factor_that_is_begun_at_one_api_is_set_and_asked_for_at_the_other(estate: Estate) -> None:
    otto = invited(estate, "otto")
    begun = otto.post("/account/second-factor", {"password": PASSWORD})
    app = pyotp.TOTP(begun["secret"])
    code = app.at(time.time() - 30)  # the code of now is for the sign-in
    answer = otto.at(estate.last).ask("PUT", "/account/second-factor", {"ticket": begun["ticket"], "code": code})
    assert len(good(answer)["recovery_codes"]) > 0
    half = Client(estate.admin.url).ask("POST", "/session", {"name": "otto", "password": PASSWORD})
    cookie = half.headers["Set-Cookie"].partition(";")[0]
    whole = Client(estate.last).ask("POST", "/session/code", {"code": app.now()}, Cookie=cookie)
    assert json.loads(whole.data)["complete"]


def test_who_guesses_is_held_up_at_every_api(estate: Estate) -> None:
    invited(estate, "gina")
    urls = cycle(estate.console.urls)
    statuses = [
        Client(next(urls), address="127.0.0.2")
        .ask("POST", "/session", {"name": "gina", "password": f"a wrong guess {n}"})
        .status
        for n in range(12)
    ]
    assert statuses[0] == 401
    assert statuses[-2:] == [429, 429]
    right = {"name": "gina", "password": PASSWORD}
    assert {Client(url).ask("POST", "/session", right).status for url in estate.console.urls} == {429}


def test_who_asks_too_often_is_told_when_to_come_again(estate: Estate) -> None:
    client = estate.token(kind="service", permissions=["scans:write"])
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: client.ask("POST", "/ingest/scans", b"{}"), range(400)))
    refused = [one for one in answers if one.status == 429]
    assert refused
    assert all(int(one.headers["Retry-After"]) > 0 for one in refused)
    assert estate.admin.ask("GET", "/me").status == 200, "others are not held up"


@pytest.mark.prove
def test_a_backup_of_it_is_restored_elsewhere(estate: Estate, tmp_path: Path) -> None:
    scanned(estate, 5, "name-10", "name-11")
    backup, elsewhere = tmp_path / "backup", {"RIGHTSHIFT_HOME": str(tmp_path / "home"), "RIGHTSHIFT_DATABASE_URL": ""}
    made = estate.console.command("db", "backup", str(backup))
    assert made.returncode == 0, made.stderr
    restored = estate.console.command("db", "restore", str(backup), **elsewhere)
    assert restored.returncode == 0, restored.stderr
    shown = estate.console.command("user", "list", "--local", "--json", **elsewhere)
    assert "admin" in shown.stdout, shown.stderr


def test_it_says_how_it_is(estate: Estate) -> None:
    for url in estate.console.urls:
        assert Client(url).ask("GET", "/readyz").status == 200
        status = estate.admin.at(url).get("/status")
        assert status["conclusions"]["aside"] == 0
        assert datetime.fromisoformat(status["feed"]["built"]) <= datetime.now(UTC)


def test_each_part_is_there_and_one_derives(estate: Estate) -> None:
    count = len(estate.console.urls)
    assert {part: len(pids) for part, pids in estate.console.pids().items()} == dict.fromkeys(
        ("app", "worker", "deriving"), count
    )
    holding = """
        SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.locktype = 'advisory' AND l.granted AND a.application_name = 'rightshift deriving'"""
    assert estate.console.rows(holding) == [(1,)]


@pytest.mark.parametrize("part", ["app", "worker", "deriving"])
def test_when_one_process_is_lost_the_work_goes_on(estate: Estate, part: str) -> None:
    number = 10 + ["app", "worker", "deriving"].index(part)
    before = estate.console.pids()[part]
    os.kill(before[0], signal.SIGKILL)
    if len(estate.console.urls) == 1:
        until("it is started again", lambda: set(estate.console.pids()[part]) - set(before))
        until("it answers", estate.console.answers)
    scanned(estate, number, "name-12", at=estate.last)
    until("it is started again", lambda: set(estate.console.pids()[part]) - set(before))
    until("all answer", estate.console.answers)
