"""Documents come in packed or not, once, from whoever may send them, and never without bounds."""

import asyncio
import gzip
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
import zstandard

from rightshift.console.api import ingest
from rightshift.console.auth.permission import Permission
from rightshift.console.auth.secrets import hashed, made
from rightshift.console.ingest.bodies import Limits, Room
from rightshift.console.ingest.turns import Turns
from rightshift.console.store import identities
from rightshift.console.store.identities import NewToken
from rightshift.console.store.pool import Pool
from rightshift.documents import scan
from tests.console.api.conftest import BEGUN, As
from tests.console.documents import deb, document, image
from tests.console.facts_client import SyntheticSensor

Rows = Callable[..., list[tuple[object, ...]]]
PATH = "/api/v1/ingest/scans"
CONTENT = scan.encode(document("d1", image(1), deb("openssl", "3.0.1-1")))


@pytest.fixture
async def ci(as_token: As) -> httpx.AsyncClient:
    return await as_token({Permission.SCANS_WRITE})


@pytest.mark.parametrize("encoding", [None, "gzip", "zstd"])
async def test_a_document_is_kept_once(ci: httpx.AsyncClient, rows: Rows, encoding: str | None) -> None:
    packed = {None: CONTENT, "gzip": gzip.compress(CONTENT), "zstd": zstandard.compress(CONTENT)}[encoding]
    headers = {"Content-Encoding": encoding} if encoding else {}
    answers = [await ci.post(PATH, content=packed, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() | {"new": False} == answers[1].json()
    assert answers[0].json()["asset"] == f"image:sha256:{1:064x}"
    assert rows("SELECT count(*), min(sent_by) FROM scan") == [(1, "a service")]


async def test_other_content_under_the_same_id_is_a_conflict(ci: httpx.AsyncClient) -> None:
    assert (await ci.post(PATH, content=CONTENT)).status_code == 201
    other = scan.encode(document("d1", image(1), deb("openssl", "3.0.2-1")))
    assert (await ci.post(PATH, content=other)).status_code == 409


async def test_only_who_may_send_sends(anonymous: httpx.AsyncClient, as_token: As, as_role: As, rows: Rows) -> None:
    assert (await anonymous.post(PATH, content=CONTENT)).status_code == 401
    reader, viewer = await as_token({Permission.SCANS_READ}), await as_role("viewer")
    assert (await reader.post(PATH, content=CONTENT)).status_code == 403
    assert (await viewer.post(PATH, content=CONTENT)).status_code == 403
    assert rows("SELECT count(*) FROM scan") == [(0,)]


@pytest.mark.check("Z03")
async def test_a_team_sends_no_scan_of_what_is_somebody_elses(as_token: As, ci: httpx.AsyncClient, rows: Rows) -> None:
    """It would change what others read of it. What was sent before is answered as before, and what is new is taken."""
    assert (await ci.post(PATH, content=CONTENT)).status_code == 201
    ours, theirs = uuid4(), uuid4()
    rows("INSERT INTO team (id, name) VALUES (%s, 'ours'), (%s, 'theirs')", ours, theirs)
    rows(
        "INSERT INTO asset (kind, key, name, first_seen, last_seen) VALUES ('image', %s, 'i', %s, %s)",
        f"sha256:{1:064x}",
        BEGUN,
        BEGUN,
    )
    rows("INSERT INTO asset_team SELECT id, %s FROM asset", theirs)
    owner, other = [await as_token({Permission.SCANS_WRITE}, frozenset({team})) for team in (theirs, ours)]
    empty = scan.encode(document("d2", image(1)))
    answer = await other.post(PATH, content=empty)
    assert (answer.status_code, answer.json()["detail"]) == (403, "What was scanned is not your team's")
    assert rows("SELECT count(*) FROM scan") == [(1,)]
    assert (await owner.post(PATH, content=empty)).status_code == 201
    assert (await other.post(PATH, content=empty)).status_code == 200
    assert (await other.post(PATH, content=scan.encode(document("d3", image(2))))).status_code == 201


@pytest.mark.check("L03")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"schema": "rightshift/scan/99"}',
        b'{"schema": "rightshift/scan/1"}',
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"[" * 200_000,
        CONTENT.replace(b"openssl", b"\xff"),
        CONTENT.replace(b'"complete"', b'"splendid"'),
        CONTENT.replace(b'"2026-01-05T10:00:00Z"', b'"never"'),
        b'{"x": ' + b"9" * 100_000 + b"}",
        b'{"x": NaN}',
        b'{"x": "\\ud800"}',
    ],
    ids=range(15),
)
async def test_what_is_no_document_is_refused_with_a_reason(ci: httpx.AsyncClient, rows: Rows, content: bytes) -> None:
    answer = await ci.post(PATH, content=content)
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert rows("SELECT count(*) FROM scan") == [(0,)]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Content-Encoding": "br"}, 415), ({"Content-Encoding": "gzip"}, 400), ({"Content-Encoding": "zstd, gzip"}, 415)],
)
async def test_packed_in_another_way(ci: httpx.AsyncClient, headers: dict[str, str], status: int) -> None:
    assert (await ci.post(PATH, content=CONTENT, headers=headers)).status_code == status


async def test_what_is_too_large_is_refused(ci: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "SCANS", Limits(sent=1_000, unpacked=5_000))
    assert (await ci.post(PATH, content=bytes(2_000))).status_code == 413
    bomb = gzip.compress(bytes(100_000))
    assert (await ci.post(PATH, content=bomb, headers={"Content-Encoding": "gzip"})).status_code == 413


async def test_slow_senders_hold_nobody_up(ci: httpx.AsyncClient, rows: Rows) -> None:
    begun, waiting = asyncio.Semaphore(0), asyncio.Event()

    async def slowly() -> object:
        yield CONTENT[:10]
        begun.release()
        await waiting.wait()
        yield CONTENT[10:]

    slow = [asyncio.create_task(ci.post(PATH, content=slowly())) for _ in range(20)]  # type: ignore[arg-type]
    for _ in slow:
        await begun.acquire()
    assert (await ci.post(PATH, content=CONTENT)).status_code == 201
    waiting.set()
    assert {answer.status_code for answer in await asyncio.gather(*slow)} == {200}
    assert rows("SELECT count(*) FROM scan") == [(1,)]


async def test_who_comes_beyond_what_can_wait_is_told_when(
    ci: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "TURNS", Turns(at_once=1, most_waiting=0))
    async with ingest.TURNS.turn():
        refused = await ci.post(PATH, content=CONTENT)
    assert refused.status_code == 429
    assert ingest.AGAIN_S[0] <= int(refused.headers["retry-after"]) <= ingest.AGAIN_S[1]
    assert (await ci.post(PATH, content=CONTENT)).status_code == 201


async def test_who_comes_when_there_is_no_room_is_told_when(
    ci: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "ROOM", Room(len(CONTENT) - 1))
    refused = await ci.post(PATH, content=CONTENT)
    assert refused.status_code == 429
    assert ingest.AGAIN_S[0] <= int(refused.headers["retry-after"]) <= ingest.AGAIN_S[1]
    assert ingest.ROOM.taken == 0


async def test_a_name_that_no_index_holds_is_refused_and_stops_nobody(ci: httpx.AsyncClient, rows: Rows) -> None:
    chance = random.Random(1)
    name = "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(3_000))
    poison = scan.encode(document("d2", image(2), deb(name, "1")))
    assert (await ci.post(PATH, content=poison)).status_code == 400
    assert rows("SELECT (SELECT count(*) FROM scan), (SELECT count(*) FROM inventory)") == [(0, 0)]
    assert (await ci.post(PATH, content=CONTENT)).status_code == 201


async def test_a_name_says_what_was_scanned(ci: httpx.AsyncClient) -> None:
    given = json.loads(CONTENT) | {"subject": {"kind": "host", "name": "host:"}}
    answer = await ci.post(PATH, params={"asset": "web-1"}, json=given)
    assert answer.json()["asset"] == "host:web-1"


CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "metadata": {"component": {"name": "shop"}},
    "components": [{"type": "library", "name": "left-pad", "purl": "pkg:npm/left-pad@1.3.0"}],
}
SPDX = {
    "spdxVersion": "SPDX-2.3",
    "name": "shop",
    "packages": [
        {"name": "a", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:pypi/a@1"}]},
    ],
}


@pytest.mark.parametrize(
    ("content_type", "bill", "kept"),
    [
        ("application/vnd.cyclonedx+json", CYCLONEDX, ("cyclonedx", "left-pad")),
        ("application/json", CYCLONEDX, ("cyclonedx", "left-pad")),
        ("application/spdx+json", SPDX, ("spdx", "a")),
        ("application/json", SPDX, ("spdx", "a")),
    ],
)
async def test_a_bill_of_any_tool_is_kept_once(
    ci: httpx.AsyncClient, rows: Rows, content_type: str, bill: dict[str, object], kept: tuple[str, str]
) -> None:
    content, headers = zstandard.compress(json.dumps(bill).encode()), {"Content-Type": content_type}
    headers["Content-Encoding"] = "zstd"
    answers = [await ci.post(PATH, content=content, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json()["asset"] == "sbom:shop"
    assert rows("SELECT format FROM scan UNION ALL SELECT name FROM package") == [(kept[0],), (kept[1],)]
    digest = f"sha256:{5:064x}"
    answer = await ci.post(PATH, content=content, headers=headers, params={"asset": f"image:{digest}"})
    assert (answer.status_code, answer.json()["asset"]) == (201, f"image:{digest}")


@pytest.mark.parametrize(
    ("content_type", "content", "status"),
    [
        ("text/spdx", b"SPDXVersion: SPDX-2.3", 415),
        ("application/vnd.cyclonedx+xml", b"<bom/>", 415),
        ("text/html", CONTENT, 415),
        ("application/vnd.cyclonedx+json", b"", 400),
        ("application/vnd.cyclonedx+json", CONTENT, 400),
        ("application/vnd.cyclonedx+json", b'{"components": ' + b"[" * 500_000, 400),
        ("application/spdx+json", b'{"spdxVersion": "SPDX-2.3", "name": "a", "packages": 1}', 400),
    ],
    ids=range(7),
)
async def test_a_bill_that_is_none_is_refused(
    ci: httpx.AsyncClient, rows: Rows, content_type: str, content: bytes, status: int
) -> None:
    answer = await ci.post(PATH, content=content, headers={"Content-Type": content_type}, params={"asset": "web"})
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert rows("SELECT count(*) FROM scan") == [(0,)]


FACTS = "/api/v1/ingest/facts"
PACKED: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gzip": gzip.compress, "zstd": zstandard.compress}
Enrol = Callable[[str], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def enrolled(anonymous: httpx.AsyncClient, pool: Pool) -> AsyncIterator[Enrol]:
    """`await enrolled(key)` is the sensor of that host."""
    async with AsyncExitStack() as opened:

        async def make(key: str) -> httpx.AsyncClient:
            secret = made("sensor")
            async with pool.connection() as connection:
                new = NewToken(
                    kind="sensor",
                    name=key,
                    hash=hashed(secret),
                    hint="",
                    expires=datetime.max.replace(tzinfo=UTC),
                    by="a test",
                    permissions=(Permission.FACTS_WRITE,),
                    reporter=await identities.add_reporter(connection, key, "sensor", key),
                )
                await identities.add_token(connection, new, BEGUN)
            headers = {"Authorization": f"Bearer {secret}"}
            asking = httpx.AsyncClient(transport=anonymous._transport, base_url="http://localhost", headers=headers)
            return await opened.enter_async_context(asking)

        yield make


@pytest.mark.parametrize("encoding", ["", "gzip", "zstd"])
async def test_a_sensor_sends_what_it_saw(enrolled: Enrol, rows: Rows, encoding: str) -> None:
    sensor = SyntheticSensor(1, containers=2)
    client = await enrolled(sensor.host)
    pack = PACKED[encoding]
    first, second = pack(sensor.document()), pack(sensor.document())
    headers = {"Content-Encoding": encoding} if encoding else {}
    for content, taken in ((first, True), (second, True), (first, False), (second, False)):
        answer = await client.post(FACTS, content=content, headers=headers)
        assert (answer.status_code, answer.json()) == (200, {"taken": taken, "want": None, "instructions": []})
    assert rows("SELECT count(*) FROM asset_fact WHERE kind = 'container' AND ended IS NULL") == [(2,)]
    sensor.lose()
    answer = await client.post(FACTS, content=sensor.document())
    assert answer.json()["want"] == "full"


async def test_facts_come_from_their_own_sensor_alone(
    enrolled: Enrol, anonymous: httpx.AsyncClient, as_role: As, as_token: As, rows: Rows
) -> None:
    sensor = SyntheticSensor(1)
    content, other = sensor.document(), await enrolled("other")
    admin, service = await as_role("admin"), await as_token({Permission.FACTS_WRITE})
    assert (await anonymous.post(FACTS, content=content)).status_code == 401
    for client in (other, admin, service):
        assert (await client.post(FACTS, content=content)).status_code == 403
    assert rows("SELECT count(*) FROM asset_fact") == [(0,)]
    assert (await other.post(PATH, content=CONTENT)).status_code == 403


@pytest.mark.check("L03")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"\xff",
        b"[" * 200_000,
        b'{"schema": "rightshift/facts/9"}',
        SyntheticSensor(1).document().replace(b'"full"', b'"half"', 1),
        SyntheticSensor(1).document().replace(b'"name":"node-1.example"', b'"name":"\\u0000"'),
        SyntheticSensor(1).document().replace(b'"sequence":1', b'"sequence":1,"sequence":2'),
        SyntheticSensor(1).document().replace(b'"sequence":1', b'"sequence":' + b"9" * 5_000),
        SyntheticSensor(1).document().replace(b'"sequence":1', b'"sequence":NaN'),
    ],
    ids=range(10),
)
async def test_a_document_that_is_none_is_refused_and_stops_nobody(enrolled: Enrol, rows: Rows, content: bytes) -> None:
    sensor = SyntheticSensor(1)
    client = await enrolled(sensor.host)
    answer = await client.post(FACTS, content=content)
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert rows("SELECT count(*) FROM asset_fact") == [(0,)]
    assert (await client.post(FACTS, content=sensor.document())).json()["taken"]
