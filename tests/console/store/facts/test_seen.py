"""What a sensor told stands in the database as it told it: once, in order, and what is gone is gone."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from rightshift.console.ingest import facts
from rightshift.console.ingest.facts import Answer, NotTheirs
from rightshift.console.store import identities
from rightshift.console.store.facts import seen
from rightshift.console.store.pool import Pool
from rightshift.documents import facts as documents
from rightshift.documents.assets import Container, Host, Process
from rightshift.documents.facts import FactsDocument, Gap
from rightshift.documents.seen import Connection, End, File, Listener, Relation, Use
from tests.console.facts_client import START_MS, SyntheticSensor

NOW = datetime.fromtimestamp(START_MS / 1000, UTC) + timedelta(days=1)
Rows = Callable[..., list[tuple[object, ...]]]


async def enrol(pool: Pool, key: str, kind: str = "sensor") -> int:
    async with pool.connection() as connection:
        return await identities.add_reporter(connection, key, kind, key)


async def take(pool: Pool, reporter: int, content: bytes | FactsDocument, now: datetime = NOW) -> Answer:
    document = facts.decode(content) if isinstance(content, bytes) else content
    async with pool.connection() as connection:
        return await facts.keep(connection, reporter, facts.prepare(document, now), now)


def known(rows: Rows) -> set[object]:
    """Ids as the sensor writes them."""
    found = rows(
        "SELECT kind || ':' || regexp_replace(key, '^.*/', '') FROM asset_fact"
        " WHERE ended IS NULL AND kind IN ('host', 'container', 'process')"
    )
    return {id for (id,) in found}


def listening(rows: Rows) -> set[tuple[object, ...]]:
    return set(
        rows(
            "SELECT kind || ':' || regexp_replace(key, '^.*/', ''), protocol, address, port FROM listener_fact"
            " WHERE ended IS NULL"
        )
    )


def said(sequence: int = 1, kind: str = "full", **lists: Any) -> FactsDocument:
    """A small document of the host `h`."""
    fields: dict[str, Any] = {
        "reporter": "h",
        "epoch": "e",
        "sequence": sequence,
        "kind": kind,
        "tool": documents.Tool("test", "1"),
        "boot": "b",
        "clock_ms": START_MS + sequence * 1000,
        "from_ms": START_MS + sequence * 1000 - 1000,
        "to_ms": START_MS + sequence * 1000,
    }
    return FactsDocument(**(fields | lists))


HOST = Host(key="h", name="web")
CONTAINER = Container(key="c", parent="host:h", name="nginx")
PROCESS = Process(key="7-1", parent="container:c", name="nginx", started_by="1-1")
LISTENER = Listener(of="process:7-1", protocol="tcp", address="0.0.0.0", port=80, how="events", first_ms=START_MS)
CONNECTION = Connection(
    of="process:7-1",
    protocol="tcp",
    direction="in",
    local="10.0.0.1",
    remote="10.0.0.2",
    port=80,
    how="events",
    first_ms=START_MS,
    last_ms=START_MS + 500,
    count=3,
    sent_bytes=100,
)
INSTANCE = Relation(kind="instance-of", from_="container:c", to="image:sha256:1", how="snapshot")
ALL: dict[str, Any] = {
    "assets": (HOST, CONTAINER, PROCESS),
    "listeners": (LISTENER,),
    "connections": (CONNECTION,),
    "relations": (INSTANCE,),
    "files": (File("/usr/sbin/nginx", 45, (1 << 64) - 1),),
    "uses": (Use(of="process:7-1", level="executing", how="mapping", files=(0, 0), first_ms=1, last_ms=2),),
}


async def test_what_a_sensor_knows_the_console_knows(pool: Pool, rows: Rows) -> None:
    sensor = SyntheticSensor(5, containers=4)
    reporter = await enrol(pool, sensor.host)
    for at in range(40):
        answer = await take(pool, reporter, sensor.document("full" if at == 25 else None))
        assert answer == Answer(taken=True)
        assert known(rows) == sensor.reported()
        assert listening(rows) == sensor.listening()


async def test_after_a_gap_a_full_document_is_asked_for_and_puts_everything_right(pool: Pool, rows: Rows) -> None:
    sensor = SyntheticSensor(6, containers=4)
    reporter = await enrol(pool, sensor.host)
    await take(pool, reporter, sensor.document())
    for _ in range(20):
        sensor.lose()
    assert await take(pool, reporter, sensor.document()) == Answer(taken=True, want="full")
    assert await take(pool, reporter, sensor.document()) == Answer(taken=True, want="full")
    assert known(rows) != sensor.reported()
    assert await take(pool, reporter, sensor.document("full")) == Answer(taken=True)
    assert known(rows) == sensor.reported()
    assert listening(rows) == sensor.listening()


async def test_a_document_counts_once_and_an_older_one_takes_nothing_back(pool: Pool, rows: Rows) -> None:
    sensor = SyntheticSensor(7, containers=2)
    reporter = await enrol(pool, sensor.host)
    sent = [sensor.document() for _ in range(4)]
    sensor.restart()
    sent += [sensor.document() for _ in range(2)]
    everything = "SELECT (SELECT sum(count) FROM connection_fact), (SELECT sum(sent_bytes) FROM connection_fact)"
    for content in sent:
        assert (await take(pool, reporter, content)).taken
    before, counted, marks = known(rows), rows(everything), rows("SELECT count(*) FROM dirty")
    for content in [*sent, *reversed(sent)]:
        assert await take(pool, reporter, content, NOW + timedelta(days=1)) == Answer(taken=False)
    assert (known(rows), rows(everything), rows("SELECT count(*) FROM dirty")) == (before, counted, marks)
    whole = sum(one.count for content in sent for one in facts.decode(content).connections)
    assert rows("SELECT sum(count) FROM connection_fact") == [(whole,)]


async def test_a_delta_as_the_first_of_an_epoch_lets_a_full_one_be_asked_for(pool: Pool) -> None:
    reporter = await enrol(pool, "h")
    assert (await take(pool, reporter, said(1, "delta", assets=(HOST,)))).want == "full"
    assert (await take(pool, reporter, said(2, "full", assets=(HOST,)))).want is None
    assert (await take(pool, reporter, said(1, "delta", epoch="f"))).want == "full"


async def test_everything_stands_there_as_it_was_seen(pool: Pool, rows: Rows) -> None:
    reporter = await enrol(pool, "h")
    await take(pool, reporter, said(**ALL, probes=(documents.Probe(name="flows", state="events"),)))
    assert rows("SELECT kind, key, parent_kind, parent_key, attributes FROM asset_fact ORDER BY kind") == [
        ("container", "c", "host", "h", {"name": "nginx"}),
        ("host", "h", None, None, {"name": "web"}),
        ("process", "h/b/7-1", "container", "c", {"name": "nginx", "started_by": "h/b/1-1"}),
    ]
    assert rows("SELECT from_key, to_kind, to_key, port FROM relation_fact") == [("c", "image", "sha256:1", 0)]
    assert rows("SELECT key, address, port FROM listener_fact") == [("h/b/7-1", "0.0.0.0", 80)]
    assert rows("SELECT key, remote, count, sent_bytes FROM connection_fact") == [("h/b/7-1", "10.0.0.2", 3, 100)]
    assert rows("SELECT key, path, inode FROM use_fact") == [("h/b/7-1", "/usr/sbin/nginx", (1 << 64) - 1)]
    assert rows("SELECT epoch, sequence, boot, mark, wants_full, probes -> 0 ->> 'name' FROM reporter") == [
        ("e", 1, "b", 1, False, "flows")
    ]


async def test_only_what_is_other_than_before_is_marked(pool: Pool, rows: Rows) -> None:
    def marked() -> list[tuple[object, ...]]:
        return rows("DELETE FROM dirty RETURNING kind, key")

    reporter = await enrol(pool, "h")
    await take(pool, reporter, said(1, **ALL))
    assert set(marked()) == {("host", "h"), ("container", "c"), ("image", "sha256:1")}
    await take(pool, reporter, said(2, **ALL))
    assert marked() == []
    assert rows("SELECT count FROM connection_fact") == [(6,)]
    renamed = replace(CONTAINER, name="web")
    await take(pool, reporter, said(3, "delta", assets=(renamed,)))
    assert marked() == [("container", "c")]
    await take(pool, reporter, said(4, "delta", connections=(replace(CONNECTION, remote="10.0.0.9"),)))
    assert marked() == [("container", "c")]
    await take(pool, reporter, said(5, "delta", ends=(End("process:7-1", START_MS + 5000),)))
    assert marked() == [("container", "c")]


async def test_an_asset_learns_once_a_day_with_whom_it_still_speaks(pool: Pool, rows: Rows) -> None:
    reporter, day = await enrol(pool, "h"), 86_400_000
    await take(pool, reporter, said(1, **ALL))
    for sequence, later_ms, other in (
        (2, 60_000, {}),
        (3, day, {}),
        (4, day + 60_000, {}),
        (5, day, {"name": "a.example"}),
    ):
        rows("DELETE FROM dirty")
        now_ms = START_MS + later_ms
        again = replace(CONNECTION, last_ms=now_ms, **other)
        delta = replace(said(sequence, "delta", connections=(again,)), clock_ms=now_ms, to_ms=now_ms)
        await take(pool, reporter, delta, NOW + timedelta(days=2))
        marked = rows("SELECT kind, key FROM dirty")
        assert marked == ([("container", "c")] if sequence in (3, 5) else [])
    assert rows("SELECT count, name FROM connection_fact") == [(15, "a.example")]


async def test_counts_stop_before_they_overflow(pool: Pool, rows: Rows) -> None:
    reporter = await enrol(pool, "h")
    most = (1 << 53) - 1
    huge = replace(CONNECTION, count=most, failed=most, sent_bytes=most, received_bytes=most)
    dropped = (documents.Dropped(what="uses", count=most),)
    for sequence in range(1, 4):
        assert (await take(pool, reporter, said(sequence, connections=(huge,), dropped=dropped))).taken
    assert rows("SELECT count, failed, sent_bytes FROM connection_fact") == [(seen.MOST, seen.MOST, seen.MOST_BYTES)]
    assert rows("SELECT dropped FROM reporter") == [(seen.MOST,)]


async def test_what_a_full_document_could_not_read_stays_unread_until_the_next(pool: Pool, rows: Rows) -> None:
    reporter = await enrol(pool, "h")
    one, other = Gap(what="one", reason="x"), Gap(what="other", reason="x")
    for sequence, kind, gaps, known in (
        (1, "full", (one,), {"one"}),
        (2, "delta", (), {"one"}),
        (3, "delta", (other, one), {"one", "other"}),
        (4, "full", (), set()),
    ):
        await take(pool, reporter, said(sequence, kind, gaps=gaps))
        assert {gap for (gap,) in rows("SELECT jsonb_array_elements(gaps) ->> 'what' FROM reporter")} == known


async def test_many_nested_ends_and_gaps_take_no_longer_than_few(pool: Pool, rows: Rows) -> None:
    reporter, deep = await enrol(pool, "h"), 3_000
    chain = tuple(Container(key=str(at), parent=f"container:{at - 1}" if at else None) for at in range(deep))
    gaps = tuple(Gap(what="x", reason="y", kinds=("pod", "process"), below=one.id) for one in chain)
    await take(pool, reporter, said(1, assets=chain))
    await take(pool, reporter, said(2, "full", assets=chain, gaps=gaps))
    ends = tuple(End(one.id, START_MS + at) for at, one in enumerate(chain))
    assert (await take(pool, reporter, said(3, "delta", ends=ends))).taken
    assert rows("SELECT count(*) FROM asset_fact WHERE ended IS NULL") == [(0,)]


async def test_parents_in_a_circle_end_together(pool: Pool, rows: Rows) -> None:
    reporter = await enrol(pool, "h")
    circle = (Container(key="a", parent="container:b"), Container(key="b", parent="container:a"))
    await take(pool, reporter, said(1, assets=circle))
    await take(pool, reporter, said(2, "delta", ends=(End("container:a", START_MS),)))
    assert rows("SELECT count(*) FROM asset_fact WHERE ended IS NULL") == [(0,)]


async def test_what_came_and_went_in_one_window_is_gone(pool: Pool, rows: Rows) -> None:
    reporter = await enrol(pool, "h")
    end = (End("process:7-1", START_MS + 900),)
    await take(pool, reporter, said(1, ends=end, **ALL))
    assert rows("SELECT kind FROM asset_fact WHERE ended IS NOT NULL") == [("process",)]
    assert rows("SELECT count(*) FROM listener_fact WHERE ended IS NULL") == [(0,)]


async def test_more_rows_than_one_statement_takes_are_all_kept(
    pool: Pool, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "ROWS", 3)
    sensor = SyntheticSensor(9, containers=3)
    reporter = await enrol(pool, sensor.host)
    for _ in range(10):
        await take(pool, reporter, sensor.document())
        assert known(rows) == sensor.reported()
        assert listening(rows) == sensor.listening()


async def test_with_an_asset_all_that_lies_in_it_ends(pool: Pool, rows: Rows) -> None:
    reporter = await enrol(pool, "h")
    await take(pool, reporter, said(1, **ALL))
    await take(pool, reporter, said(2, "delta", ends=(End("container:c", START_MS + 1500),)))
    ended = datetime.fromtimestamp(START_MS / 1000 + 1.5, UTC)
    assert rows("SELECT kind, ended FROM asset_fact ORDER BY kind") == [
        ("container", ended),
        ("host", None),
        ("process", ended),
    ]
    assert rows("SELECT ended FROM listener_fact UNION ALL SELECT ended FROM relation_fact") == [(ended,), (ended,)]
    await take(pool, reporter, said(3, "delta", assets=(CONTAINER,)))
    assert rows("SELECT count(*) FROM asset_fact WHERE ended IS NULL") == [(2,)]


@pytest.mark.parametrize(
    ("gaps", "left"),
    [
        ((), {"host"}),
        ((Gap(what="x", reason="y"),), {"host", "container", "process", "listener", "relation"}),
        ((Gap(what="x", reason="y", kinds=("process",)),), {"host", "process", "listener"}),
        ((Gap(what="x", reason="y", below="container:c"),), {"host", "container", "process", "listener", "relation"}),
        ((Gap(what="x", reason="y", below="host:h", kinds=("process",)),), {"host", "process", "listener"}),
        ((Gap(what="x", reason="y", below="container:other"),), {"host"}),
    ],
)
async def test_a_full_document_sweeps_what_no_gap_hides(
    pool: Pool, rows: Rows, gaps: Sequence[Gap], left: set[str]
) -> None:
    reporter = await enrol(pool, "h")
    await take(pool, reporter, said(1, **ALL))
    await take(pool, reporter, said(2, "full", assets=(HOST,), gaps=tuple(gaps)))
    found = rows(
        "SELECT kind FROM asset_fact WHERE ended IS NULL UNION SELECT 'listener' FROM listener_fact WHERE ended IS NULL"
        " UNION SELECT 'relation' FROM relation_fact WHERE ended IS NULL"
    )
    assert {kind for (kind,) in found} == left
    assert rows("SELECT (SELECT count(*) FROM connection_fact), (SELECT count(*) FROM use_fact)") == [(1, 1)]


async def test_each_sweeps_only_what_it_told_of_itself(pool: Pool, rows: Rows) -> None:
    one, other = await enrol(pool, "h"), await enrol(pool, "k", "kubernetes")
    await take(pool, other, replace(said(1, assets=(HOST, CONTAINER)), reporter="k"))
    await take(pool, one, said(1, assets=(HOST, CONTAINER)))
    await take(pool, one, said(2))
    assert rows("SELECT reporter_id, count(*) FROM asset_fact WHERE ended IS NULL GROUP BY 1") == [(other, 2)]


@pytest.mark.parametrize(
    "document",
    [
        replace(said(), reporter="other"),
        said(assets=(Host(key="other"),)),
        said(assets=(replace(CONTAINER, parent="host:other"),)),
        said(connections=(replace(CONNECTION, of="host:other"),)),
        said(ends=(End("host:other", 0),)),
        said(relations=(replace(INSTANCE, kind="runs-on", to="host:other"),)),
    ],
    ids=range(6),
)
async def test_a_sensor_tells_of_its_own_host_alone(pool: Pool, rows: Rows, document: FactsDocument) -> None:
    reporter = await enrol(pool, "h")
    with pytest.raises(NotTheirs):
        await take(pool, reporter, document)
    assert rows("SELECT count(*) FROM asset_fact") == [(0,)]
    assert rows("SELECT sequence FROM reporter") == [(-1,)]


async def test_one_machine_id_with_two_sensors_stays_with_each(pool: Pool, rows: Rows) -> None:
    first, second = await enrol(pool, "h"), await enrol(pool, "i")
    await take(pool, first, said(assets=(Host(key="h", machine_id="m"),)))
    await take(pool, second, replace(said(assets=(Host(key="i", machine_id="m"),)), reporter="i"))
    assert rows("SELECT key FROM asset_fact WHERE ended IS NULL ORDER BY key") == [("h",), ("i",)]


@pytest.mark.parametrize("ahead_s", [86_400, -86_400, 0])
async def test_a_wrong_clock_makes_nothing_that_is_still_to_come(pool: Pool, rows: Rows, ahead_s: int) -> None:
    reporter, now = await enrol(pool, "h"), datetime.fromtimestamp(START_MS / 1000 + 1, UTC)
    shift = ahead_s * 1000
    document = replace(
        said(**ALL), clock_ms=START_MS + 1000 + shift, from_ms=START_MS + shift, to_ms=START_MS + 1000 + shift
    )
    await take(pool, reporter, document, now)
    assert rows("SELECT skew_ms FROM reporter") == [(shift,)]
    times = "SELECT max(last_seen), bool_and(first_seen <= last_seen) FROM "
    for table in ("asset_fact", "connection_fact", "use_fact", "relation_fact"):
        ((last, ordered),) = rows(times + table)
        assert (ordered, last <= now) == (True, True)  # type: ignore[operator]


async def test_a_path_that_is_too_long_is_passed_over_and_said(pool: Pool, rows: Rows) -> None:
    reporter = await enrol(pool, "h")
    lists = ALL | {"files": (File("/" + "\u00e9" * 2_000),)}
    assert (await take(pool, reporter, said(**lists))).taken
    assert rows("SELECT (SELECT count(*) FROM use_fact), gaps -> 0 ->> 'what' FROM reporter") == [
        (0, "1 files were passed over")
    ]


async def test_what_the_database_does_not_take_is_refused_and_stops_nobody(pool: Pool, rows: Rows) -> None:
    import random

    reporter, chance = await enrol(pool, "h"), random.Random(1)
    long = "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(1_000))
    with pytest.raises(facts.RefusedFacts):
        await take(pool, reporter, said(assets=(Container(key=long, parent="host:h"),)))
    assert rows("SELECT count(*) FROM asset_fact") == [(0,)]
    assert (await take(pool, reporter, said(**ALL))).taken


async def test_text_that_means_something_elsewhere_is_only_text(pool: Pool, rows: Rows) -> None:
    reporter = await enrol(pool, "h")
    hostile = "'; DROP TABLE asset_fact; -- %s %(a)s \\ \" \x7f \u202e"
    await take(pool, reporter, said(assets=(Host(key="h", name=hostile, tags={hostile: hostile}),)))
    assert rows("SELECT attributes ->> 'name', attributes -> 'tags' FROM asset_fact") == [(hostile, {hostile: hostile})]
