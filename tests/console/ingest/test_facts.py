"""What is kept of a facts document: under which keys, at which times, and what a full one does not prove gone."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rightshift.console.ingest import facts
from rightshift.console.store.facts import seen
from rightshift.console.store.facts.seen import Place, Sweep
from rightshift.documents import facts as documents
from rightshift.documents.assets import Container, Host, Process
from rightshift.documents.facts import Dropped, FactsDocument, Gap
from rightshift.documents.seen import Connection, End, File, Listener, Relation, Use
from rightshift.errors import Malformed
from tests.console.facts_client import SyntheticSensor

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
BEGUN = datetime(1970, 1, 1, tzinfo=UTC)
CONNECTION = Connection(
    of="process:7-1",
    protocol="tcp",
    direction="out",
    local="10.0.0.1",
    remote="10.0.0.2",
    port=443,
    how="events",
    first_ms=NOW_MS - 900,
    last_ms=NOW_MS - 100,
    count=3,
    failed=1,
    sent_bytes=10,
    received_bytes=20,
)
_ms = st.one_of(st.sampled_from([0, 1, NOW_MS]), st.integers(0, 253_402_300_799_999))


def said(**lists: Any) -> FactsDocument:
    """Of the host `h` in its boot `b`."""
    fields: dict[str, Any] = {
        "reporter": "h",
        "epoch": "e",
        "sequence": 1,
        "kind": "full",
        "tool": documents.Tool("test", "1"),
        "boot": "b",
        "clock_ms": NOW_MS,
        "from_ms": NOW_MS - 1000,
        "to_ms": NOW_MS,
    }
    return FactsDocument(**(fields | lists))


def test_processes_are_known_by_their_host_and_its_boot_wherever_they_are_named() -> None:
    process = Process(key="7-1", parent="host:h", started_by="1-1")
    document = said(
        assets=(process, Container(key="c", parent="process:7-1")),
        relations=(Relation(kind="part-of", from_="process:7-1", to="process:8-1", how="snapshot"),),
        listeners=(Listener(of="process:7-1", protocol="tcp", address="::", port=80, how="events"),),
        connections=(CONNECTION,),
        files=(File("/bin/x"),),
        uses=(Use(of="process:7-1", level="executing", how="exec", files=(0,), first_ms=1, last_ms=1),),
        ends=(End("process:7-1", 1),),
        gaps=(Gap(what="x", reason="y", kinds=("process",), below="process:7-1"),),
    )
    prepared = facts.prepare(document, NOW)
    first, second = prepared.rows.assets
    assert (first.key, first.parent_key, second.parent_key) == ("h/b/7-1", "h", "h/b/7-1")
    assert msgspec.json.decode(first.attributes) == {"started_by": "h/b/1-1"}
    (relation,) = prepared.rows.relations
    assert (relation.from_key, relation.to_key) == ("h/b/7-1", "h/b/8-1")
    rows = prepared.rows
    keys = {one.key for one in rows.listeners} | {one.key for one in rows.connections}
    assert keys | {one.key for one in rows.uses} | {one.key for one in rows.ends} == {"h/b/7-1"}
    assert prepared.window.sweep == Sweep(places=(Place("process", "process", "h/b/7-1"),))


def test_an_unknown_time_is_the_end_of_the_window() -> None:
    relation = Relation(kind="instance-of", from_="container:c", to="image:i", how="snapshot")
    (row,) = facts.prepare(said(relations=(relation,)), NOW + timedelta(hours=1)).rows.relations
    assert (row.first_seen, row.last_seen, row.ended) == (NOW, NOW, None)


def test_a_clock_that_is_ahead_is_put_back_and_one_that_is_behind_is_believed() -> None:
    def last(clock: datetime) -> datetime:
        ms = int(clock.timestamp() * 1000)
        seen_at = replace(CONNECTION, first_ms=ms - 9_000, last_ms=ms - 5_000)
        document = said(clock_ms=ms, to_ms=ms, connections=(seen_at,))
        return facts.prepare(document, NOW).rows.connections[0].last_seen

    assert last(NOW + timedelta(days=1)) == NOW - timedelta(seconds=5)
    assert last(NOW - timedelta(days=1)) == NOW - timedelta(days=1, seconds=5)


@given(_ms, _ms, _ms, _ms, _ms)
def test_whatever_the_clock_says_nothing_is_still_to_come_or_ends_before_it_began(
    clock: int, end: int, first: int, last: int, ended: int
) -> None:
    document = said(
        clock_ms=clock,
        from_ms=0,
        to_ms=end,
        connections=(replace(CONNECTION, first_ms=first, last_ms=last),),
        relations=(
            Relation(
                kind="part-of",
                from_="pod:p",
                to="namespace:n",
                how="declared",
                first_ms=first,
                last_ms=last,
                ended_ms=ended,
            ),
        ),
        listeners=(
            Listener(of="pod:p", protocol="tcp", address="::", port=1, how="events", first_ms=first, ended_ms=ended),
        ),
        files=(File("/bin/x"),),
        uses=(Use(of="pod:p", level="ran", how="exec", files=(0,), first_ms=first, last_ms=last),),
        ends=(End("pod:p", ended),),
    )
    rows = facts.prepare(document, NOW).rows
    spans = [(one.first_seen, one.last_seen) for one in rows.connections]
    spans += [(one.first_seen, one.last_seen) for one in rows.relations]
    spans += [(one.first_seen, one.last_seen) for one in rows.uses]
    endings = [(one.first_seen, one.ended) for one in rows.listeners]
    endings += [(one.first_seen, one.ended) for one in rows.relations]
    assert all((at is None) is (ended == 0) for _, at in endings)
    for begun, over in (*spans, *((begun, at or NOW) for begun, at in endings)):
        assert BEGUN <= begun <= over <= NOW
    assert BEGUN <= rows.ends[0].at <= NOW


@pytest.mark.parametrize("how", ["snapshot", "sampled", "time_wait", "conntrack", "declared"])
def test_only_events_are_counted(how: Any) -> None:
    rows = facts.prepare(said(connections=(CONNECTION, replace(CONNECTION, how=how, port=80))), NOW).rows
    counted = [(one.count, one.failed, one.sent_bytes, one.received_bytes) for one in rows.connections]
    assert counted == [(3, 1, 10, 20), (0, 0, 0, 0)]


def test_a_file_stands_once_for_whoever_uses_it_in_one_way() -> None:
    ran = Use(of="container:c", level="ran", how="exec", files=(0, 0, 1), first_ms=NOW_MS - 5, last_ms=NOW_MS, count=2)
    files = (File("/bin/x", 1, 2), File("/bin/x", 1, 2))
    again = replace(ran, first_ms=NOW_MS - 9, count=3)
    rows = facts.prepare(said(files=files, uses=(ran, again, replace(ran, level="opened"))), NOW).rows
    assert [(one.level, one.path, one.count) for one in rows.uses] == [("ran", "/bin/x", 5), ("opened", "/bin/x", 2)]
    assert rows.uses[0].first_seen == NOW - timedelta(milliseconds=9)


@pytest.mark.parametrize(
    ("gaps", "sweep"),
    [
        ((), Sweep()),
        (({},), None),
        (({"kinds": ("pod", "process")}, {"kinds": ("pod",)}), Sweep(kinds=("pod", "process"))),
        (({"below": "host:h"},), Sweep(places=(Place("", "host", "h"),))),
        (({"below": "host:h", "kinds": ("pod",)},), Sweep(places=(Place("pod", "host", "h"),))),
        (({"kinds": ("pod",)}, {}), None),
        (({"kinds": ("of-a-newer-version",)},), Sweep()),
        (({"below": "host:h", "kinds": ("of-a-newer-version",)},), Sweep()),
    ],
)
def test_what_a_gap_hides_is_not_swept(gaps: tuple[dict[str, Any], ...], sweep: Sweep | None) -> None:
    said_gaps = tuple(Gap(what="something", reason="not allowed", **one) for one in gaps)
    assert facts.prepare(said(gaps=said_gaps), NOW).window.sweep == sweep


def test_a_delta_sweeps_nothing() -> None:
    assert facts.prepare(said(kind="delta"), NOW).window.sweep is None


def test_what_was_dropped_is_added_up_and_bounded() -> None:
    dropped = (Dropped(what="documents", count=2), Dropped(what="uses", count=40))
    assert facts.prepare(said(dropped=dropped), NOW).window.dropped == 42
    much = (Dropped(what="uses", count=1 << 53),) * 100
    assert facts.prepare(said(dropped=much), NOW).window.dropped == seen.MOST


def test_all_hosts_that_it_speaks_of_are_known() -> None:
    document = said(
        assets=(Host(key="one"), Container(key="c", parent="host:two")),
        ends=(End("host:three", 1),),
        connections=(replace(CONNECTION, of="host:four"),),
    )
    assert facts.prepare(document, NOW).hosts == {"one", "two", "three", "four"}


_WRITTEN = SyntheticSensor(1, containers=2).document()


@given(st.data())
def test_what_is_damaged_on_the_way_is_refused_or_prepared(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(_WRITTEN) - 1))
    length = data.draw(st.integers(0, 20))
    damaged = _WRITTEN[:at] + data.draw(st.binary(max_size=8)) + _WRITTEN[at + length :]
    with suppress(Malformed):
        prepared = facts.prepare(facts.decode(damaged), NOW)
        assert prepared.window.seen <= NOW
