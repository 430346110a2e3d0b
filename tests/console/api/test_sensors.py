"""Sensors are seen as they are, renew what they prove themselves with, and never take each other's place."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest

from rightshift.console.api import ingest
from rightshift.console.auth.permission import Permission
from tests.console.api.conftest import As, Clock
from tests.console.api.walking import Row, walk
from tests.console.facts_client import SyntheticSensor

Rows = Callable[..., list[tuple[object, ...]]]
PATH = "/api/v1/sensors"
READS = {Permission.SENSORS_READ, Permission.EXPORT_READ, Permission.STATUS_READ}


@dataclass(frozen=True)
class Reporting:
    """A sensor that was enrolled, and what it sees."""

    key: str
    asking: httpx.AsyncClient
    sees: SyntheticSensor

    async def tell(self, **other: object) -> int:
        """Posts its next document, in which something may be other than it made it; the status of the answer."""
        document = json.loads(self.sees.document()) | other
        return (await self.asking.post("/api/v1/ingest/facts", content=json.dumps(document))).status_code

    async def claim(self, **said: str) -> int:
        """The next document, whole, with this said of its host."""
        document = json.loads(self.sees.document("full"))
        assets = [one | said if one["kind"] == "host" else one for one in document["assets"]]
        content = json.dumps(document | {"assets": assets})
        return (await self.asking.post("/api/v1/ingest/facts", content=content)).status_code

    async def renew(self) -> httpx.Response:
        return await self.asking.post("/api/v1/enrol/renew")


Enrol = Callable[[str], Awaitable[Reporting]]


@pytest.fixture
async def enrolled(anonymous: httpx.AsyncClient, as_token: As) -> AsyncIterator[Enrol]:
    enrolling = await as_token({Permission.ENROL})
    async with AsyncExitStack() as opened:

        async def enrol(name: str) -> Reporting:
            made = (await enrolling.post("/api/v1/enrol", json={"name": name})).json()
            asking = await opened.enter_async_context(bearing(anonymous, made["credential"]))
            return Reporting(made["reporter"], asking, SyntheticSensor(int(made["reporter"], 16), containers=1))

        yield enrol


def bearing(anonymous: httpx.AsyncClient, secret: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {secret}"}
    return httpx.AsyncClient(transport=anonymous._transport, base_url="http://localhost", headers=headers)


def is_of(rows: Rows, sensor: Reporting, team: str) -> UUID:
    """Its host, as `derive` would conclude it, in a team."""
    rows("INSERT INTO team (name) VALUES (%s) ON CONFLICT DO NOTHING", team)
    rows(
        "INSERT INTO asset (kind, key, name, first_seen, last_seen) VALUES ('host', %s, %s, now(), now())",
        sensor.key,
        f"{team}-host",
    )
    rows(
        "INSERT INTO asset_team SELECT a.id, t.id FROM asset a, team t WHERE a.key = %s AND t.name = %s",
        sensor.key,
        team,
    )
    ((id,),) = rows("SELECT id FROM team WHERE name = %s", team)
    assert isinstance(id, UUID)
    return id


async def shown(asking: httpx.AsyncClient, sensor: Reporting) -> Row:
    found: Row = (await asking.get(f"{PATH}/{sensor.key}")).json()["sensor"]
    return found


def audited(rows: Rows, action: str) -> list[tuple[object, ...]]:
    return rows("SELECT target, outcome FROM audit WHERE action = %s ORDER BY id", action)


async def test_a_sensor_is_shown_as_it_is(enrolled: Enrol, as_token: As, rows: Rows, clock: Clock) -> None:
    asking, sensor = await as_token(READS), await enrolled("web-1")
    waits = await shown(asking, sensor)
    assert (waits["state"], waits["heard"], waits["host"]) == ("waiting", None, None)
    assert await sensor.tell() == 200
    sensor.sees.lose()
    sensor.sees.lose()
    lossy = [
        {"name": "flows", "state": "sampled", "why": "no BPF", "lost": 4},
        {"name": "files", "state": "off", "lost": 1},
    ]
    gaps = [{"what": "/proc/1/root", "reason": "denied"}]
    dropped = [{"what": "documents", "count": 7}]
    assert (
        await sensor.tell(probes=lossy, dropped=dropped, gaps=gaps, tool={"name": "rightshift", "version": "9"}) == 200
    )
    assert await sensor.tell(probes=lossy) == 200
    team = is_of(rows, sensor, "shop")
    told = await shown(asking, sensor)
    said = {
        name: told[name]
        for name in ("name", "state", "missing", "lost", "dropped", "gaps", "conflicts", "silent_since")
    }
    assert said == {
        "name": "web-1", "state": "reporting", "missing": 2, "lost": 10, "dropped": 7, "gaps": 1, "conflicts": 0,
        "silent_since": None,
    }  # fmt: skip
    assert told["completeness"] == {"flows": "sampled", "files": "off"}
    assert (told["host_name"], told["teams"], told["program"]) == ("shop-host", [str(team)], "synthetic 1")
    detail = (await asking.get(f"{PATH}/{sensor.key}")).json()
    assert [(one["name"], one["why"], one["lost"]) for one in detail["probes"]] == [
        ("files", "", 1),
        ("flows", "no BPF", 4),
    ]
    assert detail["unread"] == gaps
    (credential,) = detail["credentials"]
    assert credential["expires"] == told["expires"]
    assert not {"hash", "secret", "credential"} & credential.keys()
    clock.passes(minutes=6)
    silent = await shown(asking, sensor)
    assert (silent["state"], silent["silent_since"]) == ("silent", told["heard"])


async def test_sensors_are_listed_by_what_is_asked_for(enrolled: Enrol, as_token: As, rows: Rows, clock: Clock) -> None:
    asking = await as_token(READS)
    quiet, one, other = [await enrolled(name) for name in ("quiet", "web-1", "web-2")]
    for sensor in (quiet, one):
        assert await sensor.tell() == 200
    is_of(rows, one, "shop")
    clock.passes(minutes=6)
    assert await one.tell() == 200

    async def names(query: str) -> list[object]:
        return [row["name"] for row in await walk(asking, f"{PATH}?limit=1&{query}")]

    assert await names("") == ["quiet", "web-1", "web-2"]
    assert await names("state=reporting") == ["web-1"]
    assert await names("state=silent&state=waiting") == ["quiet", "web-2"]
    assert await names("text=WEB") == ["web-1", "web-2"]
    assert await names(f"text={other.key[:12]}") == ["web-2"]
    assert await names("host=shop-host") == ["web-1"]
    assert await names("kind=kubernetes") == []
    assert await names("conflict=false") == ["quiet", "web-1", "web-2"]
    exported = await asking.get(f"{PATH}?format=jsonl")
    assert [json.loads(line) for line in exported.text.splitlines()] == await walk(asking, PATH)
    assert (await asking.get(f"{PATH}?state=none")).status_code == 400


async def test_only_those_of_ones_teams_are_there(enrolled: Enrol, as_token: As, rows: Rows) -> None:
    ours, theirs, nobodys = [await enrolled("web") for _ in range(3)]
    team = is_of(rows, ours, "shop")
    is_of(rows, theirs, "bank")
    for may in (READS, {*READS, Permission.SENSORS_WRITE}):
        asking = await as_token(may, frozenset({team}))
        assert [row["id"] for row in await walk(asking, PATH)] == [ours.key]
        for hidden in (theirs.key, nobodys.key, "none", ours.key.upper()):
            assert (await asking.get(f"{PATH}/{hidden}")).status_code == 404
    assert (await asking.delete(f"{PATH}/{theirs.key}")).status_code == 404
    body = {"name": "ours now"}
    assert (await asking.put(f"{PATH}/{theirs.key}", json=body, headers={"If-Match": '"1"'})).status_code == 404
    assert await theirs.tell() == 200
    assert await walk(await as_token(READS, frozenset()), PATH) == []


async def test_two_who_rename_do_not_overwrite_each_other(enrolled: Enrol, as_role: As, rows: Rows) -> None:
    admin, sensor = await as_role("admin"), await enrolled("web-1")
    path = f"{PATH}/{sensor.key}"
    tag = (await admin.get(path)).headers["etag"]
    renamed = await admin.put(path, json={"name": "web-2"}, headers={"If-Match": tag})
    assert (renamed.status_code, renamed.json()["sensor"]["name"]) == (200, "web-2")
    assert (await admin.put(path, json={"name": "web-3"}, headers={"If-Match": tag})).status_code == 412
    assert (await admin.put(path, json={"name": "web-3"})).status_code == 428
    for body in ({"name": ""}, {"name": "a\nb"}, {"name": "x", "id": "y"}, {}):
        assert (await admin.put(path, json=body, headers={"If-Match": '"2"'})).status_code == 400
    assert audited(rows, "sensors.rename") == [(sensor.key, "done")]
    assert await sensor.tell() == 200


@pytest.mark.check("S05")
async def test_a_revoked_sensor_is_out_at_once_and_no_longer_missed(
    enrolled: Enrol, as_role: As, rows: Rows, clock: Clock
) -> None:
    admin, sensor = await as_role("admin"), await enrolled("web-1")
    assert await sensor.tell() == 200
    renewed = (await sensor.renew()).json()
    for _ in range(2):
        assert (await admin.delete(f"{PATH}/{sensor.key}")).status_code == 204
    assert await sensor.tell() == 401
    assert (await sensor.renew()).status_code == 401
    async with bearing(admin, renewed["credential"]) as newer:
        assert (await newer.get("/api/v1/me")).status_code == 401
    clock.passes(minutes=6)
    told = await shown(admin, sensor)
    assert (told["state"], told["expires"], told["silent_since"]) == ("revoked", None, None)
    assert (await admin.get("/api/v1/status")).json()["silent"] == []
    assert audited(rows, "sensors.revoke") == [(sensor.key, "done")]
    assert (await (await as_role("operator")).delete(f"{PATH}/{sensor.key}")).status_code == 403


@pytest.mark.check("S05")
async def test_a_renewed_credential_ends_once_the_new_one_is_shown(
    enrolled: Enrol, anonymous: httpx.AsyncClient, rows: Rows, clock: Clock
) -> None:
    sensor = await enrolled("web-1")
    first = (await sensor.renew()).json()
    assert (first["reporter"], len(first["credential"])) == (sensor.key, 54)
    # the answer was lost: it asks again, and what never arrived holds no longer
    second = (await sensor.renew()).json()
    async with bearing(anonymous, first["credential"]) as lost:
        assert (await lost.get("/api/v1/me")).status_code == 401
    clock.passes(hours=23)
    assert await sensor.tell() == 200
    async with bearing(anonymous, second["credential"]) as newer:
        taken = await newer.post("/api/v1/ingest/facts", content=sensor.sees.document())
        assert taken.json()["taken"]
        # documents that are on their way still come in; whoever has the old one can't make himself a new one of it
        assert await sensor.tell() == 200
        assert (await sensor.renew()).status_code == 403
        clock.passes(seconds=61)
        assert await sensor.tell() == 401
        assert (await sensor.renew()).status_code == 401
        assert (await newer.get("/api/v1/me")).status_code == 200
    done = (sensor.key, "done")
    assert audited(rows, "sensors.renew") == [done, done, (sensor.key, "denied")]


async def test_a_renewed_credential_ends_after_a_day_at_the_latest(enrolled: Enrol, clock: Clock) -> None:
    sensor = await enrolled("web-1")
    assert (await sensor.renew()).status_code == 201
    clock.passes(hours=25)
    assert await sensor.tell() == 401


async def test_only_a_sensor_renews(as_token: As, as_role: As) -> None:
    for asking in (await as_token({Permission.FACTS_WRITE}), await as_role("admin")):
        assert (await asking.post("/api/v1/enrol/renew")).status_code == 403


@pytest.mark.check("S05")
async def test_renewing_under_load_loses_nothing(enrolled: Enrol, anonymous: httpx.AsyncClient, rows: Rows) -> None:
    """One goes on with what it has until the new one is there, as a sensor does."""
    sensor = await enrolled("web-1")
    asking = sensor.asking
    async with AsyncExitStack() as opened:
        for at in range(30):
            posting = asyncio.ensure_future(asking.post("/api/v1/ingest/facts", content=sensor.sees.document()))
            if at % 5 == 4:
                made = (await asking.post("/api/v1/enrol/renew")).json()
                asking = await opened.enter_async_context(bearing(anonymous, made["credential"]))
            assert (await posting).json() == {"taken": True, "want": None, "instructions": []}
    assert rows("SELECT sequence, missing FROM reporter") == [(30, 0)]


@pytest.mark.check("S03")
async def test_two_that_claim_one_machine_are_a_conflict_and_keep_what_is_theirs(
    enrolled: Enrol, as_token: As, as_role: As, rows: Rows
) -> None:
    asking = await as_token(READS)
    first, second, third = [await enrolled(name) for name in ("first", "second", "third")]
    assert [await one.claim(machine_id="m", name=name) for one, name in ((first, "a"), (second, "b"))] == [200, 200]
    assert await third.claim(machine_id="", cloud_id="") == 200
    for one, other in ((first, second), (second, first)):
        detail = (await asking.get(f"{PATH}/{one.key}")).json()
        assert detail["sensor"]["conflicts"] == 1
        (conflict,) = detail["conflicts"]
        assert (conflict["id"], conflict["by"], conflict["value"]) == (other.key, "machine_id", "m")
    assert [row["name"] for row in await walk(asking, f"{PATH}?conflict=true")] == ["first", "second"]
    told = rows(
        "SELECT key, attributes ->> 'name' FROM asset_fact WHERE kind = 'host' AND attributes ->> 'machine_id' = 'm'"
    )
    assert sorted(told) == sorted([(first.key, "a"), (second.key, "b")])
    assert await second.tell() == 200
    # of another team not even that it is there
    team = is_of(rows, first, "shop")
    theirs = await as_token(READS, frozenset({team}))
    detail = (await theirs.get(f"{PATH}/{first.key}")).json()
    assert (detail["sensor"]["conflicts"], detail["conflicts"]) == (0, [])
    # the same cloud's instance, and one that was taken out of use
    assert await third.claim(cloud_id="i-1") == 200
    assert await second.claim(machine_id="m", cloud_id="i-1") == 200
    assert (await shown(asking, third))["conflicts"] == 1
    assert (await (await as_role("admin")).delete(f"{PATH}/{second.key}")).status_code == 204
    assert [(await shown(asking, one))["conflicts"] for one in (first, second, third)] == [0, 0, 0]
    assert (await asking.get(f"{PATH}/{second.key}")).json()["conflicts"] == []


@pytest.mark.check("S20")
async def test_when_all_come_back_at_once_those_beyond_are_told_to_come_at_different_times(
    enrolled: Enrol, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest.TURNS, "most_waiting", 8)
    sensors = [await enrolled(f"web-{at}") for at in range(40)]
    documents = {one.key: one.sees.document() for one in sensors}
    waits: list[int] = []
    while documents:
        back = [one for one in sensors if one.key in documents]
        posting = (one.asking.post("/api/v1/ingest/facts", content=documents[one.key]) for one in back)
        for one, answer in zip(back, await asyncio.gather(*posting), strict=True):
            if answer.status_code == 429:
                waits.append(int(answer.headers["retry-after"]))
            else:
                assert answer.json()["taken"]
                del documents[one.key]
        assert ingest.TURNS.waiting == 0
        assert ingest.ROOM.taken == 0
    assert len(waits) > 10
    assert min(waits) >= ingest.AGAIN_S[0]
    assert max(waits) <= ingest.AGAIN_S[1]
    assert len(set(waits)) > 3
