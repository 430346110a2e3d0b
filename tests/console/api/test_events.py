"""What happened is listed, and told while it happens: in order, none lost, nothing to who may not know of it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from rightshift.config import Config
from rightshift.console import app, serve
from rightshift.console import live as lives
from rightshift.console.api import events
from rightshift.console.auth.permission import Permission
from rightshift.console.live import Live
from rightshift.console.store.events import KINDS
from rightshift.console.store.pool import Pool
from tests.console.api.conftest import As, Clock
from tests.console.api.hearing import hearing
from tests.console.api.walking import walk

ROOT = Path(__file__).parents[3]
READS = {Permission.FINDINGS_READ}
Rows = Callable[..., list[tuple[object, ...]]]


@dataclass(frozen=True)
class Served:
    port: int
    live: Live


@pytest.fixture
async def served(pool: Pool, database: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Served]:
    """The application on a socket: what is held open can't be asked in memory."""
    live = Live(pool, database)
    made = app.create(pool, Config(home=tmp_path, offline=True), live, now=clock)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = serve.server(made, fd=listening.fileno(), stopping=live.stop)
        task = asyncio.create_task(server._serve([listening]))
        await live.begun.wait()
        yield Served(listening.getsockname()[1], live)
        server.handle_exit(15, None)
        await task


@pytest.fixture
def team(rows: Rows) -> UUID:
    """Hosts `a` and `b`; `b` is this team's."""
    found = rows("""
        INSERT INTO team (name) VALUES ('shop');
        INSERT INTO asset (kind, key, name, first_seen, last_seen)
        SELECT 'host', key, key, now(), now() FROM unnest(ARRAY['a', 'b']) key;
        INSERT INTO asset_team SELECT a.id, t.id FROM asset a, team t WHERE a.key = 'b';
    """)
    assert not found
    ((id,),) = rows("SELECT id FROM team")
    assert isinstance(id, UUID)
    return id


def happens(rows: Rows, *keys: str, kind: str = "asset.new") -> list[int]:
    """An event of each of these hosts, told of; their numbers."""
    found = rows(
        "INSERT INTO event (kind, asset_id) SELECT %s, a.id FROM unnest(%s::text[]) WITH ORDINALITY g (key, n)"
        " JOIN asset a USING (key) ORDER BY n RETURNING id",
        kind,
        list(keys),
    )
    rows("SELECT pg_notify('events', '')")
    return [int(str(id)) for (id,) in found]


def shown(client: httpx.AsyncClient) -> dict[str, str]:
    """What a client proves itself with."""
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    bearer = client.headers.get("authorization")
    return {"Authorization": bearer} if bearer else {"Cookie": cookies}


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


async def test_what_happens_is_told_as_it_stands_in_the_list(
    served: Served, as_token: As, rows: Rows, team: UUID
) -> None:
    asking = await as_token(READS)
    async with hearing(served.port, shown(asking)) as stream:
        assert stream.status == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        await stream.heard()
        numbers = happens(rows, "a", "b", kind="asset.gone")
        told = await stream.messages(2)
        assert [(one.id, one.kind) for one in told] == [(number, "asset.gone") for number in numbers]
        assert [one.data for one in told[::-1]] == await walk(asking, "/api/v1/events")


async def test_who_comes_back_gets_what_it_missed(served: Served, as_token: As, rows: Rows, team: UUID) -> None:
    asking = shown(await as_token(READS))
    async with hearing(served.port, asking) as stream:
        await stream.heard()
    first = happens(rows, "a", "b", "a")
    for headers, query in (({"Last-Event-ID": stream.last}, "?last_event_id=2"), ({}, f"?last_event_id={stream.last}")):
        async with hearing(served.port, {**asking, **headers}, query) as stream:
            assert [one.id for one in await stream.messages(3)] == first
    second = happens(rows, "b")
    async with hearing(served.port, {**asking, "Last-Event-ID": stream.last}) as stream:
        assert [one.id for one in await stream.messages(1)] == second
        third = happens(rows, "a")
        assert [one.id for one in await stream.messages(1)] == third


async def test_what_was_never_told_begins_anew(served: Served, as_token: As, rows: Rows, team: UUID) -> None:
    asking = shown(await as_token(READS))
    for last in ("999", "nonsense", str(2**63), "-1", "9" * 400, "٣"):
        (number,) = happens(rows, "a")
        await until(lambda number=number: served.live.last == number)  # type: ignore[misc]  # bound at once
        async with hearing(served.port, {**asking, "Last-Event-ID": last}) as stream:
            (reset,) = await stream.messages(1)
            assert (reset.id, reset.kind, reset.data) == (number, "reset", {"why": "missed"}), last
            later = happens(rows, "b")
            assert [one.id for one in await stream.messages(1)] == later


async def test_more_than_is_told_again_or_what_was_deleted_begins_anew(
    served: Served, as_token: As, rows: Rows, team: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MISSED", 3)
    asking = shown(await as_token(READS))
    happens(rows, *"abab")
    async with hearing(served.port, {**asking, "Last-Event-ID": "1"}) as stream:
        assert [one.id for one in await stream.messages(3)] == [2, 3, 4]
    async with hearing(served.port, {**asking, "Last-Event-ID": "0"}) as stream:
        assert [one.kind for one in await stream.messages(1)] == ["reset"]
    rows("DELETE FROM event WHERE id < 4")
    async with hearing(served.port, {**asking, "Last-Event-ID": "2"}) as stream:
        assert [one.kind for one in await stream.messages(1)] == ["reset"]
    async with hearing(served.port, {**asking, "Last-Event-ID": "3"}) as stream:
        assert [one.id for one in await stream.messages(1)] == [4]


@pytest.mark.check("Z03")
async def test_nothing_of_another_team_is_told_then_or_later(
    served: Served, as_token: As, rows: Rows, team: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "KEEP_ALIVE_S", 0.05)
    theirs, nobodys = await as_token(READS, frozenset({team})), await as_token(READS, frozenset())
    async with hearing(served.port, shown(theirs)) as stream, hearing(served.port, shown(nobodys)) as none:
        await stream.heard()
        await none.heard()
        numbers = happens(rows, *"aabaab")
        assert [one.id for one in await stream.messages(2)] == [numbers[2], numbers[5]]
        happens(rows, "a")
        await until(lambda: served.live.last == 7)
        # not even how much happened elsewhere
        assert await stream.heard(len(stream.quiet) + 2) == ":"
        assert await none.heard(len(none.quiet) + 2) == ":"
        assert (stream.last, none.last) == (str(numbers[5]), "0")
    async with hearing(served.port, {**shown(theirs), "Last-Event-ID": "0"}) as stream:
        assert [one.id for one in await stream.messages(2)] == [numbers[2], numbers[5]]
    async with hearing(served.port, {**shown(nobodys), "Last-Event-ID": "0"}) as none:
        await none.heard(3)
        assert none.last == "0"


async def test_a_quiet_stream_is_kept_open_and_stays_near(
    served: Served, as_token: As, rows: Rows, team: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "KEEP_ALIVE_S", 0.05)
    async with hearing(served.port, shown(await as_token(READS)), "?kind=match.new") as stream:
        await stream.heard(3)
        happens(rows, "a")
        await until(lambda: served.live.last == 1)
        await stream.heard(len(stream.quiet) + 2)
        assert stream.last == "1"


async def test_a_stream_has_the_filters_of_the_list(served: Served, as_token: As, rows: Rows, team: UUID) -> None:
    asking = await as_token(READS)
    rows("""
        INSERT INTO package (ecosystem, name) VALUES ('npm', 'x');
        INSERT INTO package_version (key, package_id, version, purl, matchable)
        VALUES ('k', 1, '1', 'pkg:npm/x@1', true);
        INSERT INTO advisory (name, aliases) VALUES ('CVE-2021-44228', '{GHSA-jfh8-c2jp-5v3q}'), ('CVE-2020-1', '{}');
    """)
    ((asset,),) = rows("SELECT uid FROM asset WHERE key = 'a'")
    queries = ("?kind=asset.gone&kind=match.gone", f"?asset={asset}", "?advisory=ghsa-jfh8-c2jp-5v3q")
    async with AsyncExitStack() as opened:
        streams = [await opened.enter_async_context(hearing(served.port, shown(asking), query)) for query in queries]
        for stream in streams:
            await stream.heard()
        happens(rows, "a", "b")
        happens(rows, "a", "b", kind="asset.gone")
        rows(
            "INSERT INTO event (kind, package_version_id, advisory_id) VALUES ('match.new', 1, 2), ('match.new', 1, 1)"
        )
        rows("SELECT pg_notify('events', '')")
        for stream, query, expected in zip(streams, queries, ([3, 4], [1, 3], [6]), strict=True):
            assert [one.id for one in await stream.messages(len(expected))] == expected
            assert [row["id"] for row in await walk(asking, f"/api/v1/events{query}")] == expected[::-1]
            again = {**shown(asking), "Last-Event-ID": "0"}
            async with hearing(served.port, again, query) as stream:
                assert [one.id for one in await stream.messages(len(expected))] == expected


async def test_a_stream_takes_nothing_that_it_does_not_apply(served: Served, as_token: As) -> None:
    asking = await as_token(READS)
    for query in ("limit=5", "after=x", "since=2026-01-01", "kind=none", "asset=x", "last_event_id=-1", "x=1"):
        async with hearing(served.port, shown(asking), f"?{query}") as stream:
            assert stream.status == 400, query
    answer = await asking.get("/api/v1/events?last_event_id=3")
    assert answer.status_code == 400
    assert "streams" in answer.json()["detail"]


async def test_who_may_not_is_refused(served: Served, as_token: As) -> None:
    async with hearing(served.port, {}) as stream:
        assert stream.status == 401
    async with hearing(served.port, shown(await as_token({Permission.ASSETS_READ}))) as stream:
        assert stream.status == 403
    assert served.live.open == 0


@pytest.mark.check("Z12")
async def test_only_the_consoles_own_page_hears_with_a_session(served: Served, as_role: As) -> None:
    asking = shown(await as_role("viewer"))
    for headers, status in (
        ({}, 200),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "http://sibling.localhost", "Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ):
        async with hearing(served.port, {**asking, **headers}) as stream:
            assert stream.status == status, headers


@pytest.mark.check("Z12")
async def test_a_stream_ends_with_the_right_to_it(
    served: Served, as_role: As, as_token: As, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "CHECK_S", 0.1)
    for revoking, restoring in (
        ("DELETE FROM session", ""),
        ("UPDATE person SET disabled = true", "UPDATE person SET disabled = false"),
        ("""INSERT INTO setting VALUES ('mfa', '{"required": "everybody"}')""", "DELETE FROM setting"),
        ("UPDATE token SET revoked = now()", ""),
        ("UPDATE token SET permissions = '{assets:read}'", ""),
        ("UPDATE token SET expires = created", ""),
    ):
        asking = await (as_token(READS) if "token" in revoking else as_role("viewer"))
        async with hearing(served.port, shown(asking)) as stream:
            await stream.heard()
            rows(revoking)
            assert await stream.message() is None, revoking
            assert stream.whole
        async with hearing(served.port, shown(asking)) as stream:
            assert stream.status in (401, 403)
        if restoring:
            rows(restoring)
    await until(lambda: served.live.open == 0)


@pytest.mark.check("Z12")
async def test_a_stream_ends_when_rights_cannot_be_looked_at(
    served: Served, as_token: As, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "CHECK_S", 0.1)
    async with hearing(served.port, shown(await as_token(READS))) as stream:
        await stream.heard()
        rows("ALTER TABLE token RENAME TO elsewhere")
        assert await stream.message() is None
        rows("ALTER TABLE elsewhere RENAME TO token")


async def test_an_open_page_keeps_no_session_alive(
    served: Served, as_role: As, rows: Rows, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "CHECK_S", 0.05)
    async with hearing(served.port, shown(await as_role("viewer"))) as stream:
        await stream.heard()
        clock.passes(hours=11)
        used = rows("SELECT used FROM session")
        with pytest.raises(TimeoutError):
            await stream.message(timeout_s=0.3)
        assert rows("SELECT used FROM session") == used
        clock.passes(hours=2)
        assert await stream.message() is None


@pytest.mark.check("Z12")
async def test_who_sees_less_by_now_is_told_so_and_sees_less(
    served: Served, as_role: As, rows: Rows, team: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "CHECK_S", 0.1)
    async with hearing(served.port, shown(await as_role("viewer"))) as stream:
        happens(rows, "a")
        assert await stream.message()
        rows("UPDATE person SET everything = false")
        rows("INSERT INTO person_team SELECT p.id, t.id FROM person p, team t")
        told = await stream.message()
        assert told
        assert (told.kind, told.data) == ("reset", {"why": "scope"})
        numbers = happens(rows, "a", "b")
        assert [one.id for one in await stream.messages(1)] == numbers[1:]


async def test_one_caller_and_one_process_have_only_so_many(
    served: Served, as_token: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lives, "OF_ONE", 2)
    monkeypatch.setattr(lives, "STREAMS", 3)
    one, other = shown(await as_token(READS)), shown(await as_token(READS))
    async with AsyncExitStack() as opened:
        for asking in (one, one, other):
            assert (await opened.enter_async_context(hearing(served.port, asking))).status == 200
        for asking in (one, other):
            async with hearing(served.port, asking) as refused:
                assert refused.status == 429
                assert int(refused.headers["retry-after"]) > 0
                assert refused.headers["content-type"] == "application/problem+json"
        assert served.live.open == 3
    await until(lambda: served.live.open == 0)
    async with hearing(served.port, one) as stream:
        assert stream.status == 200


async def test_who_goes_away_leaves_nothing_open(served: Served, as_token: As, rows: Rows, team: UUID) -> None:
    asking = shown(await as_token({*READS, Permission.METRICS_READ}))
    for _ in range(20):
        async with hearing(served.port, asking) as stream:
            await stream.heard()
            happens(rows, "a")
    await until(lambda: served.live.open == 0)
    await until(lambda: not [task for task in asyncio.all_tasks() if "_until_over" in repr(task)])
    async with httpx.AsyncClient(base_url=f"http://localhost:{served.port}", headers=asking) as client:
        counted = (await client.get("/metrics")).text
    assert "rightshift_event_streams 0.0" in counted


async def test_who_reads_too_slowly_is_told_to_begin_anew(served: Served, as_token: As, rows: Rows, team: UUID) -> None:
    async with hearing(served.port, shown(await as_token(READS)), buffer_bytes=1 << 14) as stream:
        await stream.heard()
        rows("""
            INSERT INTO event (kind, asset_id, detail)
            SELECT 'asset.new', 1, jsonb_build_object('text', repeat('x', 30000)) FROM generate_series(1, 1200)
        """)
        rows("SELECT pg_notify('events', '')")
        await until(lambda: served.live.last == 1_200)
        numbers = []
        while (told := await stream.message()) and told.kind != "reset":
            numbers.append(told.id)
        assert numbers == list(range(1, len(numbers) + 1))
        assert told
        assert (told.id, told.data) == (1_200, {"why": "slow"})
        later = happens(rows, "b")
        assert [one.id for one in await stream.messages(1)] == later


@contextmanager
def process(database: str, tmp_path: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The API as a process of its own, as `rightshift up` starts it."""
    environ = {
        **os.environ,
        "RIGHTSHIFT_DATABASE_URL": database,
        "RIGHTSHIFT_HOME": str(tmp_path),
        "RIGHTSHIFT_OFFLINE": "1",
    }
    with socket.create_server(("127.0.0.1", 0), backlog=2_048) as listening, (tmp_path / "log").open("wb") as log:
        words = [sys.executable, "-m", "rightshift.console.app", str(listening.fileno()), "127.0.0.1"]
        started = subprocess.Popen(words, env=environ, pass_fds=[listening.fileno()], stderr=log, cwd=ROOT)
        try:
            yield listening.getsockname()[1], started
        finally:
            started.kill()
            started.wait()


async def test_told_to_stop_the_process_ends_all_streams_and_leaves(
    database: str, tmp_path: Path, as_token: As, rows: Rows, team: UUID
) -> None:
    asking = shown(await as_token(READS))
    with process(database, tmp_path) as (port, started):
        async with AsyncExitStack() as opened:
            streams = [await opened.enter_async_context(hearing(port, asking)) for _ in range(10)]
            deaf = await opened.enter_async_context(hearing(port, asking, buffer_bytes=1 << 14))
            for stream in (*streams, deaf):
                await stream.heard()
            rows("""
                INSERT INTO event (kind, asset_id, detail)
                SELECT 'asset.new', 1, jsonb_build_object('text', repeat('x', 30000)) FROM generate_series(1, 400);
                SELECT pg_notify('events', '')
            """)
            for stream in streams:
                assert [one.id for one in await stream.messages(400)] == list(range(1, 401))
            began = time.monotonic()
            started.send_signal(signal.SIGTERM)
            for stream in streams:
                assert await stream.message() is None
                assert stream.whole
            assert await asyncio.to_thread(started.wait, 10) == -signal.SIGTERM
            print(f"left after {time.monotonic() - began:.2f} s")


@pytest.mark.parametrize(
    ("streams", "number", "pause_s"), [(50, 200, 0.0), pytest.param(200, 400, 0.1, marks=pytest.mark.prove)]
)
async def test_many_streams_get_each_event_once_and_in_order(
    database: str, tmp_path: Path, as_token: As, rows: Rows, team: UUID, streams: int, number: int, pause_s: float
) -> None:
    """Written by four at once, whose transactions end in another order than they began."""
    callers = [shown(await as_token(READS)) for _ in range(-(-streams // lives.OF_ONE))]
    with process(database, tmp_path) as (port, _):
        async with AsyncExitStack() as opened:
            opening = (hearing(port, callers[at % len(callers)]) for at in range(streams))
            hearers = [await opened.enter_async_context(one) for one in opening]
            for hearer in hearers:
                await hearer.heard()
            lags: list[float] = []

            async def hear(at: int) -> list[int]:
                ids = []
                for _ in range(number):
                    told = await hearers[at].message(60)
                    assert told
                    ids.append(told.id)
                    lags.append(time.time() - float(told.data["detail"]["at"]))
                return ids

            heard = [asyncio.create_task(hear(at)) for at in range(streams)]
            await asyncio.gather(*(asyncio.to_thread(_write, database, number // 4, pause_s) for _ in range(4)))
            every = await asyncio.gather(*heard)
            kept = [id for (id,) in rows("SELECT id FROM event ORDER BY id")]
            assert len(kept) == number
            assert all(ids == kept for ids in every)
    lags.sort()
    print(
        f"{streams} streams, {number} events: p50 {lags[len(lags) // 2]:.3f} s, p95 {lags[len(lags) * 95 // 100]:.3f} s"
    )


def _write(database: str, number: int, pause_s: float) -> None:
    import psycopg

    with psycopg.connect(database) as connection:
        for at in range(number):
            connection.execute(
                "INSERT INTO event (kind, asset_id, detail)"
                " VALUES ('asset.new', 1, jsonb_build_object('at', extract(epoch FROM clock_timestamp())::text))"
            )
            connection.execute("SELECT pg_notify('events', '')")
            if at % 7 == 6:
                connection.execute("SELECT pg_sleep(0.002)")
            connection.commit()
            time.sleep(pause_s)


def test_every_kind_that_is_added_is_described() -> None:
    import re

    store = ROOT / "src/rightshift/console"
    text = "".join(file.read_text() for file in sorted(store.rglob("*.py")))
    added = set(re.findall(r'Event\(kind="([^"]+)"', text))
    text = "".join(file.read_text() for file in sorted(store.rglob("*.sql")))
    added |= set(re.findall(r"'((?:match|finding|asset|inventory)\.[a-z]+)'", text))
    assert added == KINDS.keys()
