"""Facts come from enrolled reporters alone, each of its own, once and in order; what is broken is told so."""

import asyncio
import gzip
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import zstandard

from rightshift.console.api import ingest
from rightshift.console.auth.permission import Permission
from rightshift.console.auth.secrets import hashed, made
from rightshift.console.ingest.bodies import Limits
from rightshift.console.store import identities
from rightshift.console.store.identities import NewToken
from rightshift.console.store.pool import Pool
from tests.console.api.conftest import BEGUN, As
from tests.console.facts_client import SyntheticSensor

Rows = Callable[..., list[tuple[object, ...]]]
Enrolled = Callable[[str], Awaitable[httpx.AsyncClient]]
PATH = "/api/v1/ingest/facts"
TAKEN: dict[str, object] = {"taken": True, "want": None, "instructions": []}


@pytest.fixture
async def enrolled(anonymous: httpx.AsyncClient, pool: Pool) -> Any:
    """`await enrolled(key)` is a sensor with a credential for that host."""
    async with AsyncExitStack() as opened:

        async def enrol(key: str) -> httpx.AsyncClient:
            secret = made("sensor")
            async with pool.connection() as connection:
                reporter = await identities.add_reporter(connection, key, "sensor", key)
                new = NewToken(
                    kind="sensor",
                    name=key,
                    hash=hashed(secret),
                    hint="",
                    expires=datetime.max.replace(tzinfo=UTC),
                    by="a test",
                    permissions=(Permission.FACTS_WRITE,),
                    reporter=reporter,
                )
                await identities.add_token(connection, new, BEGUN)
            asking = httpx.AsyncClient(
                transport=anonymous._transport,
                base_url="http://localhost",
                headers={"Authorization": f"Bearer {secret}"},
            )
            return await opened.enter_async_context(asking)

        yield enrol


def counted(rows: Rows) -> list[tuple[object, ...]]:
    return rows("SELECT count(*), sum(count) FROM connection_fact")


@pytest.mark.parametrize("encoding", [None, "gzip", "zstd"])
async def test_a_document_is_taken_once(enrolled: Enrolled, rows: Rows, encoding: str | None) -> None:
    sensor = SyntheticSensor(1, containers=2)
    asking, content = await enrolled(sensor.host), sensor.document()
    packed = {None: content, "gzip": gzip.compress(content), "zstd": zstandard.compress(content)}[encoding]
    headers = {"Content-Encoding": encoding} if encoding else {}
    first = await asking.post(PATH, content=packed, headers=headers)
    assert (first.status_code, first.json()) == (200, TAKEN)
    before = counted(rows)
    again = await asking.post(PATH, content=packed, headers=headers)
    assert (again.status_code, again.json()) == (200, TAKEN | {"taken": False})
    assert counted(rows) == before


async def test_the_same_document_from_all_sides_at_once_counts_once(enrolled: Enrolled, rows: Rows) -> None:
    sensor = SyntheticSensor(1, containers=2)
    asking = await enrolled(sensor.host)
    content = sensor.document()
    answers = await asyncio.gather(*(asking.post(PATH, content=content) for _ in range(8)))
    assert sorted(answer.json()["taken"] for answer in answers) == [False] * 7 + [True]
    assert rows("SELECT sequence, mark FROM reporter WHERE kind = 'sensor'") == [(1, 1)]


async def test_a_lost_document_lets_a_full_one_be_asked_for_until_it_comes(enrolled: Enrolled) -> None:
    sensor = SyntheticSensor(1, containers=2)
    asking = await enrolled(sensor.host)

    async def want(content: bytes) -> object:
        return (await asking.post(PATH, content=content)).json()["want"]

    assert await want(sensor.document()) is None
    sensor.lose()
    assert [await want(sensor.document()), await want(sensor.document())] == ["full", "full"]
    assert await want(sensor.document("full")) is None
    assert await want(sensor.document()) is None


async def test_what_was_captured_and_comes_again_later_rolls_nothing_back(enrolled: Enrolled, rows: Rows) -> None:
    sensor = SyntheticSensor(1, containers=2)
    asking = await enrolled(sensor.host)
    sent = [sensor.document() for _ in range(4)]
    sensor.restart()
    sent += [sensor.document() for _ in range(2)]
    for content in sent:
        assert (await asking.post(PATH, content=content)).json() == TAKEN
    stands = "SELECT kind, key, ended, last_seen FROM asset_fact ORDER BY 1, 2"
    before = rows(stands), counted(rows)
    for content in random.Random(1).sample(sent, k=len(sent)):
        assert (await asking.post(PATH, content=content)).json() == TAKEN | {"taken": False}
    assert (rows(stands), counted(rows)) == before


async def test_a_credential_brings_its_own_reporters_facts_alone(enrolled: Enrolled, rows: Rows) -> None:
    mine, other = SyntheticSensor(1, containers=1), SyntheticSensor(2, containers=1)
    asking = await enrolled(mine.host)
    await enrolled(other.host)
    refused = await asking.post(PATH, content=other.document())
    assert refused.status_code == 403
    assert rows("SELECT count(*) FROM asset_fact") == [(0,)]
    assert rows("SELECT max(sequence) FROM reporter") == [(-1,)]
    assert (await asking.post(PATH, content=mine.document())).json() == TAKEN


async def test_nobody_else_brings_facts(anonymous: httpx.AsyncClient, as_token: As, as_role: As, rows: Rows) -> None:
    content = SyntheticSensor(1, containers=1).document()
    assert (await anonymous.post(PATH, content=content)).status_code == 401
    for asking in (await as_token({Permission.SCANS_WRITE}), await as_role("admin")):
        assert (await asking.post(PATH, content=content)).status_code == 403
    service = await as_token({Permission.FACTS_WRITE})
    assert (await service.post(PATH, content=content)).status_code == 403
    assert rows("SELECT count(*) FROM asset_fact") == [(0,)]


async def test_a_credential_of_facts_reads_nothing(enrolled: Enrolled) -> None:
    asking = await enrolled("h")
    assert (await asking.get("/api/v1/tokens")).status_code == 403


GOOD = SyntheticSensor(1, containers=1).document()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"null",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"schema": "rightshift/facts/99"}',
        b'{"schema": "rightshift/facts/1"}',
        GOOD.replace(b'"sequence":1', b'"sequence":-1'),
        GOOD.replace(b'"sequence":1', b'"sequence":1e400'),
        GOOD.replace(b'"sequence":1', b'"sequence":' + b"9" * 5_000),
        GOOD.replace(b'"name":"sshd"', b'"name":"\\u0000"'),
        GOOD.replace(b'"name":"sshd"', b'"name":"\\ud800"'),
        GOOD.replace(b'"address":"0.0.0.0"', b'"address":"0.0.0.0/0"'),
        GOOD.replace(b'"kind":"host"', b'"kind":"host","kind":"host"'),
        GOOD[:-1],
        GOOD + b"{}",
    ],
    ids=range(16),
)
async def test_what_is_no_document_is_refused_with_a_reason(enrolled: Enrolled, rows: Rows, content: bytes) -> None:
    assert content != GOOD
    asking = await enrolled(SyntheticSensor(1).host)
    answer = await asking.post(PATH, content=content)
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert rows("SELECT count(*) FROM asset_fact") == [(0,)]
    assert (await asking.post(PATH, content=GOOD)).json() == TAKEN


async def test_what_was_damaged_on_the_way_is_never_our_fault(enrolled: Enrolled) -> None:
    sensor, chance = SyntheticSensor(1, containers=1), random.Random(7)
    asking = await enrolled(sensor.host)
    statuses = set()
    for _ in range(80):  # below what one caller may send at once
        damaged = bytearray(GOOD)
        for _ in range(chance.randrange(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        statuses.add((await asking.post(PATH, content=bytes(damaged))).status_code)
    assert statuses <= {200, 400, 403}
    assert 400 in statuses


async def test_what_is_too_large_is_refused(enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = await enrolled(SyntheticSensor(1).host)
    monkeypatch.setattr(ingest, "FACTS", Limits(sent=1_000, unpacked=5_000))
    assert (await asking.post(PATH, content=bytes(2_000))).status_code == 413
    bomb = gzip.compress(bytes(100_000))
    assert (await asking.post(PATH, content=bomb, headers={"Content-Encoding": "gzip"})).status_code == 413
    assert (await asking.post(PATH, content=b"x", headers={"Content-Encoding": "br"})).status_code == 415
